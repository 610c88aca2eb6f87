"""What is said of labels is what their columns hold; scaling by volatility takes the regimes out of a target."""

from __future__ import annotations

from functools import cache

import numpy as np
import polars as pl
import pytest

from dataflows.label_report import LabelReport, label_report
from dataflows.labels import LabelSnapshot
from nodes.vocabulary.errors import DataError
from nodes.vocabulary.units import Panel
from tests.nodes.bars import weekdays
from tests.nodes.labels.panels import closes, labels, plan, snapshot

WINDOWS = {"volatility_sessions": 10, "regime_sessions": 400, "label_horizon_sessions": 5}


@cache
def two_regimes() -> pl.DataFrame:
    """Closes whose volatility is half a percent and two percent in turn, 200 sessions each."""
    draws = np.random.default_rng(3)
    moves = draws.normal(0.0, 1.0, 1200) * np.where(np.arange(1200) // 200 % 2, 0.02, 0.005)
    return closes(A=list(100.0 * np.exp(np.cumsum(moves))))


@cache
def report() -> LabelReport:
    return label_report(plan(**WINDOWS), snapshot(two_regimes()))


def test_scaling_by_past_volatility_takes_the_regimes_out_of_the_variance() -> None:
    """LBL-03: variance ratio across regimes reported."""
    assert report().ratio_plain == pytest.approx(
        (report().variance_plain["turbulent"] or 0.0) / (report().variance_plain["calm"] or 1.0)
    )
    assert (report().ratio_plain or 0.0) > 4.0
    assert 0.3 < (report().ratio_scaled or 0.0) < 1.5


def test_events_and_outcomes_are_counted() -> None:
    found = labels(two_regimes(), None, **WINDOWS)
    n_labels = found["barrier_label_score"].count()

    assert report().n_rows == 1200
    assert report().n_events == sum(report().outcomes.values())
    assert n_labels == report().n_events - report().outcomes["open"]
    assert report().outcomes["upper"] == (found["barrier_label_score"] == 1.0).sum()
    assert report().mean_uniqueness_frac == pytest.approx(found["label_uniqueness_frac"].mean())


def test_the_least_order_is_said_of_each_share_and_is_none_where_none_will_do() -> None:
    assert 0.0 <= (report().least_orders["A"] or 0.0) <= 1.0
    flat = label_report(plan(), snapshot(closes(B=[100.0] * 30)))
    assert flat.least_orders == {"B": None}
    assert (flat.n_events, flat.ratio_plain, flat.mean_uniqueness_frac) == (0, None, None)


def test_a_calendar_that_lacks_a_session_of_the_bars_is_refused() -> None:
    one = snapshot(closes(A=[100.0] * 5))
    short = LabelSnapshot(one.panel, Panel(pl.DataFrame({"session_on": weekdays(3)})), one.session_on)
    with pytest.raises(DataError, match=r"barrier_exits of the labels is absent.*is of no session of the calendar"):
        label_report(plan(), short)
