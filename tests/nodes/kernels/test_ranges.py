"""Range estimators against their formulas written out for one window."""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np
import pytest

from nodes.kernels.arrays import Array, Index
from nodes.kernels.ranges import (
    corwin_schultz_spread,
    garman_klass_volatility,
    parkinson_volatility,
    rogers_satchell_volatility,
    yang_zhang_volatility,
)
from tests.nodes.bars import bars, one_block, same_bits

Bars = tuple[Array, Array, Array]


def made(count: int = 40, seed: int = 5) -> Bars:
    frame = bars("A", count, seed)
    return (
        frame["high_usd"].to_numpy(writable=True),
        frame["low_usd"].to_numpy(writable=True),
        frame["close_usd"].to_numpy(writable=True),
    )


def two_day_spread(high: list[float], low: list[float], close_before: float) -> float:
    """Corwin and Schultz (2012) for two days, written out."""
    jump = max(low[1] - close_before, 0.0) if low[1] > close_before else min(high[1] - close_before, 0.0)
    high2, low2 = high[1] - jump, low[1] - jump
    beta = math.log(high[0] / low[0]) ** 2 + math.log(high2 / low2) ** 2
    gamma = math.log(max(high[0], high2) / min(low[0], low2)) ** 2
    k = 3.0 - 2.0 * math.sqrt(2.0)
    alpha = (math.sqrt(2.0 * beta) - math.sqrt(beta)) / k - math.sqrt(gamma / k)
    return max(2.0 * (math.exp(alpha) - 1.0) / (1.0 + math.exp(alpha)), 0.0)


def test_parkinson_volatility_of_a_constant_range_is_known() -> None:
    high, low = np.full(6, 110.0), np.full(6, 100.0)
    found = parkinson_volatility(high, low, one_block(high), 4)
    np.testing.assert_allclose(found[3:], math.log(1.1) / (2.0 * math.sqrt(math.log(2.0))), rtol=1e-13)
    assert np.isnan(found[:3]).all()


def test_parkinson_volatility_needs_no_unit_of_price() -> None:
    high, low, _ = made()
    scaled = parkinson_volatility(high * 4.0, low * 4.0, one_block(high), 10)
    np.testing.assert_array_equal(scaled, parkinson_volatility(high, low, one_block(high), 10))


@pytest.mark.parametrize(("high_usd", "low_usd"), [(99.0, 100.0), (np.nan, 100.0), (100.0, np.nan)])
def test_an_inverted_or_missing_range_leaves_no_volatility(high_usd: float, low_usd: float) -> None:
    high, low, _ = made(12)
    high[8], low[8] = high_usd, low_usd
    assert np.isnan(parkinson_volatility(high, low, one_block(high), 4)).tolist() == [
        *[True] * 3,
        *[False] * 5,
        *[True] * 4,
    ]


def test_spread_without_gaps_agrees_with_the_paper_written_out() -> None:
    high, low, close = made()
    close = np.sqrt(high * low)
    low[1:] = np.minimum(low[1:], close[:-1] * 0.999)
    high[1:] = np.maximum(high[1:], close[:-1] * 1.001)
    found = corwin_schultz_spread((high, low, close), np.ones(len(high)), one_block(high), 5)
    daily = [
        two_day_spread(high[row - 1 : row + 1].tolist(), low[row - 1 : row + 1].tolist(), float(close[row - 1]))
        for row in range(1, len(high))
    ]
    wanted = [np.mean(daily[end - 5 : end]) for end in range(5, len(daily) + 1)]
    np.testing.assert_allclose(found[5:], wanted, rtol=1e-9, atol=1e-12)


def test_spread_finds_the_bounce_between_bid_and_ask() -> None:
    rng = np.random.default_rng(11)
    steps = rng.normal(0.0, 0.01 / math.sqrt(390), (2000, 390))
    middle = np.exp(np.cumsum(steps.ravel())).reshape(2000, 390) * 50.0
    traded = middle * (1.0 + 0.5 * 0.02 * rng.choice([-1.0, 1.0], middle.shape))
    three = (traded.max(axis=1), traded.min(axis=1), traded[:, -1])
    found = corwin_schultz_spread(three, np.ones(2000), np.array([0, 2000]), 1900)
    assert found[-1] == pytest.approx(0.02, rel=0.1)


def test_a_split_leaves_the_spread_as_it_was() -> None:
    whole, split = made(), made()
    ratio = np.ones(40)
    ratio[25] = 2.0
    for part in split:
        part[25:] /= 2.0
    wanted = corwin_schultz_spread(whole, np.ones(40), one_block(ratio), 5)
    np.testing.assert_allclose(corwin_schultz_spread(split, ratio, one_block(ratio), 5), wanted, rtol=1e-9, atol=1e-15)


def test_a_spread_window_alone_is_bit_for_bit_the_window_inside_a_long_history() -> None:
    three = made(80)
    inside = corwin_schultz_spread(three, np.ones(80), np.array([0, 80]), 10)[50:51]
    short: Bars = (three[0][40:51], three[1][40:51], three[2][40:51])
    alone = corwin_schultz_spread(short, np.ones(11), np.array([0, 11]), 10)[-1:]
    assert same_bits(alone, inside)


Four = tuple[Array, Array, Array, Array]


def four(count: int = 40, seed: int = 5) -> Four:
    frame = bars("A", count, seed)
    names = ("open_usd", "high_usd", "low_usd", "close_usd")
    return (
        frame[names[0]].to_numpy(writable=True),
        frame[names[1]].to_numpy(writable=True),
        frame[names[2]].to_numpy(writable=True),
        frame[names[3]].to_numpy(writable=True),
    )


def garman_klass(bar: Four, segments: Index, window: int) -> Array:
    return garman_klass_volatility(bar, segments, window)


def rogers_satchell(bar: Four, segments: Index, window: int) -> Array:
    return rogers_satchell_volatility(bar, segments, window)


def yang_zhang(bar: Four, segments: Index, window: int) -> Array:
    return yang_zhang_volatility(bar, np.ones(len(bar[0])), segments, window)


ESTIMATORS: dict[str, tuple[Callable[[Four, Index, int], Array], int]] = {
    "garman_klass": (garman_klass, 0),
    "rogers_satchell": (rogers_satchell, 0),
    "yang_zhang": (yang_zhang, 1),
}
"""Each with the number of bars it needs before its window."""


def test_garman_klass_of_one_bar_written_out() -> None:
    bar: Four = (np.array([100.0]), np.array([104.0]), np.array([99.0]), np.array([102.0]))
    wanted = 0.5 * math.log(104 / 99) ** 2 - (2 * math.log(2) - 1) * math.log(102 / 100) ** 2
    assert garman_klass(bar, np.array([0, 1]), 1)[0] == pytest.approx(math.sqrt(wanted), rel=1e-13)


def test_rogers_satchell_of_one_bar_written_out() -> None:
    bar: Four = (np.array([100.0]), np.array([104.0]), np.array([99.0]), np.array([102.0]))
    up, down = math.log(104 / 102) * math.log(104 / 100), math.log(99 / 102) * math.log(99 / 100)
    assert rogers_satchell(bar, np.array([0, 1]), 1)[0] == pytest.approx(math.sqrt(up + down), rel=1e-13)


def test_rogers_satchell_sees_no_volatility_in_a_straight_rise() -> None:
    """Its merit over Garman and Klass: drift alone is not volatility."""
    bar: Four = (np.full(5, 100.0), np.full(5, 103.0), np.full(5, 100.0), np.full(5, 103.0))
    assert rogers_satchell(bar, np.array([0, 5]), 5)[-1] == 0.0
    assert garman_klass(bar, np.array([0, 5]), 5)[-1] > 0.0


@pytest.mark.parametrize("name", ESTIMATORS)
def test_estimators_find_the_volatility_of_a_random_walk(name: str) -> None:
    rng = np.random.default_rng(4)
    inside = rng.normal(0.0, 0.02 / math.sqrt(2000), (600, 2000)).cumsum(axis=1)
    start = np.concatenate([[0.0], inside[:-1, -1].cumsum()])
    path = np.exp(np.concatenate([np.zeros((600, 1)), inside], axis=1) + start[:, None])
    bar: Four = (path[:, 0], path.max(axis=1), path.min(axis=1), path[:, -1])
    assert ESTIMATORS[name][0](bar, np.array([0, 600]), 500)[-1] == pytest.approx(0.02, rel=0.04)


@pytest.mark.parametrize("name", ESTIMATORS)
def test_an_estimate_alone_is_bit_for_bit_the_one_inside_a_long_history(name: str) -> None:
    estimator, before = ESTIMATORS[name]
    whole = four(80)
    inside = estimator(whole, np.array([0, 80]), 10)[50:51]
    first = 41 - before
    alone: Four = (whole[0][first:51], whole[1][first:51], whole[2][first:51], whole[3][first:51])
    assert same_bits(estimator(alone, one_block(alone[0]), 10)[-1:], inside)


@pytest.mark.parametrize("name", ESTIMATORS)
@pytest.mark.parametrize("part", [0, 1, 2, 3])
def test_a_bar_that_contradicts_itself_or_misses_a_price_leaves_no_estimate(name: str, part: int) -> None:
    estimator, before = ESTIMATORS[name]
    for wrong in (np.nan, [200.0, 1.0, 200.0, 1.0][part]):
        bar = four(20)
        bar[part][9] = wrong
        missing = np.flatnonzero(np.isnan(estimator(bar, np.array([0, 20]), 4))[4:]) + 4
        assert set(range(9, 13)) <= set(missing.tolist()) <= set(range(9, 13 + before))


def test_yang_zhang_takes_the_night_on_one_share_basis() -> None:
    whole, split, ratio = four(), four(), np.ones(40)
    ratio[25] = 2.0
    for part in split:
        part[25:] /= 2.0
    found = yang_zhang_volatility(split, ratio, one_block(ratio), 8)
    np.testing.assert_allclose(found, yang_zhang(whole, one_block(ratio), 8), rtol=1e-12)
