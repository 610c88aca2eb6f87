"""Absence as a value: what a node has when it could not be computed, and why.

The engine propagates it; no node ever sees zero in place of a missing value.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Absent:
    """The value of a node that has none.

    Attributes:
        node: the node where the absence began (the first cause), not the one that inherited it.
        reason: why it has no value there, in words.
    """

    node: str
    reason: str

    def __str__(self) -> str:
        return f"absent: {self.reason} (at {self.node})"
