"""The path over bars is what going through them one by one comes to. Peers' figures: test_simulator_references."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from nodes.kernels.simulator.bars import (
    BarPanel,
    BarTerms,
    FillAt,
    all_in,
    book_run,
    crossings,
    moving_average,
    standing,
)
from nodes.vocabulary.errors import DataError

RISING = np.array([10.0, 11.0, 12.0, 11.0, 10.0])


def test_lines_cross_only_from_one_side_to_the_other() -> None:
    fast = np.array([np.nan, 1.0, 3.0, 2.0, 1.0, 2.0, 3.0])
    assert crossings(fast, np.full(7, 2.0)).tolist() == [0, 0, 1, 0, 0, 0, 0]
    assert standing(np.array([0, 1, 0, -1, 0])).tolist() == [0, 1, 1, -1, -1]


def test_a_moving_average_is_of_its_window_alone() -> None:
    values = np.array([1e16, 1.0, 2.0, 3.0])
    assert moving_average(values, 2)[2:].tolist() == [1.5, 2.5]
    assert np.isnan(moving_average(values, 5)).all()


def test_whole_shares_are_bought_at_the_next_open_and_fees_are_paid_twice() -> None:
    opens = RISING + 0.5
    run = all_in(np.array([1, 1, 0, 0, 0]), opens, RISING, 1000.0, BarTerms(commission_frac=0.01))
    shares = math.floor(1000.0 / (11.5 * 1.01))
    cash = 1000.0 - shares * 11.5 * 1.01 + shares * 11.5 * 0.99
    assert run.shares.tolist() == [0, shares, shares, 0, 0]
    assert (run.equity[-1], run.trades.n_closed) == (pytest.approx(cash), 1)
    assert run.commission_usd == pytest.approx(shares * 11.5 * 0.02)


def test_a_side_wanted_at_the_last_close_never_trades_at_a_next_open() -> None:
    run = all_in(np.array([0, 0, 0, 0, 1]), RISING, RISING, 1000.0, BarTerms())
    assert (len(run.trades.shares), run.equity[-1]) == (0, 1000.0)


@given(
    sides=st.lists(st.sampled_from([-1, 0, 1]), min_size=2, max_size=30),
    half=st.sampled_from([0.0, 0.001]),
    is_whole=st.booleans(),
    fills=st.sampled_from(FillAt),
)
def test_all_bars_at_once_are_the_bars_one_by_one(
    sides: list[int], half: float, is_whole: object, fills: FillAt
) -> None:
    closes = 50.0 + 5.0 * np.sin(np.arange(len(sides)))
    opens = closes + 0.25
    terms = BarTerms(fills, 0.001, half, is_whole=bool(is_whole))
    run = all_in(np.array(sides), opens, closes, 10_000.0, terms)
    cash, held, before, equity = 10_000.0, 0.0, 0, []
    for bar in range(len(sides)):
        wanted = sides[bar] if fills is FillAt.CLOSE else (sides[bar - 1] if bar else 0)
        price = closes[bar] if fills is FillAt.CLOSE else opens[bar]
        if wanted != before:
            left = price * (1 - half if held > 0 else 1 + half)
            cash += held * left - abs(held) * left * 0.001
            paid = price * (1 + wanted * half)
            size = cash / (paid + price * 0.001) if wanted else 0.0
            held = wanted * (math.floor(size) if is_whole else size)
            cash -= held * paid + abs(held) * price * 0.001
        before = wanted
        equity.append(cash + held * closes[bar])
    assert run.equity.tolist() == pytest.approx(equity, rel=1e-12)


@pytest.mark.parametrize("bad", [np.nan, 0.0, -1.0, np.inf])
def test_a_bar_without_a_price_is_refused(bad: float) -> None:
    with pytest.raises(DataError, match="1 of 5 bars have an open or a close that is no positive number"):
        all_in(np.zeros(5, np.int64), RISING, np.where(np.arange(5) == 2, bad, RISING), 1.0, BarTerms())
    with pytest.raises(DataError, match="4 opens and 5 closes for 5 directions"):
        all_in(np.zeros(5, np.int64), RISING[:4], RISING, 1.0, BarTerms())


def panel(volume: float = 1000.0) -> BarPanel:
    closes = np.stack([RISING, RISING * 2.0], axis=1)
    return BarPanel(closes - 0.5, closes, np.full((5, 2), volume), np.full((5, 2), 0.02))


def test_a_book_holds_its_targets_a_bar_later_and_pays_for_them() -> None:
    targets = np.array([[10.0, 0.0], [10.0, -5.0], [0.0, -5.0], [0.0, 0.0], [0.0, 0.0]])
    terms = BarTerms(commission_frac=0.001, half_spread_frac=0.002, impact_coefficient=1.0)
    run = book_run(targets, panel(), 1000.0, terms)
    assert run.shares.tolist() == [[0, 0], [10, 0], [10, -5], [0, -5], [0, 0]]
    first = 10 * 10.5
    assert (run.commission_usd[1], run.spread_usd[1]) == (pytest.approx(first * 0.001), pytest.approx(first * 0.002))
    assert run.impact_usd[1] == pytest.approx(first * 0.02 * math.sqrt(10 / 1000.0))
    costs = run.commission_usd.sum() + run.spread_usd.sum() + run.impact_usd.sum()
    trades = -10 * 10.5 + 10 * 10.5 + 5 * 23.5 - 5 * 19.5
    assert run.equity[-1] == pytest.approx(1000.0 + trades - costs)


def test_a_cap_on_volume_spreads_a_trade_over_bars_and_a_bar_without_volume_trades_nothing() -> None:
    bars = panel(20.0)
    volume = bars.volume_shares.copy()
    volume[2] = 0.0
    capped = BarPanel(bars.opens, bars.closes, volume, bars.volatility_frac)
    run = book_run(np.full((5, 2), 12.0), capped, 1000.0, BarTerms(max_participation_frac=0.25))
    assert run.shares[:, 0].tolist() == [0, 5, 5, 10, 12]


def test_a_missing_close_is_valued_at_the_last_one() -> None:
    bars = panel()
    closes = bars.closes.copy()
    closes[3, 0] = np.nan
    run = book_run(
        np.full((5, 2), 4.0), BarPanel(bars.opens, closes, bars.volume_shares, bars.volatility_frac), 0.0, BarTerms()
    )
    assert run.equity[3] == pytest.approx(-4 * 10.5 - 4 * 21.5 + 4 * 12.0 + 4 * 22.0)


def test_impact_goes_by_the_volatility_that_was_known_when_the_trade_was_decided() -> None:
    """What a bar's own close says of volatility comes too late for a trade at its opening; unknown is not nothing."""
    bars = panel()
    volatility = np.array([0.01, 0.02, np.nan, 0.09, 0.09])[:, None] * np.ones(2)
    targets = np.array([10.0, 20.0, 30.0, 30.0, 30.0])[:, None] * np.ones(2)
    known = BarPanel(bars.opens, bars.closes, bars.volume_shares, volatility)
    run = book_run(targets, known, 1000.0, BarTerms(impact_coefficient=1.0))
    paid = (RISING - 0.5) + (RISING * 2.0 - 0.5)
    expected = [0.0, *(10 * paid[at] * vol * 0.1 for at, vol in ((1, 0.01), (2, 0.02), (3, 0.02))), 0.0]
    assert run.impact_usd.tolist() == pytest.approx(expected)
