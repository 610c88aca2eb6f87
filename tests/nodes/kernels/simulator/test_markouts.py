"""Markouts look ahead by their horizon and no further, and say what they could not know."""

from __future__ import annotations

import numpy as np
import pytest

from nodes.kernels.simulator.markouts import Fills, fills_of, markouts, middles
from nodes.kernels.simulator.results import LIQUIDITY
from nodes.kernels.simulator.terms import SimulationTerms
from nodes.vocabulary.trading import NS_PER_S, Side
from tests.nodes.kernels.simulator.desk import events, order, quote, run, sent, trade

AT = np.array([0, 2, 10, 40, 70], np.int64) * NS_PER_S
MIDDLE = np.array([1_000_000.0, 999_000.0, 1_002_000.0, 998_000.0, 1_001_000.0])


def one_fill(at_s: int, sign: int, price_e4: int, shares: int = 100) -> Fills:
    return Fills(*(np.array([value], np.int64) for value in (at_s * NS_PER_S, sign, shares, price_e4)))


def test_each_horizon_reads_the_middle_that_stands_then() -> None:
    """EXE-02: at 1, 5, 30 and 60 seconds."""
    found = markouts(one_fill(1, 1, 999_900), AT, MIDDLE)
    assert [item.horizon_s for item in found] == [1, 5, 30, 60]
    assert [item.from_middle_bps for item in found] == pytest.approx([-10.0, -10.0, 20.0, -20.0])
    assert [item.from_price_bps for item in found] == pytest.approx([-9.0, -9.0, 21.0, -19.0])


def test_a_sale_has_the_other_sign_and_sizes_weigh() -> None:
    both = Fills(*(np.array(pair, np.int64) for pair in ((NS_PER_S, NS_PER_S), (1, -1), (300, 100), (10**6, 10**6))))
    assert markouts(one_fill(1, -1, 10**6), AT, MIDDLE, [5])[0].from_middle_bps == pytest.approx(10.0)
    assert markouts(both, AT, MIDDLE, [5])[0].from_middle_bps == pytest.approx(-5.0)


def test_a_horizon_beyond_the_recording_is_unknown_and_not_zero() -> None:
    found = markouts(one_fill(15, 1, 10**6), AT, MIDDLE)
    assert [(item.n_fills, item.n_unknown) for item in found] == [(1, 0), (1, 0), (1, 0), (0, 1)]
    assert found[3].from_price_bps is None
    assert markouts(one_fill(15, 1, 10**6), AT[:0], MIDDLE[:0], [1])[0].n_unknown == 1


def test_fills_and_middles_of_a_simulation_meet() -> None:
    """A bid that is run over loses what the price fell. EXE-02"""
    rows = [
        quote(0, (100_000, 10), (100_200, 10)),
        trade(NS_PER_S, 1, 100_000, 60),
        quote(NS_PER_S, (99_800, 10), (100_000, 10)),
        quote(3 * NS_PER_S, (99_600, 10), (99_800, 10)),
        quote(9 * NS_PER_S, (0, 0), (99_800, 10)),
    ]
    asks = {5: sent(order(), order("t", limit_e4=None, side=Side.SELL, shares=5))}
    result = run(events(*rows), asks, SimulationTerms(records_quotes=True))
    made = fills_of(result, LIQUIDITY.ADDED, 0)
    at_ns, middle = middles(result, 0)
    assert (made.shares.tolist(), len(fills_of(result).shares)) == ([50], 2)
    assert middle[:3].tolist() == [100_100.0, 99_900.0, 99_700.0]
    found = markouts(made, at_ns, middle, [1, 5])
    assert found[1].from_price_bps == pytest.approx((99_700 - 100_000) / 99_900 * 1e4)
    assert np.isnan(middle[3])
