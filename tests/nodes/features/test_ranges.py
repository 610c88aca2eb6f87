"""Volatility of whole bars: formulas written out for few bars, and bars that contradict themselves."""

from __future__ import annotations

import math
import statistics

import numpy as np
import polars as pl
import pytest

from nodes.features import ranges as features
from nodes.vocabulary.units import FracColumn, Segments, Sessions, UsdColumn

BARS = [(100.0, 104.0, 99.0, 102.0), (103.0, 105.0, 101.0, 101.0), (100.0, 102.0, 98.0, 99.0)]
OPEN, HIGH, LOW, CLOSE = (UsdColumn(pl.Series(part)) for part in zip(*BARS, strict=True))
ONE = Segments(np.array([0, 3]))
NO_SPLIT = FracColumn(pl.Series([1.0] * 3))


def rogers_satchell_term(opening: float, high: float, low: float, close: float) -> float:
    return math.log(high / close) * math.log(high / opening) + math.log(low / close) * math.log(low / opening)


def test_garman_klass_is_the_mean_of_its_terms() -> None:
    terms = [0.5 * math.log(h / lo) ** 2 - (2 * math.log(2) - 1) * math.log(c / o) ** 2 for o, h, lo, c in BARS]
    found = features.garman_klass_volatility_frac(OPEN, HIGH, LOW, CLOSE, ONE, Sessions(2)).to_list()
    assert found == [None, *(pytest.approx(math.sqrt((terms[n] + terms[n + 1]) / 2)) for n in (0, 1))]


def test_rogers_satchell_is_the_mean_of_its_terms() -> None:
    terms = [rogers_satchell_term(*bar) for bar in BARS]
    found = features.rogers_satchell_volatility_frac(OPEN, HIGH, LOW, CLOSE, ONE, Sessions(3)).to_list()
    assert found == [None, None, pytest.approx(math.sqrt(sum(terms) / 3))]


def test_yang_zhang_adds_the_night_the_day_and_the_range() -> None:
    nights = [math.log(103 / 102), math.log(100 / 101)]
    days = [math.log(101 / 103), math.log(99 / 100)]
    inside = statistics.mean(rogers_satchell_term(*bar) for bar in BARS[1:])
    weight = 0.34 / (1.34 + 3.0)
    wanted = statistics.variance(nights) + weight * statistics.variance(days) + (1 - weight) * inside
    found = features.yang_zhang_volatility_frac(OPEN, HIGH, LOW, CLOSE, NO_SPLIT, ONE, Sessions(2)).to_list()
    assert found == [None, None, pytest.approx(math.sqrt(wanted))]


def test_a_split_over_night_is_no_move() -> None:
    bars = (OPEN, HIGH, LOW, CLOSE)
    opening, high, low, close = (UsdColumn(pl.Series([part[0], part[1] / 2, part[2] / 2])) for part in bars)
    ratio = FracColumn(pl.Series([1.0, 2.0, 1.0]))
    found = features.yang_zhang_volatility_frac(opening, high, low, close, ratio, ONE, Sessions(2))
    whole = features.yang_zhang_volatility_frac(OPEN, HIGH, LOW, CLOSE, NO_SPLIT, ONE, Sessions(2))
    assert found[-1] == pytest.approx(whole[-1], rel=1e-12)


@pytest.mark.parametrize("wrong", [100.5, 0.0, -1.0, None])
def test_a_high_under_the_close_or_no_high_leaves_no_volatility(wrong: float | None) -> None:
    high = UsdColumn(pl.Series([104.0, wrong, 102.0]))
    assert features.garman_klass_volatility_frac(OPEN, high, LOW, CLOSE, ONE, Sessions(2)).null_count() == 3
    assert features.rogers_satchell_volatility_frac(OPEN, high, LOW, CLOSE, ONE, Sessions(2)).null_count() == 3
    assert features.yang_zhang_volatility_frac(OPEN, high, LOW, CLOSE, NO_SPLIT, ONE, Sessions(2)).null_count() == 3


def test_bars_move_beside_closes_and_a_still_close_gives_no_ratio() -> None:
    bars, closes = FracColumn(pl.Series([0.03, 0.03, None])), FracColumn(pl.Series([0.02, 0.0, 0.02]))
    assert features.range_volatility_ratio_frac(bars, closes).to_list() == [pytest.approx(1.5), None, None]


def test_the_body_is_signed_and_an_empty_range_has_none() -> None:
    found = features.candle_body_frac(
        UsdColumn(pl.Series([10.0, 12.0, 10.0, None])),
        UsdColumn(pl.Series([12.0, 12.0, 10.0, 12.0])),
        UsdColumn(pl.Series([8.0, 8.0, 10.0, 8.0])),
        UsdColumn(pl.Series([11.0, 8.0, 10.0, 9.0])),
    )
    assert found.to_list() == [0.25, -1.0, None, None]
