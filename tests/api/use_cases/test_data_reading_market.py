"""Bars, factors and names as they were known, on real data."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from adapters.lake.facts.store import FactStore
from api.use_cases.data_reading import Standpoint
from api.use_cases.data_reading_market import bars, corporate_actions, index_members, macro, securities, security_id
from nodes.vocabulary.errors import DataError
from tests.adapters.lake.views.holding import at, clock

BEFORE, AFTER = at("2014-06-06 20:00"), at("2014-06-09 20:00")


def _seen(folder: Path, when: str) -> Standpoint:
    return Standpoint(FactStore(folder, clock), at(when))


@pytest.mark.shared_data
def test_a_close_is_adjusted_by_the_split_only_once_it_is_in_force(real_lake: Path) -> None:
    """SVC-MKT-01: AAPL closed at 645.57 on 2014-06-06, the session before 7 for 1."""
    store = FactStore(real_lake, clock)
    day = date(2014, 6, 6)
    asked = [bars(Standpoint(store, each), "AAPL", "splits", day, day) for each in (BEFORE, AFTER)]
    before, after = (found.row(0, named=True) for found in asked)
    assert (before["close_usd"], after["close_usd"]) == (645.57, 645.57)
    assert (before["adjusted_close_usd"], after["adjusted_close_usd"]) == (645.57, pytest.approx(92.2243, abs=1e-4))


@pytest.mark.shared_data
def test_no_bar_is_seen_before_its_close(real_lake: Path) -> None:
    """SVC-MKT-01."""
    store = FactStore(real_lake, clock)
    last = [bars(Standpoint(store, at(f"2014-06-06 {time}")), "AAPL")["session_on"][-1] for time in ("19:59", "20:00")]
    assert last == [date(2014, 6, 5), date(2014, 6, 6)]


@pytest.mark.shared_data
def test_actions_have_the_instant_from_which_they_are_in_force(real_lake: Path) -> None:
    """SVC-EVT-01."""
    found = corporate_actions(Standpoint(FactStore(real_lake, clock), AFTER), "AAPL")
    split = found.filter(kind="split", ex_on=date(2014, 6, 9)).row(0, named=True)
    assert (split["ratio"], split["effective_at"]) == (7.0, at("2014-06-09 13:30"))


def test_a_macro_series_has_vintages(sample_lake: Path) -> None:
    """SVC-MKT-05."""
    early, late = _seen(sample_lake, "2020-06-06 00:00"), _seen(sample_lake, "2020-08-01 00:00")
    assert [macro(each, "unemployment")["value"].to_list() for each in (early, late)] == [[13.3], [13.2]]
    assert macro(late, "unemployment", "first-print")["value"].to_list() == [13.3]
    assert macro(late, "unemployment", "vintages")["value"].to_list() == [13.3, 13.2]


def test_a_ticker_names_a_security_on_a_day(sample_lake: Path) -> None:
    seen = _seen(sample_lake, "2021-01-01 00:00")
    assert security_id(seen, "ACME", None) == security_id(seen, "ACME:2010-01-04", None) == "ACME:2010-01-04"
    assert securities(seen, "ACME", date(2009, 1, 1)).is_empty()
    with pytest.raises(DataError, match="one security that 'ACME' names on 2009-01-01"):
        security_id(seen, "ACME", date(2009, 1, 1))


def test_an_index_has_its_members_of_the_day(sample_lake: Path) -> None:
    seen = _seen(sample_lake, "2021-01-01 00:00")
    assert index_members(seen, "sp500")["symbol"].to_list() == ["ACME"]
    assert index_members(seen, "sp500", date(2014, 1, 2)).is_empty()
