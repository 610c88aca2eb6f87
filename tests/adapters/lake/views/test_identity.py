from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from adapters.lake.domains.identity import IDENTITY
from adapters.lake.facts.store import FactStore
from adapters.lake.views.identity import leases, security_id_on, symbol_on
from nodes.vocabulary.errors import DataError
from tests.adapters.lake.views.holding import at, clock, held, lean_lake

NOW = clock()


@pytest.fixture(scope="module")
def lake(tmp_path_factory: pytest.TempPathFactory, shared_data: Path) -> FactStore:
    return lean_lake(tmp_path_factory.mktemp("identity"), shared_data, ("WM", "WMI", "UW", "GOOG", "GOOGL", "GOOCV"))


@pytest.mark.parametrize(
    ("symbol", "on", "security_id"),
    [
        ("WM", date(2008, 9, 26), "WM:1998-12-09"),
        ("WM", date(2009, 8, 5), "UW:1998-01-02"),
        ("WMI", date(2009, 8, 4), "UW:1998-01-02"),
        ("GOOG", date(2014, 4, 2), "GOOG:2004-08-19"),
        ("GOOG", date(2014, 4, 3), "GOOCV:2014-03-27"),
        ("GOOGL", date(2014, 4, 3), "GOOG:2004-08-19"),
        ("GOOCV", date(2014, 4, 2), "GOOCV:2014-03-27"),
    ],
)
def test_a_ticker_is_whose_it_was_that_day(lake: FactStore, symbol: str, on: date, security_id: str) -> None:
    """DESIGN section 10: tickers that change hands (WM, GOOG class A to class C)."""
    assert security_id_on(lake, symbol, on, NOW) == security_id
    assert symbol_on(lake, security_id, on, NOW) == symbol


@pytest.mark.parametrize(
    ("symbol", "on"), [("WM", date(2009, 1, 2)), ("GOOGL", date(2014, 4, 2)), ("XYZ", date(2014, 4, 2))]
)
def test_a_ticker_that_named_nobody_is_refused_with_whom_it_named_when(lake: FactStore, symbol: str, on: date) -> None:
    with pytest.raises(DataError, match=f"'{symbol}' named no security on {on}; known: "):
        security_id_on(lake, symbol, on, NOW)


def test_a_security_has_no_ticker_before_it_was_listed(lake: FactStore) -> None:
    with pytest.raises(DataError, match="had no ticker on 2004-08-18"):
        symbol_on(lake, "GOOG:2004-08-19", date(2004, 8, 18), NOW)


def test_before_a_ticker_changes_hands_nobody_knows_that_it_will(lake: FactStore) -> None:
    """PIT: on the evening of 2014-04-02 the lease of GOOG has no end yet."""
    before = leases(lake, at("2014-04-02 23:00"))
    own = before.filter(before["security_id"] == "GOOG:2004-08-19")

    assert own.select("symbol", "valid_to_on").rows() == [("GOOG", None)]
    assert security_id_on(lake, "GOOG", date(2014, 4, 3), at("2014-04-02 23:00")) == "GOOG:2004-08-19"


def test_a_ticker_that_two_hold_at_once_is_refused(tmp_path: Path) -> None:
    store = FactStore(tmp_path, clock)
    begun = {
        "symbol": "A",
        "valid_from_on": date(2000, 1, 3),
        "event_at": at("2000-01-03 14:30"),
        "known_at": at("2000-01-03 14:30"),
    }
    held(store, IDENTITY, [{"security_id": "one", **begun}, {"security_id": "two", **begun}])

    with pytest.raises(DataError, match="named 2 securities"):
        security_id_on(store, "A", date(2000, 1, 3), NOW)
