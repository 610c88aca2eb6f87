"""Average volume in money and in shares, and the estimated spread."""

from __future__ import annotations

import numpy as np
import polars as pl
import pytest

from nodes.features.liquidity import adv_shares, adv_usd, estimated_spread_bps
from nodes.kernels.ranges import corwin_schultz_spread
from nodes.vocabulary.units import FracColumn, Segments, Sessions, SharesColumn, UsdColumn
from tests.nodes.bars import bars

FOUR = Segments(np.array([0, 4]))


def test_average_value_is_price_times_volume() -> None:
    close, volume = UsdColumn(pl.Series([10.0, 20.0, 30.0, 40.0])), SharesColumn(pl.Series([100, 50, 0, None]))
    assert adv_usd(close, volume, FOUR, Sessions(3)).to_list() == [None, None, pytest.approx(2000 / 3), None]


def test_a_split_leaves_average_value_alone_and_moves_average_shares() -> None:
    close, volume = UsdColumn(pl.Series([90.0, 90.0, 45.0, 45.0])), SharesColumn(pl.Series([100, 100, 200, 200]))
    value = adv_usd(close, volume, FOUR, Sessions(2))
    assert value.to_list()[1:] == [9000.0] * 3
    assert adv_shares(value, close).to_list() == [None, 100, 200, 200]


def test_average_shares_are_whole_and_missing_without_a_close() -> None:
    found = adv_shares(UsdColumn(pl.Series([100.0, 100.0])), UsdColumn(pl.Series([30.0, None])))
    assert found.to_list() == [3, None]
    assert found.dtype == pl.Int64


def test_estimated_spread_is_the_kernels_in_basis_points() -> None:
    frame = bars("A", 30, 4)
    high, low, close = (frame[name].to_numpy() for name in ("high_usd", "low_usd", "close_usd"))
    segments = Segments(np.array([0, 30]))
    found = estimated_spread_bps(
        UsdColumn(frame["high_usd"]),
        UsdColumn(frame["low_usd"]),
        UsdColumn(frame["close_usd"]),
        FracColumn(frame["adjustment_ratio"]),
        segments,
        Sessions(20),
    ).to_list()
    wanted = corwin_schultz_spread((high, low, close), np.ones(30), segments, 20)
    assert found[:20] == [None] * 20
    assert found[20:] == (wanted[20:] * 1e4).tolist()
