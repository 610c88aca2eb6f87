"""Indicators against plain loops of their books' rules; windows alone, splits and missing prices."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pandas as pd
import pytest

from nodes.kernels.arrays import Array, Index
from nodes.kernels.oscillators import Spans, average_true_range, bollinger_bands, macd, relative_strength, stochastic
from nodes.kernels.returns import returns_from_previous
from nodes.vocabulary.errors import DataError
from tests.nodes.bars import bars, one_block, same_bits

Range = tuple[Array, Array, Array]
Indicator = Callable[[Range, Array, Index], Array]
SPANS = Spans(fast=3, slow=6, signal=4)


def made(count: int = 60, seed: int = 5) -> Range:
    frame = bars("A", count, seed)
    return (
        frame["high_usd"].to_numpy(writable=True),
        frame["low_usd"].to_numpy(writable=True),
        frame["close_usd"].to_numpy(writable=True),
    )


def rsi(bar: Range, ratio: Array, segments: Index) -> Array:
    steps = returns_from_previous(bar[2], bar[2], ratio, segments)
    return relative_strength(steps, segments, 5, 12)


def macd_line(bar: Range, ratio: Array, segments: Index) -> Array:
    return macd(bar[2], ratio, segments, SPANS, 15).line / bar[2]


def macd_histogram(bar: Range, ratio: Array, segments: Index) -> Array:
    return macd(bar[2], ratio, segments, SPANS, 15).histogram / bar[2]


def band_place(bar: Range, ratio: Array, segments: Index) -> Array:
    return bollinger_bands(bar[2], ratio, segments, 10, 2.0).place(bar[2])


def atr_frac(bar: Range, ratio: Array, segments: Index) -> Array:
    return average_true_range(bar, ratio, segments, 5, 12) / bar[2]


def percent_k(bar: Range, ratio: Array, segments: Index) -> Array:
    return stochastic(bar, ratio, segments, 8, 3)[0]


def percent_d(bar: Range, ratio: Array, segments: Index) -> Array:
    return stochastic(bar, ratio, segments, 8, 3)[1]


INDICATORS: dict[str, tuple[Indicator, int]] = {
    "rsi": (rsi, 13),
    "macd line": (macd_line, 15),
    "macd histogram": (macd_histogram, 15),
    "band place": (band_place, 10),
    "atr": (atr_frac, 13),
    "percent k": (percent_k, 8),
    "percent d": (percent_d, 10),
}
"""Each as a number without unit, with the rows it looks at."""


def wilder(values: list[float], window: int) -> float:
    average = sum(values[:window]) / window
    for value in values[window:]:
        average = (average * (window - 1) + value) / window
    return average


def test_rsi_of_wilders_rule_worked_by_hand() -> None:
    """Rises 1, 2 and falls 1: averages of three steps 1 and 1/3; then a rise of 3: 5/3 and 2/9."""
    steps = np.array([1.0, -1.0, 2.0, 3.0])
    up, down = (1.0 * 2 + 3.0) / 3.0, (1.0 / 3.0 * 2) / 3.0
    found = relative_strength(steps, one_block(steps), 3, 4)[-1]
    assert found == pytest.approx(100.0 - 100.0 / (1.0 + up / down), rel=1e-14)


def test_rsi_agrees_with_a_plain_loop_over_its_warm_up() -> None:
    steps = np.random.default_rng(3).normal(0.0, 1.0, 60)
    found = relative_strength(steps, one_block(steps), 14, 40)
    for end in (40, 51, 60):
        window = steps[end - 40 : end]
        up, down = (wilder(np.maximum(sign * window, 0.0).tolist(), 14) for sign in (1.0, -1.0))
        assert found[end - 1] == pytest.approx(100.0 - 100.0 / (1.0 + up / down), rel=1e-12)


@pytest.mark.parametrize(("step", "wanted"), [(1.0, 100.0), (-1.0, 0.0), (0.0, 50.0)])
def test_rsi_of_a_one_way_street_is_its_end(step: float, wanted: float) -> None:
    assert relative_strength(np.full(20, step), np.array([0, 20]), 14, 20)[-1] == wanted


def test_macd_of_a_long_warm_up_is_that_of_unbounded_averages() -> None:
    close = made(400)[2]
    found = macd(close, np.ones(400), one_block(close), Spans(12, 26, 9), 380)
    series = pd.Series(close)
    line = series.ewm(span=12, adjust=False).mean() - series.ewm(span=26, adjust=False).mean()
    signal = line.ewm(span=9, adjust=False).mean()
    np.testing.assert_allclose(found.line[-5:], line.to_numpy()[-5:], rtol=1e-9)
    np.testing.assert_allclose(found.signal[-5:], signal.to_numpy()[-5:], rtol=1e-9)
    np.testing.assert_array_equal(found.histogram, found.line - found.signal)


def test_bands_agree_with_mean_and_population_deviation() -> None:
    close = made()[2]
    found = bollinger_bands(close, np.ones(60), one_block(close), 20, 2.0)
    rolled = pd.Series(close).rolling(20)
    wanted = (rolled.mean() + 2.0 * rolled.std(ddof=0)).to_numpy()
    np.testing.assert_allclose(found.upper, wanted, rtol=1e-12)
    np.testing.assert_allclose(found.middle - found.lower, found.upper - found.middle, rtol=1e-9)


def test_a_level_that_stands_still_has_no_place_between_its_bands() -> None:
    close = np.full(10, 5.0)
    bands = bollinger_bands(close, np.ones(10), one_block(close), 5, 2.0)
    assert np.isnan(bands.place(close)).all()
    assert bands.deviation[-1] == 0.0


def test_true_range_reaches_from_the_previous_close() -> None:
    bar = (np.array([10.0, 12.0, 13.0]), np.array([9.0, 11.5, 12.0]), np.array([9.5, 11.8, 12.5]))
    found = average_true_range(bar, np.ones(3), np.array([0, 3]), 2, 2)
    assert found[-1] == pytest.approx(((12.0 - 9.5) + (13.0 - 11.8)) / 2.0, rel=1e-14)
    assert np.isnan(found[:2]).all()


def test_atr_agrees_with_a_plain_loop() -> None:
    high, low, close = made()
    found = average_true_range((high, low, close), np.ones(60), one_block(close), 14, 30)
    ranges = np.maximum(high[1:], close[:-1]) - np.minimum(low[1:], close[:-1])
    assert found[-1] == pytest.approx(wilder(ranges[-30:].tolist(), 14), rel=1e-12)


def test_stochastic_agrees_with_rolling_extremes() -> None:
    high, low, close = made()
    fast, slow = stochastic((high, low, close), np.ones(60), one_block(close), 14, 3)
    lowest, highest = pd.Series(low).rolling(14).min(), pd.Series(high).rolling(14).max()
    wanted = (100.0 * (close - lowest) / (highest - lowest)).to_numpy()
    np.testing.assert_allclose(fast, wanted, rtol=1e-12)
    np.testing.assert_allclose(slow, pd.Series(wanted).rolling(3).mean().to_numpy(), rtol=1e-9)


@pytest.mark.parametrize("name", INDICATORS)
@pytest.mark.parametrize("end", [20, 41, 57])
def test_an_indicator_alone_is_bit_for_bit_the_one_inside_a_long_history(name: str, end: int) -> None:
    indicator, rows = INDICATORS[name]
    high, low, close = made()
    ratio = np.where(np.arange(60) % 17 == 3, 2.0, 1.001)
    inside = indicator((high, low, close), ratio, one_block(close))[end - 1 : end]
    part = slice(end - rows, end)
    alone = indicator((high[part], low[part], close[part]), ratio[part], one_block(close[part]))[-1:]
    assert np.isfinite(alone).all()
    assert same_bits(alone, inside)


@pytest.mark.parametrize("name", INDICATORS)
def test_a_split_does_not_move_an_indicator(name: str) -> None:
    indicator, _ = INDICATORS[name]
    whole, split, ratio = made(), made(), np.ones(60)
    wanted = indicator(whole, ratio, one_block(ratio))
    ratio[30] = 2.0
    for part in split:
        part[30:] /= 2.0
    np.testing.assert_allclose(indicator(split, ratio, one_block(ratio)), wanted, rtol=1e-9, atol=1e-12)


@pytest.mark.parametrize("name", INDICATORS)
def test_the_future_and_other_symbols_do_not_move_an_indicator(name: str) -> None:
    indicator, rows = INDICATORS[name]
    high, low, close = made()
    segments = np.array([0, 25, 60])
    found = indicator((high, low, close), np.ones(60), segments)
    alone = indicator((high[:25], low[:25], close[:25]), np.ones(25), np.array([0, 25]))
    assert same_bits(found[:25], alone)
    assert np.isnan(found[25 : 25 + rows - 1]).all()
    assert np.isfinite(found[25 + rows - 1 :]).all()


@pytest.mark.parametrize("name", INDICATORS)
def test_a_missing_close_is_missing_in_every_window_that_holds_it(name: str) -> None:
    indicator, rows = INDICATORS[name]
    bar = made()
    bar[2][30] = np.nan
    missing = np.flatnonzero(np.isnan(indicator(bar, np.ones(60), np.array([0, 60])))[20:]) + 20
    assert 30 in missing
    assert set(missing.tolist()) <= set(range(30, 30 + rows))


def test_spans_and_warm_ups_that_make_no_sense_are_refused() -> None:
    with pytest.raises(DataError, match="spans of 26, 12 and 9 sessions make no MACD; give a fast span under"):
        Spans(26, 12, 9)
    with pytest.raises(DataError, match="a warm-up of 10 sessions is shorter than the window of 14"):
        relative_strength(np.ones(20), np.array([0, 20]), 14, 10)
