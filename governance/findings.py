"""What verification answers with: findings, each with its place and its mend, and how much was covered."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

Progress = Callable[[str, int, int], None]
"""Called with what is being verified, how much is done and how much there is."""


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that is not what it should be.

    Attributes:
        place: which entry, body, tile, checkpoint or row.
        what: what is wrong there.
        mend: what to do about it, in the imperative.
    """

    place: str
    what: str
    mend: str

    def __str__(self) -> str:
        return f"{self.place}: {self.what}; {self.mend}"


@dataclass(frozen=True, slots=True)
class Report:
    """What a verification covered and found.

    Attributes:
        origin: the log's name.
        size: number of entries that the head says.
        root: Merkle root recomputed from the entries, as far as they can be read.
        findings: everything wrong, in the order it was met; empty for an intact log.
        counts: how many entries, bodies, tiles, checkpoints and state rows were verified.
    """

    origin: str
    size: int
    root: bytes
    findings: tuple[Finding, ...]
    counts: dict[str, int] = field(default_factory=dict)

    @property
    def is_intact(self) -> bool:
        """Whether nothing was found."""
        return not self.findings


class Notebook:
    """Findings and counts as they come up."""

    def __init__(self) -> None:
        self.findings: list[Finding] = []
        self.counts: dict[str, int] = {}

    def find(self, place: str, what: str, mend: str) -> None:
        """Write a finding down."""
        self.findings.append(Finding(place, what, mend))

    def count(self, what: str, n_more: int = 1) -> None:
        """Write down that some more were verified."""
        self.counts[what] = self.counts.get(what, 0) + n_more


def bytes_or_none(value: object) -> bytes | None:
    """The value of a column that should hold bytes; None when a corrupted row holds something else."""
    return value if isinstance(value, bytes) else None


def shown(value: object) -> str:
    """A column's value as findings quote it."""
    return value.hex() if isinstance(value, bytes) else repr(value)
