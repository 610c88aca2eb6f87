"""Lines of statements: trailing years and pairs, each made of what was known and nothing else."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Any

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nodes.kernels.known import known_values
from nodes.kernels.statements import LINES, balances, line_facts, trailing_years, year_pairs
from tests.nodes.features.fact_panels import INSTANT, at, balance, facts, flow

FY1, FY2 = (date(2012, 9, 30), date(2013, 9, 28)), (date(2013, 9, 29), date(2014, 9, 27))
Q1, Q1_BEFORE = (date(2013, 9, 29), date(2013, 12, 28)), (date(2012, 9, 30), date(2012, 12, 29))
Q2_ALONE = (date(2013, 12, 29), date(2014, 3, 29))
H1, H1_BEFORE = (date(2013, 9, 29), date(2014, 3, 29)), (date(2012, 9, 30), date(2013, 3, 30))
SALES = "Revenues"


def standing(frame: pl.DataFrame, instant: datetime) -> Any:
    """The value that stands at an instant."""
    return known_values(frame, pl.Series(["A"]), pl.Series([instant], dtype=INSTANT))[0]


KNOWN = facts(
    [
        flow(SALES, *FY1, 100.0, at(date(2013, 10, 30))),
        flow(SALES, *Q1, 40.0, at(date(2014, 1, 28))),
        flow(SALES, *Q1_BEFORE, 30.0, at(date(2014, 1, 28))),
        flow(SALES, *Q2_ALONE, 20.0, at(date(2014, 4, 24))),
        flow(SALES, *H1, 60.0, at(date(2014, 4, 24))),
        flow(SALES, *H1_BEFORE, 50.0, at(date(2014, 4, 24))),
        flow(SALES, *FY1, 101.0, at(date(2014, 6, 2))),
        flow(SALES, *FY2, 130.0, at(date(2014, 10, 27))),
    ]
)


@pytest.mark.parametrize(
    ("instant", "value"),
    [
        (at(date(2013, 10, 29)), None),
        (at(date(2013, 10, 30)), 100.0),
        (at(date(2014, 1, 28)), 110.0),
        (at(date(2014, 4, 24)), 110.0),
        (at(date(2014, 6, 2)), 111.0),
        (at(date(2014, 10, 27)), 130.0),
    ],
)
def test_a_trailing_year_is_a_year_plus_a_part_less_the_same_part(instant: datetime, value: float | None) -> None:
    assert standing(trailing_years(KNOWN, "sales"), instant) == value


def test_without_the_part_of_the_year_before_the_last_year_stands() -> None:
    known = facts([row for row in KNOWN.to_dicts() if row["period_start_on"] != Q1_BEFORE[0] or row["value"] >= 100.0])
    assert standing(trailing_years(known, "sales"), at(date(2014, 2, 1))) == 100.0


def test_a_filing_that_states_a_line_twice_gives_the_preferred_concept() -> None:
    rows = [
        flow(concept, *FY1, value, at(date(2014, 1, 1)))
        for concept, value in zip(LINES["sales"], (1.0, 2.0, 3.0), strict=True)
    ]
    assert line_facts(facts(rows[::-1]), "sales")["value"].to_list() == [1.0]


def test_a_change_of_concept_does_not_break_a_line() -> None:
    """Apple's sales are SalesRevenueNet until 2018 and RevenueFromContract... from 2019."""
    renamed = KNOWN.with_columns(
        concept=pl.when(pl.col("value") == 40.0).then(pl.lit(LINES["sales"][1])).otherwise(pl.col("concept"))
    )
    assert standing(trailing_years(renamed, "sales"), at(date(2014, 1, 28))) == 110.0


def test_a_number_in_another_unit_is_no_part_of_a_line() -> None:
    assert line_facts(KNOWN.with_columns(unit=pl.lit("EUR")), "sales").is_empty()


def test_what_was_taken_back_has_no_value() -> None:
    rows = [
        balance("Assets", date(2013, 12, 31), 5.0, at(date(2014, 2, 1))),
        balance("Assets", date(2013, 12, 31), 5.0, at(date(2014, 3, 1))) | {"is_retracted": True},
    ]
    found = balances(facts(rows), "assets")
    assert (standing(found, at(date(2014, 2, 15))), standing(found, at(date(2014, 3, 15)))) == (5.0, None)


def test_a_pair_is_of_a_year_before_and_as_restated_by_then() -> None:
    rows = [
        balance("Assets", date(2012, 12, 31), 10.0, at(date(2013, 2, 1))),
        balance("Assets", date(2013, 9, 30), 11.0, at(date(2013, 11, 1))),
        balance("Assets", date(2013, 12, 31), 12.0, at(date(2014, 2, 1))),
        balance("Assets", date(2012, 12, 31), 9.0, at(date(2014, 3, 1))),
    ]
    pairs = year_pairs(balances(facts(rows), "assets")).sort("known_at")
    assert pairs.select("value", "value_before").rows() == [(12.0, 10.0), (12.0, 9.0)]
    assert pairs["before_at"].dt.date().unique().to_list() == [date(2012, 12, 31)]


@given(st.integers(0, 400))
def test_what_becomes_known_later_changes_nothing_before(days: int) -> None:
    """The leak audit in small: cut off the future, and the past stays bit for bit."""
    instant = at(date(2013, 10, 1)) + timedelta(days=days)
    cut = KNOWN.filter(pl.col("known_at") <= instant)
    assert standing(trailing_years(cut, "sales"), instant) == standing(trailing_years(KNOWN, "sales"), instant)


def test_no_facts_make_no_facts() -> None:
    assert trailing_years(KNOWN.clear(), "sales").is_empty()
    assert year_pairs(balances(KNOWN.clear(), "assets")).is_empty()


def test_a_nearer_year_before_that_becomes_known_later_changes_nothing_until_then() -> None:
    """The pair was chosen among all events, known or not: what stood in 2014 vanished when the other was filed."""
    early = balance("Assets", date(2013, 3, 24), 100.0, at(date(2013, 5, 1)))
    now = balance("Assets", date(2014, 3, 29), 130.0, at(date(2014, 5, 1)))
    nearer = balance("Assets", date(2013, 3, 30), 120.0, at(date(2015, 5, 1)))
    pairs = year_pairs(balances(facts([early, now, nearer]), "assets"))
    found = pairs.filter(pl.col("value") == 130.0).select("known_at", "value_before").rows()
    assert found == [(at(date(2014, 5, 1)), 100.0), (at(date(2015, 5, 1)), 120.0)]


_DAYS = st.integers(0, 4)


@settings(max_examples=30, deadline=None)
@given(st.lists(st.tuples(st.integers(0, 11), _DAYS, _DAYS, st.integers(1, 30), st.integers(0, 40)), max_size=14))
def test_what_becomes_known_later_changes_no_sum_that_was_known(
    told: list[tuple[int, int, int, int, int]],
) -> None:
    """PIT-01, by removing what was known later: parts of years begin and end some days off, and are told late."""
    first = date(2012, 1, 1).toordinal()
    rows = [
        flow(
            SALES,
            date.fromordinal(first + 91 * quarter + begin),
            date.fromordinal(first + 91 * (quarter + n_quarters) - 1 + begin),
            float(value),
            at(date.fromordinal(first + 400 + 20 * known)),
        )
        for quarter, begin, spans, value, known in told
        for n_quarters in (min(spans + 1, 4),)
    ]
    if not rows:
        return
    everything = facts(rows)
    for months in (10, 25, 40):
        instant = at(date.fromordinal(first + 400 + 20 * months))
        known = everything.filter(pl.col("known_at") <= instant)
        if known.is_empty():
            continue
        for made in (trailing_years, lambda frame, line: year_pairs(trailing_years(frame, line))):
            assert standing(made(known, "sales"), instant) == standing(made(everything, "sales"), instant)
