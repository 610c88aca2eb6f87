"""How acceptance times are read: by the evidence of the company's own filings."""

from __future__ import annotations

from datetime import UTC, datetime

import polars as pl
import pytest

from adapters.feeds.files.acceptance import AcceptanceLaw, acceptance_of

SUMMER, WINTER = (2019, 7, 30), (2019, 1, 29)


def filings(*stated: datetime, form: str = "8-K", items: str = "2.02") -> pl.DataFrame:
    """Filings with these stated times."""
    rows = [{"form": form, "items": items, "stated_at": at} for at in stated]
    return pl.DataFrame(rows, schema={"form": pl.String, "items": pl.String, "stated_at": pl.Datetime("us")})


def at(day: tuple[int, int, int], hour: int, minute: int = 30) -> datetime:
    """A stated wall-clock time."""
    return datetime(*day, hour, minute)  # noqa: DTZ001  # the point: it states no zone


@pytest.mark.parametrize(
    ("stated", "law"),
    [
        ([at(SUMMER, 16)] * 3, AcceptanceLaw.NEW_YORK),
        ([at(SUMMER, 16)] * 2, AcceptanceLaw.LATER_OF_BOTH),
        ([at(SUMMER, 23)] * 3, AcceptanceLaw.UTC),
        ([at(WINTER, 0)] * 3, AcceptanceLaw.UTC),
        ([], AcceptanceLaw.LATER_OF_BOTH),
    ],
)
def test_three_signs_decide(stated: list[datetime], law: AcceptanceLaw) -> None:
    assert acceptance_of(filings(*stated)).law is law


def test_what_is_undecided_is_read_as_the_later_instant() -> None:
    frame = filings(at(SUMMER, 21))
    instants = frame.select(acceptance_of(frame).instants(pl.col("stated_at")))["stated_at"]
    assert instants.to_list() == [datetime(2019, 7, 31, 1, 30, tzinfo=UTC)]


def test_a_time_that_says_utc_and_means_it_is_kept() -> None:
    frame = filings(*[at(SUMMER, 23)] * 3)
    instants = frame.select(acceptance_of(frame).instants(pl.col("stated_at")))["stated_at"]
    assert instants[0] == datetime(2019, 7, 30, 23, 30, tzinfo=UTC)


def test_other_forms_in_the_session_are_no_sign() -> None:
    assert acceptance_of(filings(*[at(SUMMER, 15)] * 9, form="4", items="")).law is AcceptanceLaw.LATER_OF_BOTH
