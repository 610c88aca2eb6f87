"""Earnings calendars: what happened, and what was planned on the day the list was taken."""

from __future__ import annotations

from datetime import UTC, date, datetime
from pathlib import Path

import polars as pl
import pytest

from adapters.feeds.files.calendars import calendar_actuals, earnings_calendar, fiscal_quarter
from adapters.feeds.files.splits import Embedded
from tests.adapters.feeds.files.sec_json import csv_of
from tests.adapters.feeds.files.test_estimates import SPLITS

HEAD = "symbol,date,qtr,eps_est,eps,release_time\n"
MONTHS = {"AAPL": 9, "MSFT": 6, "AMZN": 12, "IBM": 12, "GOOG": 12, "FB": 12}
TAKEN_AT = datetime(2014, 1, 20, 12, tzinfo=UTC)


@pytest.mark.parametrize(
    ("month", "year", "year_end_month", "wanted"),
    [
        (12, 2013, 9, (2014, 1)),
        (9, 2013, 9, (2013, 4)),
        (6, 2009, 9, (2009, 3)),
        (6, 2020, 6, (2020, 4)),
        (9, 2020, 6, (2021, 1)),
        (3, 2021, 12, (2021, 1)),
        (12, 2020, 12, (2020, 4)),
    ],
)
def test_a_quarter_is_named_for_the_year_that_its_fiscal_year_ends_in(
    month: int, year: int, year_end_month: int, wanted: tuple[int, int]
) -> None:
    found = fiscal_quarter(month, year, year_end_month)
    assert (found.year, found.quarter, found.end_on.month) == (*wanted, month)


def test_a_past_release_is_known_after_it_and_a_planned_one_from_the_list_on() -> None:
    text = (HEAD + "AAPL,2013-10-28,Sep-13,1.13,1.18,post\nAAPL,2014-01-28,Dec-13,2.0,,post\n").encode()
    rows = earnings_calendar(text, TAKEN_AT, MONTHS).facts.to_dicts()
    assert [(row["is_confirmed"], row["known_at"]) for row in rows] == [
        (True, datetime(2013, 10, 29, 13, 30, tzinfo=UTC)),
        (False, TAKEN_AT),
    ]
    assert rows[1]["scheduled_at"] == datetime(2014, 1, 28, 21, tzinfo=UTC)


def test_a_list_that_was_taken_later_moves_the_date_of_the_same_quarter() -> None:
    """SVC-EVT-02: a moved date is a new fact of the same key and event."""
    planned = earnings_calendar((HEAD + "AAPL,2014-01-28,Dec-13,,,post\n").encode(), TAKEN_AT, MONTHS).facts
    moved_at = datetime(2014, 1, 23, 12, tzinfo=UTC)
    moved = earnings_calendar((HEAD + "AAPL,2014-01-27,Dec-13,,,post\n").encode(), moved_at, MONTHS).facts
    key = ["symbol", "fiscal_year", "fiscal_quarter", "event_at"]
    assert planned.select(key).equals(moved.select(key))
    assert moved["scheduled_at"].item() < planned["scheduled_at"].item()


def test_a_release_before_the_session_has_its_opening() -> None:
    facts = earnings_calendar((HEAD + "MSFT,2009-10-23,Sep-09,,,pre\n").encode(), TAKEN_AT, MONTHS).facts
    assert facts["scheduled_at"].item() == datetime(2009, 10, 23, 13, 30, tzinfo=UTC)


@pytest.mark.parametrize(
    ("row", "reason"),
    [
        ("AAPL,2014-01-28,Dec-13,,,noon", "release_time is 'noon'"),
        ("T,2014-01-28,Dec-13,,,post", "no last month of T's fiscal year"),
        ("AAPL,2014-01-28,2013,,,post", "qtr is '2013', expected a month"),
        ("AAPL,2014-01-28,Dec-12,,,post", "results of the quarter that ended on 2012-12-31 come on 2014-01-28"),
        ("AAPL,2013-12-28,Dec-13,,,post", "results of the quarter that ended on 2013-12-31 come on 2013-12-28"),
        ("AAPL,soon,Dec-13,,,post", "date is 'soon'"),
    ],
)
def test_a_malformed_entry_is_set_aside(row: str, reason: str) -> None:
    parsed = earnings_calendar((HEAD + row + "\n").encode(), TAKEN_AT, MONTHS)
    assert parsed.facts.is_empty()
    assert parsed.rejected["reason"].item().startswith(reason)


def test_actuals_are_as_announced_where_the_splits_are_known() -> None:
    text = (HEAD + "AAPL,2014-01-27,Dec-13,2.01,2.07,post\nMSFT,2014-01-23,Dec-13,0.68,0.78,post\n").encode()
    facts = calendar_actuals(text, Embedded(SPLITS, {"AAPL"}, date(2019, 10, 1)), MONTHS).facts
    by_symbol = {row["symbol"]: row for row in facts.iter_rows(named=True)}
    assert by_symbol["AAPL"]["value"] == pytest.approx(14.49)
    assert by_symbol["AAPL"]["basis"] == "rescaled"
    assert by_symbol["MSFT"]["basis"] == "not-point-in-time"
    assert by_symbol["AAPL"]["known_at"] == datetime(2014, 1, 28, 14, 30, tzinfo=UTC)


@pytest.mark.shared_data
def test_every_entry_of_the_sample_is_read(shared_data: Path) -> None:
    text = csv_of(shared_data, "c3_earnings_calendar.parquet", pl.col("date").dt.date())
    parsed = earnings_calendar(text, datetime(2021, 5, 1, tzinfo=UTC), MONTHS)
    assert (parsed.facts.height, parsed.rejected.height) == (265, 0)
    assert parsed.facts["is_confirmed"].all()
    assert parsed.facts.select("symbol", "fiscal_year", "fiscal_quarter").is_unique().all()
