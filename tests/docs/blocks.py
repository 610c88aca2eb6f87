"""Fenced blocks of the documentation, with the file and line they stand on."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

from tests.architecture.code import ROOT

_FENCE = re.compile(r"^```(\S*)$")


@dataclass(frozen=True)
class Block:
    """A fenced block: what its fence calls it, its text, and where it begins."""

    kind: str
    text: str
    path: str
    line: int


def documents() -> tuple[Path, ...]:
    """Every page of the documentation."""
    return (*sorted(ROOT.glob("*.md")), *sorted((ROOT / "docs").rglob("*.md")))


def blocks(path: Path) -> list[Block]:
    """The fenced blocks of a page, in order."""
    found: list[Block] = []
    lines: list[str] | None = None
    kind, start = "", 0
    for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), start=1):
        fence = _FENCE.match(line)
        if fence and lines is None:
            kind, start, lines = fence[1], number, []
        elif line == "```" and lines is not None:
            found.append(Block(kind, "\n".join(lines), path.relative_to(ROOT).as_posix(), start))
            lines = None
        elif lines is not None:
            lines.append(line)
    return found
