"""Snapshots are archived by month, exactly, and only when their rows are in order."""

from __future__ import annotations

import polars as pl
import pytest

from dataflows.engine.frames import FrameSlicer, frame_from_slices, frame_slices
from nodes.vocabulary.canonical import encode
from nodes.vocabulary.errors import DataError, LogError
from tests.dataflows.engine import tiny


def test_slices_give_the_frame_back() -> None:
    slices = frame_slices("panel", tiny.panel())
    assert len(slices) == 2
    assert encode(frame_from_slices(tuple(slices), slices)) == encode(tiny.panel())


def test_a_past_month_is_the_same_slice_however_far_the_frame_reaches() -> None:
    january = tiny.panel().filter(pl.col("session_on") < pl.date(2020, 2, 1))
    assert list(frame_slices("panel", january)) == list(frame_slices("panel", tiny.panel()))[:1]


def test_a_frame_without_sessions_is_one_slice() -> None:
    positions = pl.DataFrame({"symbol": ["A", "B"], "position_shares": [1, 2]})
    slices = frame_slices("positions", positions)
    assert len(slices) == 1
    assert encode(frame_from_slices(tuple(slices), slices)) == encode(positions)


def test_an_empty_frame_keeps_its_columns() -> None:
    slices = frame_slices("panel", tiny.panel().clear())
    assert encode(frame_from_slices(tuple(slices), slices)) == encode(tiny.panel().clear())


@pytest.mark.parametrize(
    ("frame", "complaint"),
    [
        (tiny.panel().reverse(), r"frame panel has the row .* out of order .*sort it"),
        (pl.concat([tiny.panel()[:1], tiny.panel()]), r"frame panel has the row .* twice .*drop doubles"),
    ],
)
def test_rows_out_of_order_or_twice_are_refused(frame: pl.DataFrame, complaint: str) -> None:
    with pytest.raises(DataError, match=complaint):
        frame_slices("panel", frame)


def test_a_missing_slice_is_named() -> None:
    slices = frame_slices("panel", tiny.panel())
    with pytest.raises(LogError, match=rf"{next(iter(slices)).hex()} is not in the body store"):
        frame_from_slices(tuple(slices), {})


def test_a_slicer_gives_the_slices_that_a_fresh_one_gives_whatever_it_saw_before() -> None:
    slicer, panel = FrameSlicer(), tiny.panel()
    flipped = panel.with_columns(pl.when(pl.col("close_usd") > 0).then(-0.0).otherwise(0.0).alias("close_usd"))
    zeros = panel.with_columns(close_usd=pl.lit(0.0))
    for frame in (panel, panel, zeros, flipped, panel.head(5), panel):
        assert slicer.slices("panel", frame) == frame_slices("panel", frame)
