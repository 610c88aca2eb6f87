"""Opinions of many, as they stood."""

from __future__ import annotations

from datetime import date

import numpy as np
import polars as pl
import pytest

from nodes.kernels.opinions import (
    EPS_SCALE,
    PERIOD,
    change_steps,
    estimate_steps,
    estimates_at,
    mean,
    period_ahead,
    period_number,
    rating_mean,
    rating_steps,
    spread,
)
from tests.nodes.features.fact_panels import INSTANT, at, facts
from tests.nodes.features.test_earnings import actual
from tests.nodes.features.test_estimates import estimate
from tests.nodes.features.test_ratings import KNOWN as RATINGS

NO_SPLITS = pl.DataFrame(schema={"symbol": pl.String, "ex_on": pl.Date, "ratio": pl.Float64})
A, DAY = pl.Series(["A"]), date(2014, 3, 10)


def instant(day: date) -> pl.Series:
    return pl.Series([at(day)], dtype=INSTANT)


def test_quarters_are_counted_through() -> None:
    frame = pl.DataFrame({"fiscal_year": [2013, 2014], "fiscal_quarter": [4, 1]})
    assert period_number(frame)[PERIOD].diff().to_list() == [None, 1]


def test_the_quarter_ahead_never_moves_back() -> None:
    late = actual(date(2013, 10, 20), 1.0, 1.0) | {"known_at": at(date(2014, 6, 1))}
    known = facts([actual(date(2014, 1, 27), 1.0, 1.0), late])
    assert period_ahead(known, A, instant(date(2014, 7, 1))).to_list() == [4 * 2014 + 1]


@pytest.mark.parametrize("values", [[1.0, 2.0], [1.23, 1.27, 1.31], [-0.5, 0.5, 0.25, 1.75]])
def test_mean_and_spread_are_those_of_numpy(values: list[float]) -> None:
    known = facts([estimate(f"analyst {number}", DAY, value) for number, value in enumerate(values)])
    found = estimates_at(estimate_steps(known, "eps_usd", NO_SPLITS, 90), A, pl.Series([8057]), instant(DAY))
    assert mean(found, EPS_SCALE)[0] == pytest.approx(np.mean(values))
    assert spread(found, EPS_SCALE)[0] == pytest.approx(np.std(values, ddof=1))


def test_where_nothing_stands_there_is_no_mean() -> None:
    steps = estimate_steps(facts([estimate("a", DAY, 1.0)]), "eps_usd", NO_SPLITS, 90)
    found = estimates_at(steps, A, pl.Series([8057]), instant(date(2014, 3, 9)))
    assert np.isnan([mean(found, EPS_SCALE)[0], spread(found, EPS_SCALE)[0]]).all()


def test_ratings_are_averaged_over_firms() -> None:
    assert rating_mean(rating_steps(RATINGS, 365), A, instant(date(2018, 3, 14)))[0] == 0.5


def test_only_changes_of_a_firm_are_up_or_down() -> None:
    assert change_steps(RATINGS)["amount"].to_list() == [0, 0, 1, 1]
