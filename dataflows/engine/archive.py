"""What is archived of a session run's columns and frames.

A column over the panel is archived as the digest of all its rows and its values as of the run's session, one a
symbol; the whole column can be computed again from the slices. A frame of the snapshot is archived as slices.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import polars as pl

from dataflows.engine.frames import FrameSlicer
from dataflows.engine.plan import NodeKind, Plan
from nodes.vocabulary.canonical import digest, encode
from nodes.vocabulary.units import Segments

SEGMENTS = "segments"
Slices = Mapping[str, Mapping[bytes, bytes]]


@dataclass(frozen=True, eq=False)
class ArchivedColumn:
    """A panel column in a trace: digest of all rows, and the last row of each symbol."""

    column_digest: bytes
    latest: pl.Series


@dataclass(frozen=True)
class ArchivedFrame:
    """A frame of the snapshot in a trace: digests of its slices, in order."""

    slices: tuple[bytes, ...]


def frame_bodies(plan: Plan, values: Mapping[str, Any], slicer: FrameSlicer) -> Slices:
    """Slices of every frame among the plan's inputs, by input and digest."""
    return {
        node.name: slicer.slices(node.name, values[node.name])
        for node in plan.computed
        if node.kind is NodeKind.INPUT and isinstance(values[node.name], pl.DataFrame)
    }


def archived_values(plan: Plan, values: Mapping[str, Any], slices: Slices) -> list[Any]:
    """What is archived of each computed node, in plan order."""
    ends = _ends(plan, values)
    return [_archived(node.name, values[node.name], ends, slices) for node in plan.computed]


def _ends(plan: Plan, values: Mapping[str, Any]) -> list[int] | None:
    """Last row of each symbol in the panel, when the plan knows its segments."""
    segments = values.get(SEGMENTS)
    if isinstance(segments, np.ndarray) and plan.node(SEGMENTS).unit.name == Segments.__name__:
        return [int(end) - 1 for end in segments[1:]]
    return None


def _archived(name: str, value: Any, ends: list[int] | None, slices: Slices) -> Any:  # noqa: ANN401
    if name in slices:
        return ArchivedFrame(tuple(slices[name]))
    if isinstance(value, pl.Series) and ends and value.len() == ends[-1] + 1 and value.len() > len(ends):
        return ArchivedColumn(digest("column", encode(value)), value[ends])
    if isinstance(value, dict) and value and all(isinstance(item, pl.Series) for item in value.values()):
        return {key: _archived(key, item, ends, slices) for key, item in value.items()}
    return value
