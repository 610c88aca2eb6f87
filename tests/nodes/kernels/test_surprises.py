"""Surprises, alone and against the past."""

from __future__ import annotations

from datetime import date

import numpy as np
import pytest

from nodes.kernels.surprises import standardised, surprises
from tests.nodes.features.fact_panels import at, facts
from tests.nodes.features.test_earnings import actual

DAYS = [date(2014, 1, 22), date(2014, 4, 23), date(2014, 7, 22), date(2014, 10, 20)]
KNOWN = facts([actual(day, value, 1.0) for day, value in zip(DAYS, (1.1, 1.2, 0.9, 1.4), strict=True)])


def test_a_surprise_is_relative_to_the_size_of_the_forecast() -> None:
    found = surprises(facts([actual(DAYS[0], -1.0, -2.0)]), "eps_usd")
    assert found["value"].to_list() == [0.5]
    assert surprises(KNOWN, "revenue_usd").is_empty()


def test_the_first_print_is_scored_against_the_ones_before_it() -> None:
    revised = facts([*KNOWN.to_dicts(), actual(DAYS[3], 9.0, 1.0) | {"known_at": at(date(2014, 12, 1))}])
    found = standardised(surprises(revised.with_row_index("n").drop("n"), "eps_usd"), 3)
    past = np.array([0.1, 0.2, -0.1])
    assert found["value"].to_list() == [pytest.approx(0.4 / np.std(past, ddof=1))]


def test_without_variation_there_is_no_score() -> None:
    flat = facts([actual(day, 1.5, 1.0) for day in DAYS])
    assert standardised(surprises(flat, "eps_usd"), 3).is_empty()


def test_a_score_is_known_when_the_last_of_its_parts_is() -> None:
    late = [actual(DAYS[0], 1.1, 1.0) | {"known_at": at(date(2015, 1, 2))}, *KNOWN.to_dicts()[1:]]
    found = standardised(surprises(facts(late), "eps_usd"), 3)
    assert found["known_at"].to_list() == [at(date(2015, 1, 2))]
