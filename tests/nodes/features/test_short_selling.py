"""Short interest, borrow and fails: usable once published, never before."""

from __future__ import annotations

from datetime import date

import polars as pl

from nodes.features import short_selling as features
from nodes.vocabulary.units import SharesColumn
from tests.nodes.features.fact_panels import at, daily_bars, end_of, facts

BARS = daily_bars(date(2020, 1, 1), date(2020, 2, 28))
SETTLED_ON, PUBLISHED_ON = date(2020, 1, 15), date(2020, 1, 28)
REPORT = facts(
    [{"settled_on": SETTLED_ON, "shares": 500, "event_at": end_of(SETTLED_ON), "known_at": at(PUBLISHED_ON, 14)}]
)
THOUSAND = SharesColumn(pl.Series([1000] * len(BARS.symbol)))


def test_short_interest_is_seen_from_its_publication_on() -> None:
    shares = features.short_shares(REPORT, BARS.symbol, BARS.closed_at)
    assert [shares[BARS.row(day)] for day in (date(2020, 1, 27), PUBLISHED_ON)] == [None, 500]
    assert features.short_interest_frac(shares, THOUSAND)[-1] == 0.5
    assert features.short_cover_frac(shares, THOUSAND)[-1] == 0.5


def test_its_age_counts_from_publication() -> None:
    age = features.short_age_days(REPORT, BARS.symbol, BARS.closed_at)
    assert age[BARS.row(date(2020, 1, 30))] == 2


def test_borrow_and_fails_are_the_newest_known() -> None:
    day = date(2020, 1, 6)
    stamps = {"event_at": end_of(day), "known_at": end_of(day)}
    borrow = facts([{"day_on": day, "available_shares": 250, "fee_rate_frac": 0.03, **stamps}])
    fails = facts([{"settled_on": day, "shares": 10, **stamps}])
    fee = features.borrow_fee_frac(borrow, BARS.symbol, BARS.closed_at)
    assert [fee[BARS.row(on)] for on in (day, date(2020, 1, 7))] == [None, 0.03]
    assert features.borrow_available_frac(borrow, THOUSAND, BARS.symbol, BARS.closed_at)[-1] == 0.25
    assert features.fails_frac(fails, THOUSAND, BARS.symbol, BARS.closed_at)[-1] == 0.01
