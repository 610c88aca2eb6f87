"""What can be asked of fundamentals, the same for every way in."""

from __future__ import annotations

from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from adapters.lake.views.fundamentals import Question
from api.use_cases.fundamentals import (
    FactQuestion,
    as_of_from_text,
    known_statement,
    known_trailing_sums,
    plain_statements,
    stated_as_of,
    stated_first,
    stated_revisions,
)
from nodes.vocabulary.errors import DataError
from tests.adapters.lake.views.apple import NOW, apple_lake

ASSETS = Question("AAPL", "us-gaap:Assets", date(2008, 9, 27))


@pytest.mark.parametrize(
    ("text", "instant"),
    [
        (None, NOW),
        ("2009-07-22", datetime(2009, 7, 23, 3, 59, 59, 999999, tzinfo=UTC)),
        ("2009-12-31", datetime(2010, 1, 1, 4, 59, 59, 999999, tzinfo=UTC)),
        ("2009-12-31T12:00:00+01:00", datetime(2009, 12, 31, 11, tzinfo=UTC)),
    ],
)
def test_an_as_of_is_now_a_day_or_an_instant(text: str | None, instant: datetime) -> None:
    assert as_of_from_text(text, NOW) == instant


def test_an_as_of_without_an_offset_is_refused() -> None:
    with pytest.raises(DataError, match="naive datetime 2009-12-31T12:00:00 names no instant"):
        as_of_from_text("2009-12-31T12:00:00", NOW)


def test_value_first_print_and_revisions_agree(tmp_path: Path) -> None:
    """SVC-FND-01."""
    store, asked = apple_lake(tmp_path), FactQuestion(ASSETS, NOW)
    every = stated_revisions(store, asked)
    assert (stated_first(store, asked), stated_as_of(store, asked)) == (every[0], every[-1])
    assert plain_statements(every, NOW)[0]["as_of"] == NOW


def test_where_nothing_was_known_that_is_said(tmp_path: Path) -> None:
    store = apple_lake(tmp_path)
    with pytest.raises(DataError, match="no cash-flow statement of AAPL was known"):
        known_statement(store, "AAPL", "cash-flow", NOW, is_annual=True)
    with pytest.raises(DataError, match="no trailing year of AAPL sales was known"):
        known_trailing_sums(store, "AAPL", "sales", NOW)
