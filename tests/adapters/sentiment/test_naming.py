"""Whose share a text is about: by cashtag or name, one at a time, never with names from the future."""

from __future__ import annotations

from datetime import UTC, date, datetime

import polars as pl
import pytest

from adapters.sentiment.naming import Names

KNOWN = datetime(2010, 1, 4, tzinfo=UTC)
AT = datetime(2012, 6, 1, tzinfo=UTC)
LEASES = [
    ("AAPL", "Apple Inc.", date(1980, 12, 12), None, KNOWN),
    ("WM", "Washington Mutual, Inc.", date(1998, 1, 2), date(2008, 9, 26), KNOWN),
    ("WM", "Waste Management, Inc.", date(2009, 8, 5), None, KNOWN),
    ("MKS", "Marks & Spencer Group plc", date(2000, 1, 3), None, KNOWN),
    ("META", "Meta Platforms, Inc. Class A", date(2012, 5, 18), None, datetime(2022, 6, 9, tzinfo=UTC)),
    ("X", None, date(1998, 1, 2), None, KNOWN),
]


@pytest.fixture(scope="module")
def names() -> Names:
    schema = {
        "symbol": pl.String(),
        "name": pl.String(),
        "valid_from_on": pl.Date(),
        "valid_to_on": pl.Date(),
        "known_at": pl.Datetime("ns", "UTC"),
    }
    return Names(pl.DataFrame(LEASES, schema=schema, orient="row"))


@pytest.mark.parametrize(
    ("words", "symbol"),
    [
        ("Apple raises its dividend", "AAPL"),
        ("Up we go $AAPL", "AAPL"),
        ("$X is cheap", "X"),
        ("Marks & Spencer drops", "MKS"),
        ("Waste Management wins a contract", "WM"),
        ("An apple a day", None),
        ("Pineapple prices rise", None),
        ("Applebee's opens", None),
        ("Apple sues Marks & Spencer", None),
        ("US$AAPL is no tag", None),
        ("Annual meeting", None),
    ],
)
def test_a_text_names_one_share_or_none(names: Names, words: str, symbol: str | None) -> None:
    assert names.symbol(words, AT.date(), AT) == symbol


def test_a_ticker_counts_for_whom_it_named_on_the_day(names: Names) -> None:
    """DESIGN section 10: tickers change hands."""
    in_2008 = datetime(2010, 2, 1, tzinfo=UTC)
    assert names.symbol("Washington Mutual fails", date(2008, 9, 25), in_2008) == "WM"
    assert names.symbol("Washington Mutual fails", date(2008, 10, 25), in_2008) is None
    assert names.symbol("$WM falls", date(2009, 1, 5), in_2008) is None


def test_a_name_that_became_known_later_names_nothing_yet(names: Names) -> None:
    assert names.symbol("Meta Platforms rises", AT.date(), AT) is None
    assert names.symbol("Meta Platforms rises", date(2023, 1, 3), datetime(2023, 1, 3, tzinfo=UTC)) == "META"
