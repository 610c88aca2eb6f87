"""Splits and dividends are recovered exactly, and later events leave no mark on earlier ratios."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.lake.actions import ActionKind, bars_with_ratio
from adapters.lake.bars import stock_bars
from adapters.lake.bundled import bundled_bytes, bundled_files
from nodes.vocabulary.errors import DataError
from tests.adapters.lake.frames import bars, weekday


@pytest.fixture(scope="module")
def stocks() -> pl.DataFrame:
    file = bundled_files()["us-stocks"]
    return stock_bars(file, bundled_bytes(file))


def test_the_bundled_splits_are_the_three_that_happened(stocks: pl.DataFrame) -> None:
    _, actions = bars_with_ratio(stocks)
    splits = [(a.symbol, a.ex_on, a.new_shares, a.old_shares) for a in actions if a.kind is ActionKind.SPLIT]
    assert splits == [
        ("AAPL", date(2000, 6, 21), 2, 1),
        ("AAPL", date(2005, 2, 28), 2, 1),
        ("MSFT", date(2003, 2, 18), 2, 1),
    ]


@pytest.mark.parametrize(
    ("symbol", "ex_on", "dividend_usd"),
    [
        ("MSFT", date(2003, 2, 19), "0.08"),
        ("MSFT", date(2004, 11, 15), "3.08"),
        ("AAPL", date(2012, 8, 9), "2.65"),
        ("IBM", date(2009, 2, 6), "0.5"),
        ("IBM", date(2013, 2, 6), "0.85"),
    ],
)
def test_the_bundled_dividends_come_out_to_the_cent_as_declared(
    stocks: pl.DataFrame, symbol: str, ex_on: date, dividend_usd: str
) -> None:
    _, actions = bars_with_ratio(stocks)
    (found,) = [action for action in actions if (action.symbol, action.ex_on) == (symbol, ex_on)]
    assert found.dividend_usd == Decimal(dividend_usd)


def test_every_bundled_dividend_is_in_whole_cents(stocks: pl.DataFrame) -> None:
    _, actions = bars_with_ratio(stocks)
    assert [action for action in actions if action.dividend_usd % Decimal("0.01") != 0] == []


def test_a_later_split_and_dividend_change_no_bit_of_earlier_ratios(stocks: pl.DataFrame) -> None:
    restated = stocks.with_columns(adjusted_close_usd=(pl.col("adjusted_close_usd") / 7.0 * 0.98713).round(10))
    before, actions_before = bars_with_ratio(stocks)
    after, actions_after = bars_with_ratio(restated)
    assert before.equals(after)
    assert actions_before == actions_after


def test_the_adjusted_close_itself_is_dropped(stocks: pl.DataFrame) -> None:
    frame, _ = bars_with_ratio(stocks)
    assert "adjusted_close_usd" not in frame.columns


def test_total_return_over_a_dividend_is_price_and_dividend_over_previous_close() -> None:
    frame, _ = bars_with_ratio(bars(50.0, 49.5, adjusted_close_usd={0: 50.0 / (1 + 0.25 / 49.5)}))
    total = frame["close_usd"][1] / frame["close_usd"][0] * frame["adjustment_ratio"][1] - 1.0
    assert total == pytest.approx((49.5 + 0.25) / 50.0 - 1.0, abs=1e-15)


@given(st.sampled_from([(2, 1), (3, 2), (3, 1), (7, 1), (20, 1), (1, 8), (2, 3), (1, 10), (5, 4)]))
def test_a_split_is_recovered_as_its_whole_fraction(terms: tuple[int, int]) -> None:
    new, old = terms
    _, (action,) = bars_with_ratio(bars(40.0, 40.0 * old / new, adjusted_close_usd={0: 40.0 * old / new}))
    assert (action.kind, action.new_shares, action.old_shares) == (ActionKind.SPLIT, new, old)


@given(close=st.integers(200, 90_000), mills=st.integers(1, 10_000))
def test_a_dividend_is_recovered_to_a_tenth_of_a_cent(close: int, mills: int) -> None:
    close_usd, dividend_usd = close / 100, Decimal(mills) / 1000
    if float(dividend_usd) / close_usd >= 0.15:
        return
    adjusted = 60.0 / (1.0 + float(dividend_usd) / close_usd)
    frame, (action,) = bars_with_ratio(bars(60.0, close_usd, adjusted_close_usd={0: adjusted}))
    assert action.dividend_usd == dividend_usd
    assert frame["adjustment_ratio"][1] == action.ratio(close_usd)


def test_ratios_within_rounding_of_one_are_exactly_one() -> None:
    frame, actions = bars_with_ratio(bars(50.0, 51.0, adjusted_close_usd={0: 50.00000001}))
    assert (frame["adjustment_ratio"].to_list(), actions) == ([1.0, 1.0], ())


def test_the_first_row_of_each_symbol_has_ratio_one() -> None:
    two = pl.concat([bars(10.0, 11.0), bars(90.0, 91.0, symbol="BBB", adjusted_close_usd={0: 9.0, 1: 9.1})])
    frame, actions = bars_with_ratio(two)
    assert (frame["adjustment_ratio"].to_list(), actions) == ([1.0] * 4, ())


@pytest.mark.parametrize("adjusted", [51.0, -50.0, 0.0])
def test_a_move_that_is_neither_split_nor_dividend_is_refused(adjusted: float) -> None:
    table = bars(50.0, 50.0, adjusted_close_usd={0: adjusted})
    with pytest.raises(DataError, match=rf"AAA {weekday(1)}: adjusted close moves by .* correct the adjusted close"):
        bars_with_ratio(table)
