from __future__ import annotations

from datetime import date

import polars as pl

from adapters.feeds.files.leases import SCHEMA, no_leases, owned

WASTE = ("UW:1998-01-02", "WM", date(2009, 8, 5), None, "N", None)


def rows(*days: date) -> pl.DataFrame:
    return pl.DataFrame({"line": range(1, len(days) + 1), "session_on": days, "symbol": ["WM"] * len(days)})


def test_a_ticker_belongs_to_who_leased_it_that_day_and_else_to_a_security_of_its_own() -> None:
    """The WM of 2008 was Washington Mutual, the WM of 2009 is Waste Management (DESIGN section 10)."""
    leases = pl.DataFrame([WASTE], schema=SCHEMA, orient="row")

    found = owned(rows(date(2008, 9, 25), date(2008, 9, 26), date(2009, 8, 5)), leases, "session_on")

    assert found.rows["security_id"].to_list() == ["WM:2008-09-25", "WM:2008-09-25", "UW:1998-01-02"]
    assert found.inferred.select("valid_from_on", "valid_to_on").rows() == [(date(2008, 9, 25), date(2008, 9, 26))]


def test_without_leases_every_ticker_is_one_security_from_its_first_row_on() -> None:
    found = owned(rows(date(2008, 9, 25), date(2021, 1, 4)), no_leases(), "session_on")

    assert found.rows["security_id"].unique().to_list() == ["WM:2008-09-25"]
    assert found.inferred["valid_to_on"].to_list() == [None]


def test_rows_on_either_side_of_a_lease_are_different_securities() -> None:
    ended = pl.DataFrame([(*WASTE[:3], date(2010, 1, 4), *WASTE[4:])], schema=SCHEMA, orient="row")

    found = owned(rows(date(2008, 9, 25), date(2010, 1, 5)), ended, "session_on")

    assert found.rows["security_id"].to_list() == ["WM:2008-09-25", "WM:2010-01-05"]


def test_rows_of_a_leased_ticker_infer_nothing_and_keep_their_order() -> None:
    leases = pl.DataFrame([WASTE], schema=SCHEMA, orient="row")

    found = owned(rows(date(2012, 1, 4), date(2011, 1, 4)), leases, "session_on")

    assert found.rows["line"].to_list() == [1, 2]
    assert found.inferred.is_empty()
