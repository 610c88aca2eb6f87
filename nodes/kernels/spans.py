"""Spans: from which bar to which each sample drew the information of its label."""

from __future__ import annotations

from dataclasses import dataclass

from nodes.kernels.arrays import Index


@dataclass(frozen=True)
class Spans:
    """Spans sorted by their starts.

    Attributes:
        starts: index of the first bar that sample i used.
        ends: index of the last one, inclusive.
    """

    starts: Index
    ends: Index
