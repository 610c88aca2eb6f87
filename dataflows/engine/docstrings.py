"""Reads the fields of a node's docstring: first line, Formula, Unit, Missing, Source."""

from __future__ import annotations

import inspect
import re
from dataclasses import dataclass

_FIELD = re.compile(r"(?:^|(?<=\. ))(Formula|Unit|Missing|Source):\s*")
"""A field begins a line, or follows the full stop of another."""


@dataclass(frozen=True)
class NodeDoc:
    """What a node says of itself. Fields that the docstring lacks are empty."""

    summary: str = ""
    formula: str = ""
    unit: str = ""
    missing: str = ""
    source: str = ""


def node_doc(docstring: str | None) -> NodeDoc:
    """The fields of a docstring. A field runs until a blank line or the next field."""
    lines = inspect.cleandoc(docstring or "").splitlines()
    found: dict[str, list[str]] = {}
    field: list[str] | None = None
    for line in lines[1:]:
        before, *parts = _FIELD.split(line.strip())
        if field is not None and before:
            field.append(before.strip())
        elif not line.strip():
            field = None
        for name, text in zip(parts[::2], parts[1::2], strict=True):
            field = found.setdefault(name.lower(), [])
            field.append(text.strip())
    return NodeDoc(summary=lines[0] if lines else "", **{name: " ".join(part) for name, part in found.items()})
