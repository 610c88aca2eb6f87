"""When something could first be known, from wall-clock times and acceptances."""

from __future__ import annotations

from datetime import UTC, date, datetime

import polars as pl
import pytest

from adapters.lake.knowledge import filing_knowledge, new_york_instants, release_knowledge, with_day_knowledge

INSTANT = pl.Datetime("ns", "UTC")


@pytest.mark.parametrize(
    ("wall_clock", "instant"),
    [
        (datetime(2019, 1, 2, 16, 30), datetime(2019, 1, 2, 21, 30, tzinfo=UTC)),  # noqa: DTZ001
        (datetime(2019, 7, 2, 16, 30), datetime(2019, 7, 2, 20, 30, tzinfo=UTC)),  # noqa: DTZ001
        (datetime(2019, 11, 3, 1, 30), datetime(2019, 11, 3, 6, 30, tzinfo=UTC)),  # noqa: DTZ001  # it comes twice
        (datetime(2019, 3, 10, 2, 30), None),  # noqa: DTZ001  # it does not come at all
    ],
)
def test_a_new_york_time_is_never_read_too_early(wall_clock: datetime, instant: datetime | None) -> None:
    frame = pl.DataFrame({"at": [wall_clock]})
    assert frame.select(new_york_instants(pl.col("at")))["at"].to_list() == [instant]


@pytest.mark.parametrize(
    ("filed_on", "accepted_at", "known_at"),
    [
        (date(2019, 10, 31), datetime(2019, 10, 30, 22, 12, tzinfo=UTC), datetime(2019, 10, 31, 10, tzinfo=UTC)),
        (date(2019, 10, 30), datetime(2019, 10, 30, 20, 30, tzinfo=UTC), datetime(2019, 10, 30, 20, 30, tzinfo=UTC)),
        (date(2015, 11, 16), datetime(2015, 11, 24, 21, 28, tzinfo=UTC), datetime(2015, 11, 24, 21, 28, tzinfo=UTC)),
        (date(2019, 10, 31), None, datetime(2019, 11, 1, 13, 30, tzinfo=UTC)),
    ],
)
def test_a_filing_is_known_at_the_later_of_acceptance_and_dissemination(
    filed_on: date, accepted_at: datetime | None, known_at: datetime
) -> None:
    schema = {"filed_on": pl.Date(), "accepted_at": INSTANT}
    frame = pl.DataFrame({"filed_on": [filed_on], "accepted_at": [accepted_at]}, schema=schema)
    assert filing_knowledge(frame).to_list() == [known_at]


def test_only_a_release_at_the_close_sharp_is_a_placeholder() -> None:
    released = [datetime(2014, 1, 27, 21, 0, tzinfo=UTC), datetime(2014, 1, 27, 21, 0, 1, tzinfo=UTC)]
    found = release_knowledge(pl.Series(released, dtype=INSTANT)).to_list()
    assert found == [datetime(2014, 1, 28, 14, 30, tzinfo=UTC), released[1]]


def test_a_source_of_days_is_true_at_the_end_of_one_and_known_after_another() -> None:
    rows = pl.DataFrame({"rated_on": [date(2018, 6, 8)]})
    found = with_day_knowledge(rows, "rated_on", "rated_on").row(0, named=True)
    assert found["event_at"].date() == date(2018, 6, 8)
    assert found["known_at"] == datetime(2018, 6, 11, 13, 30, tzinfo=UTC)
