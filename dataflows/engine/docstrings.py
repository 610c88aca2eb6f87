"""Reads the fields of a node's docstring: first line, Formula, Unit, Missing, Source."""

from __future__ import annotations

import inspect
import re
from dataclasses import dataclass

_FIELD = re.compile(r"^(Formula|Unit|Missing|Source):\s*(.*)$")


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
        match = _FIELD.match(line)
        if match:
            field = found.setdefault(match[1].lower(), [])
            field.append(match[2])
        elif not line.strip():
            field = None
        elif field is not None:
            field.append(line.strip())
    return NodeDoc(summary=lines[0] if lines else "", **{name: " ".join(part) for name, part in found.items()})
