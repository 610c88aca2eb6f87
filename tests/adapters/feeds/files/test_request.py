"""What the lake knows while files are read: embedded splits and fiscal years."""

from __future__ import annotations

from datetime import UTC, date, datetime
from pathlib import Path

import polars as pl

from adapters.feeds.files.leases import SCHEMA
from adapters.feeds.files.request import Besides, Held, ImportRequest
from adapters.lake.domains.registry import DOMAINS
from adapters.lake.facts.domain import Domain

NOW = datetime(2026, 1, 1, tzinfo=UTC)
LEASES = pl.DataFrame(
    [
        ("A:1999-01-04", "OLD", date(1999, 1, 4)),
        ("A:1999-01-04", "NEW", date(2009, 1, 5)),
        ("B:2001-01-02", "B", date(2001, 1, 2)),
    ],
    schema=["security_id", "symbol", "valid_from_on"],
    orient="row",
).with_columns(pl.lit(None).cast(dtype).alias(name) for name, dtype in list(SCHEMA.items())[3:])
ACTIONS = pl.DataFrame(
    [
        ("A:1999-01-04", "split", date(2014, 6, 9), 7.0),
        ("B:2001-01-02", "listing", date(2001, 1, 2), None),
    ],
    schema={"security_id": pl.String, "kind": pl.String, "ex_on": pl.Date, "ratio": pl.Float64},
    orient="row",
)
FILINGS = pl.DataFrame(
    [
        ("A", "10-K", date(2013, 9, 28)),
        ("A", "10-K", date(2014, 9, 27)),
        ("A", "10-K", date(2015, 10, 1)),
        ("A", "10-Q", date(2014, 3, 29)),
    ],
    schema=["symbol", "form", "report_on"],
    orient="row",
)


def request(besides: Besides) -> ImportRequest:
    def facts(domain: Domain) -> pl.DataFrame:
        return {"corporate_actions": ACTIONS, "filings": FILINGS}[domain.name]

    return ImportRequest(Path("x"), Held(NOW, LEASES, DOMAINS, facts), besides)


def test_without_a_day_nobody_knows_which_splits_a_file_embeds() -> None:
    assert request(Besides()).embedded() is None


def test_the_lakes_splits_are_embedded_under_the_newest_ticker() -> None:
    embedded = request(Besides(splits_until=date(2016, 1, 1))).embedded()

    assert embedded is not None
    assert embedded.splits.rows() == [("NEW", date(2014, 6, 9), 7.0)]
    assert embedded.until_on == date(2016, 1, 1)


def test_a_share_of_which_only_its_listing_is_known_is_not_covered() -> None:
    """That the lake knows no split of it does not say that there was none."""
    embedded = request(Besides(splits_until=date(2016, 1, 1))).embedded()

    assert embedded is not None
    assert embedded.covered == frozenset({"NEW"})


def test_a_fiscal_year_ends_where_most_annual_reports_say_unless_it_is_given() -> None:
    assert request(Besides()).year_ends() == {"A": 9}
    assert request(Besides(year_ends={"A": 12, "B": 6})).year_ends() == {"A": 12, "B": 6}
