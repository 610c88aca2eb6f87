"""Features of ownership: usable from the filing on."""

from __future__ import annotations

from datetime import date
from typing import Any

import polars as pl
import pytest

from nodes.features import ownership as features
from nodes.vocabulary.units import Days, FracColumn, Panel, Sessions, SharesColumn
from tests.nodes.features.fact_panels import at, daily_bars, end_of, facts

SPLIT_ON = date(2014, 6, 9)
BARS = daily_bars(date(2014, 1, 2), date(2014, 12, 31), {SPLIT_ON: 7.0})
LIFE = Days(200)
OUTSTANDING = SharesColumn(pl.Series([7000 if day >= SPLIT_ON else 1000 for day in BARS.bar_on]))


def holding(filer: str, period_on: date, known_on: date, shares: int, symbol: str | None = "A", **more: Any) -> Any:
    """A holding as the domain ownership_13f has it."""
    base = {
        "filer": filer, "cusip": symbol or "x", "kind": "SH", "put_call": "", "period_on": period_on, "symbol": symbol,
        "shares": shares, "event_at": end_of(period_on), "known_at": at(known_on),
    }  # fmt: skip
    return base | more


DECEMBER, MARCH, JUNE = date(2013, 12, 31), date(2014, 3, 31), date(2014, 6, 30)
KNOWN = facts(
    [
        holding("f", DECEMBER, date(2014, 2, 14), 100),
        holding("g", DECEMBER, date(2014, 2, 14), 50),
        holding("g", DECEMBER, date(2014, 2, 14), 70, put_call="put"),
        holding("g", MARCH, date(2014, 5, 15), 30, symbol="B"),
        holding("f", MARCH, date(2014, 6, 16), 120),
        holding("f", DECEMBER, date(2014, 7, 1), 999),
    ]
)


def ask(node: Any, known: Panel = KNOWN) -> pl.Series:
    found: pl.Series = node(known, OUTSTANDING, BARS.symbol, BARS.closed_at, BARS.bar_on, BARS.split_ratio, LIFE)
    return found


def test_a_holding_is_seen_from_its_filing_and_not_from_its_quarter() -> None:
    """SVC-FND-03."""
    found = ask(features.institutional_holding_frac)
    assert (found[BARS.row(date(2014, 2, 13))], found[BARS.row(date(2014, 2, 14))]) == (None, 0.15)


def test_who_no_longer_names_a_share_has_sold_it() -> None:
    found = ask(features.institutional_holding_frac)
    assert (found[BARS.row(date(2014, 5, 14))], found[BARS.row(date(2014, 5, 15))]) == (0.15, 0.1)


def test_a_split_changes_no_part_of_the_company() -> None:
    found = ask(features.institutional_holding_frac)
    assert found[BARS.row(date(2014, 6, 6))] == found[BARS.row(SPLIT_ON)] == 0.1
    assert found[BARS.row(date(2014, 6, 16))] == pytest.approx(0.12), "filed after the split, in the shares before it"


def test_a_late_filing_of_an_old_quarter_changes_nothing() -> None:
    assert ask(features.institutional_holding_frac)[BARS.row(date(2014, 7, 1))] == pytest.approx(0.12)


def test_institutions_are_counted() -> None:
    found = features.institutions_count(KNOWN, BARS.symbol, BARS.closed_at, BARS.bar_on, BARS.split_ratio, LIFE)
    days = (date(2014, 2, 13), date(2014, 2, 14), date(2014, 5, 15))
    assert [found[BARS.row(day)] for day in days] == [None, 2, 1]


def test_the_change_is_against_so_many_bars_before() -> None:
    held = FracColumn(ask(features.institutional_holding_frac))
    found = features.institutional_change_frac(held, BARS.segments, Sessions(1))
    assert found[BARS.row(date(2014, 5, 15))] == pytest.approx(-0.05)


def form(insider: str, known_on: date, bought: float | None, sold: float | None, owned: float | None) -> dict[str, Any]:
    """A form as the domain insider_holdings has it."""
    return {
        "insider_cik": insider, "accession": f"{insider}-{known_on}", "period_on": known_on, "shares_owned": owned,
        "bought_shares": bought, "sold_shares": sold, "event_at": end_of(known_on), "known_at": at(known_on),
    }  # fmt: skip


FORMS = facts(
    [
        form("1", date(2014, 3, 3), 10.0, 0.0, 110.0),
        form("2", date(2014, 3, 4), 0.0, 4.0, 50.0),
        form("2", date(2014, 3, 5), None, None, None),
    ]
)


def test_insiders_buying_is_net_and_of_late() -> None:
    found = features.insider_net_buying_frac(
        FORMS, OUTSTANDING, BARS.symbol, BARS.closed_at, BARS.segments, Sessions(1)
    )
    days = (date(2014, 3, 3), date(2014, 3, 4), date(2014, 3, 5))
    assert [found[BARS.row(day)] for day in days] == [None, pytest.approx(-0.004), 0.0]


def test_what_insiders_own_is_split_with_the_share() -> None:
    found = ask(features.insider_holding_frac, FORMS)
    assert (found[BARS.row(date(2014, 3, 3))], found[BARS.row(date(2014, 3, 5))]) == (0.11, 0.16)
    assert found[BARS.row(SPLIT_ON)] == 0.16


def test_what_has_lapsed_is_unknown_and_not_zero() -> None:
    """DESIGN section 3: nothing is ever zero because it is missing."""
    known = facts([holding("f", DECEMBER, date(2014, 2, 14), 100)])
    found = ask(features.institutional_holding_frac, known)
    assert (found[BARS.row(date(2014, 8, 29))], found[BARS.row(date(2014, 9, 30))]) == (0.1, None)
    owned = ask(features.insider_holding_frac, facts([form("1", date(2014, 1, 6), 0.0, 0.0, 110.0)]))
    assert (owned[BARS.row(date(2014, 2, 3))], owned[BARS.row(date(2014, 9, 30))]) == (0.11, None)
