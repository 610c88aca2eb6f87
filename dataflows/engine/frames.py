"""Archives frames of a snapshot as slices of one calendar month, so that a past month is stored once for ever.

A frame with a `session_on` column is cut by its month, a frame of facts by the month in which they became known; any
other is one slice. Its rows must be in the order of its keys (`known_at` and `sequence` of facts; else `symbol` and
`session_on`, those that it has), each key once: the slices then give the frame back exactly.
"""

from __future__ import annotations

from collections.abc import Hashable, Mapping, Sequence
from itertools import pairwise
from typing import NamedTuple

import numpy as np
import polars as pl

from nodes.vocabulary.canonical import decode, digest, encode
from nodes.vocabulary.errors import DataError, LogError

_KEYS = ("symbol", "session_on")
_FACT_KEYS = ("known_at", "sequence")
_CUT_BY = ("session_on", "known_at")
_MONTH = "__month"


class _Slice(NamedTuple):
    """A slice that was encoded: the frame, what of it equality does not tell apart, and what it came to."""

    part: pl.DataFrame
    zeros: bytes
    digest: bytes
    content: bytes


class FrameSlicer:
    """Cuts frames into slices, and encodes a slice that is the same as last time once only."""

    def __init__(self) -> None:
        self._known: dict[tuple[str, Hashable], _Slice] = {}

    def slices(self, name: str, frame: pl.DataFrame) -> dict[bytes, bytes]:
        """Canonical bytes of a frame's slices by digest, in order. Raises DataError on rows out of order or twice."""
        keys = _keys(frame)
        if keys:
            _refuse_disorder(name, frame, keys)
        cut = next((key for key in _CUT_BY if key in keys), None)
        if cut is None or frame.is_empty():
            return dict([self._slice(name, None, frame)])
        month = pl.col(cut).cast(pl.Date).dt.month_start().alias(_MONTH)
        parts = frame.with_columns(month).partition_by(_MONTH, as_dict=True, include_key=False)
        return dict(self._slice(name, key, parts[key]) for key in sorted(parts))

    def _slice(self, name: str, key: Hashable, part: pl.DataFrame) -> tuple[bytes, bytes]:
        known = self._known.get((name, key))
        if known is None or not _is_same(known, part):
            content = encode(part)
            known = _Slice(part, _zeros(part), digest("slice", content), content)
            self._known[name, key] = known
        return known.digest, known.content


def _keys(frame: pl.DataFrame) -> list[str]:
    """The columns that order a frame's rows."""
    if all(key in frame.columns for key in _FACT_KEYS):
        return [*_FACT_KEYS]
    return [key for key in _KEYS if key in frame.columns]


def frame_slices(name: str, frame: pl.DataFrame) -> dict[bytes, bytes]:
    """The slices of one frame, see `FrameSlicer`."""
    return FrameSlicer().slices(name, frame)


def _is_same(known: _Slice, part: pl.DataFrame) -> bool:
    """Whether a frame has the canonical bytes of a slice: equal, and zeros of the same sign."""
    if part.schema != known.part.schema or not part.equals(known.part):
        return False
    return not known.zeros or _zeros(part) == known.zeros


def _zeros(part: pl.DataFrame) -> bytes:
    """The signs of a frame's floats when some of them is zero, else nothing: 0.0 equals -0.0 and has other bytes."""
    floats = [part[name].to_numpy() for name, dtype in part.schema.items() if dtype.is_float()]
    return b"".join(np.signbit(column).tobytes() for column in floats) if any((c == 0).any() for c in floats) else b""


def _refuse_disorder(name: str, frame: pl.DataFrame, keys: list[str]) -> None:
    if _is_ordered(frame, keys):
        return
    rows = frame.select(keys).rows()
    for before, after in pairwise(rows):
        if not before < after:
            kind = "twice" if before == after else "out of order"
            raise DataError(
                f"frame {name} has the row {after} {kind} (after {before}); sort it by {keys} and drop doubles"
            )


def _is_ordered(frame: pl.DataFrame, keys: list[str]) -> bool:
    """Whether each row's keys are greater than those of the row before; False where one is missing."""
    rises = pl.lit(value=False)
    for key in reversed(keys):
        here, before = pl.col(key), pl.col(key).shift(1)
        rises = (here > before) | ((here == before) & rises)
    found = frame.select(rises.slice(1).alias("rises"))["rises"]
    return found.null_count() == 0 and bool(found.all())


def frame_from_slices(digests: Sequence[bytes], bodies: Mapping[bytes, bytes]) -> pl.DataFrame:
    """The frame that was archived. Raises LogError when a slice is missing."""
    missing = [item.hex() for item in digests if item not in bodies]
    if missing:
        raise LogError(f"snapshot slice {missing[0]} is not in the body store; restore it from a copy")
    frame: pl.DataFrame = pl.concat([decode(bodies[item]) for item in digests], rechunk=True)
    keys = _keys(frame)
    return frame.sort(keys) if keys else frame
