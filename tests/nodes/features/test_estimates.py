"""Features of estimates: the consensus that stood at each close, in the shares of its day."""

from __future__ import annotations

from datetime import date
from typing import Any

import numpy as np
import polars as pl
import pytest

from nodes.features import estimates as features
from nodes.vocabulary.units import Days, Panel, Sessions, UsdColumn
from tests.nodes.features.fact_panels import at, daily_bars, facts
from tests.nodes.features.test_earnings import actual

SPLIT_ON = date(2014, 6, 9)
BARS = daily_bars(date(2014, 1, 2), date(2014, 12, 31), {SPLIT_ON: 7.0})
ACTUALS = facts([actual(date(2014, 1, 27), 14.5, 14.1)])
LIFE = Days(180)


def estimate(analyst: str, day: date, value: float, quarter: int = 2) -> dict[str, Any]:
    """An estimate made at noon."""
    return {
        "fiscal_year": 2014, "fiscal_quarter": quarter, "analyst": analyst, "measure": "eps_usd", "value": value,
        "basis": "as-announced", "event_at": at(day, 12), "known_at": at(day, 12),
    }  # fmt: skip


KNOWN = facts(
    [
        estimate("a", date(2014, 3, 3), 10.0),
        estimate("b", date(2014, 3, 4), 11.0),
        estimate("a", date(2014, 3, 10), 10.5),
        estimate("b", date(2014, 6, 10), 1.6),
        estimate("c", date(2014, 3, 3), 99.0, quarter=3),
        estimate("d", date(2014, 3, 3), 99.0) | {"basis": "not-point-in-time"},
    ]
)


def ahead() -> Any:
    return features.quarter_ahead_count(ACTUALS, BARS.symbol, BARS.closed_at)


def ask(node: Any, known: Panel = KNOWN, life: Days = LIFE) -> pl.Series:
    found: pl.Series = node(known, ahead(), BARS.symbol, BARS.closed_at, BARS.bar_on, BARS.split_ratio, life)
    return found


def test_the_quarter_ahead_follows_the_newest_results() -> None:
    found = ahead()
    assert (found[BARS.row(date(2014, 1, 27))], found[-1]) == (None, 4 * 2014 + 1)


def test_each_analyst_counts_once_with_his_newest_estimate() -> None:
    days = (date(2014, 2, 28), date(2014, 3, 3), date(2014, 3, 4), date(2014, 3, 10))
    found = ask(features.consensus_eps_usd)
    assert [found[BARS.row(day)] for day in days] == [None, 10.0, 10.5, 10.75]
    assert ask(features.estimates_count)[BARS.row(date(2014, 3, 10))] == 2


def test_estimates_of_before_a_split_are_brought_to_the_new_shares() -> None:
    """DESIGN section 10: 10.50 of old shares is 1.50 of new ones, and 1.60 was said in new ones."""
    found = ask(features.consensus_eps_usd)
    assert found[BARS.row(date(2014, 6, 6))] == 10.75
    assert found[BARS.row(SPLIT_ON)] == pytest.approx(10.75 / 7, abs=1e-4)
    assert found[BARS.row(date(2014, 6, 10))] == pytest.approx((1.5 + 1.6) / 2)


def test_an_estimate_that_is_not_renewed_lapses() -> None:
    found = ask(features.estimates_count, life=Days(30))
    assert found[BARS.row(date(2014, 4, 2))] == 2
    assert found[BARS.row(date(2014, 4, 9))] == 0
    assert ask(features.consensus_eps_usd, life=Days(30))[BARS.row(date(2014, 4, 9))] is None


def test_dispersion_is_the_sample_deviation_over_the_mean() -> None:
    found = ask(features.estimate_dispersion_frac)
    assert found[BARS.row(date(2014, 3, 3))] is None
    wanted = float(np.std([10.5, 11.0], ddof=1)) / 10.75
    assert found[BARS.row(date(2014, 3, 10))] == pytest.approx(wanted)


def test_a_revision_is_no_split() -> None:
    consensus = UsdColumn(ask(features.consensus_eps_usd))
    found = features.estimate_revision_frac(consensus, ahead(), BARS.split_ratio, BARS.segments, Sessions(1))
    assert found[BARS.row(SPLIT_ON)] == pytest.approx(0.0, abs=1e-4)
    assert found[BARS.row(date(2014, 3, 4))] == pytest.approx(0.05)


def test_a_new_quarter_ahead_is_no_revision() -> None:
    actuals = facts([actual(date(2014, 1, 27), 14.5, 14.1), actual(date(2014, 4, 23), 11.6, 10.2)])
    quarter = features.quarter_ahead_count(actuals, BARS.symbol, BARS.closed_at)
    consensus = UsdColumn(pl.Series([10.0] * len(BARS.symbol)))
    found = features.estimate_revision_frac(consensus, quarter, BARS.split_ratio, BARS.segments, Sessions(1))
    assert found[BARS.row(date(2014, 4, 24))] is None
    assert found[BARS.row(date(2014, 4, 25))] == 0.0
