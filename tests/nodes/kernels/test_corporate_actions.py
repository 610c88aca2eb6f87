"""Splits and dividends: levels adjusted back agree with returns carried forward."""

from __future__ import annotations

import numpy as np
import pytest

from nodes.kernels.corporate_actions import adjusted_closes, event_ratio


def test_a_day_without_event_has_the_ratio_one() -> None:
    assert event_ratio(1.0, 0.0, 50.0) == 1.0


def test_a_split_has_its_own_ratio_and_a_dividend_adds_to_it() -> None:
    assert event_ratio(2.0, 0.0, 50.0) == 2.0
    assert event_ratio(2.0, 0.5, 50.0) == pytest.approx(2.0 / 0.99)


def test_returns_of_adjusted_closes_are_total_returns() -> None:
    rng = np.random.default_rng(2)
    close, ratio = rng.uniform(20.0, 90.0, 30), np.ones(30)
    ratio[7], ratio[19] = 2.0, 1.004
    adjusted = adjusted_closes(close, ratio)
    np.testing.assert_allclose(adjusted[1:] / adjusted[:-1], close[1:] / close[:-1] * ratio[1:], rtol=1e-12)
    assert adjusted[-1] == close[-1]


def test_later_events_move_earlier_levels_by_one_factor_only() -> None:
    close, ratio = np.linspace(50.0, 60.0, 8), np.ones(8)
    later = ratio.copy()
    later[5] = 2.0
    np.testing.assert_allclose(adjusted_closes(close, ratio)[:5], adjusted_closes(close, later)[:5] * 2.0)
