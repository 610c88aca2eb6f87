"""Holdings lined up with symbols, and orders out of the band."""

from __future__ import annotations

import numpy as np
import polars as pl
import pytest

from nodes.kernels.trading import band_orders, placed, shares_held
from nodes.vocabulary.errors import DataError

SYMBOLS = pl.Series(["AAPL", "IBM", "MSFT"])


def positions(**held: int) -> pl.DataFrame:
    return pl.DataFrame(
        {"symbol": list(held), "position_shares": list(held.values())},
        schema={"symbol": pl.String, "position_shares": pl.Int64},
    )


def test_placed_values_leave_nothing_elsewhere() -> None:
    assert placed(np.array([0.6, 0.4]), np.array([True, False, True])).tolist() == [0.6, 0.0, 0.4]


def test_holdings_line_up_with_the_symbols() -> None:
    assert shares_held(positions(MSFT=5, AAPL=-7), SYMBOLS).to_list() == [-7, 0, 5]
    assert shares_held(positions(), SYMBOLS).to_list() == [0, 0, 0]


def test_a_holding_in_a_symbol_without_bars_is_named() -> None:
    with pytest.raises(DataError, match="holdings in XYZ, ZZZ, which the panel does not hold; pass the bars"):
        shares_held(positions(ZZZ=5, XYZ=1, AAPL=2), SYMBOLS)


def test_a_closed_holding_in_a_symbol_without_bars_does_not_matter() -> None:
    assert shares_held(positions(ZZZ=0, AAPL=2), SYMBOLS).to_list() == [2, 0, 0]


def test_a_holding_twice_is_refused() -> None:
    twice = pl.concat([positions(AAPL=1), positions(AAPL=2)])
    with pytest.raises(DataError, match="holdings twice in AAPL, AAPL"):
        shares_held(twice, SYMBOLS)


@pytest.mark.parametrize(
    ("target", "held", "distance", "order"),
    [
        (100, 90, 0.01, 0),
        (100, 90, 0.02, 0),
        (100, 90, 0.021, 10),
        (100, 150, -0.03, -50),
        (0, 5, -0.001, -5),
        (0, 0, 0.0, 0),
        (None, 5, None, None),
    ],
)
def test_orders_leave_the_band_alone_and_close_what_is_not_wanted(
    target: int | None, held: int, distance: float | None, order: int | None
) -> None:
    gap = np.array([np.nan if distance is None else distance])
    found = band_orders(pl.Series([target], dtype=pl.Int64), pl.Series([held]), gap, 0.02)
    assert found.to_list() == [order]
    assert found.dtype == pl.Int64
