"""Returns along a symbol's rows, against polars' shift."""

from __future__ import annotations

import numpy as np
import polars as pl

from nodes.kernels.returns import returns_from_previous
from tests.nodes.bars import bars, panel, segments_of


def test_returns_agree_with_shifted_columns() -> None:
    frame = panel(bars("A", 9, 1, split_at=4), bars("B", 5, 2))
    close, ratio = frame["close_usd"].to_numpy(), frame["adjustment_ratio"].to_numpy()
    before = pl.col("close_usd").shift(1).over("symbol")
    wanted = frame.select(pl.col("close_usd") / before * pl.col("adjustment_ratio") - 1.0).to_series()
    found = returns_from_previous(close, close, ratio, segments_of(frame))
    np.testing.assert_array_equal(np.isnan(found), wanted.is_null().to_numpy())
    assert found[~np.isnan(found)].tolist() == wanted.drop_nulls().to_list()


def test_a_price_of_nothing_before_has_no_return() -> None:
    level = np.array([np.nan, 5.0, 6.0])
    found = returns_from_previous(level, level, np.ones(3), np.array([0, 3]))
    assert np.isnan(found).tolist() == [True, True, False]
