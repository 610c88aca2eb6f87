"""Holdings that were known."""

from __future__ import annotations

from datetime import date

import polars as pl

from nodes.kernels.holdings import insider_steps, insider_trade_steps, institutional_steps
from nodes.kernels.standing import at_rows
from tests.nodes.features.fact_panels import INSTANT, at, facts
from tests.nodes.features.test_ownership import DECEMBER, FORMS, KNOWN, form, holding

NO_SPLITS = pl.DataFrame(schema={"symbol": pl.String, "ex_on": pl.Date, "ratio": pl.Float64})
SPLIT = pl.DataFrame({"symbol": ["A"], "ex_on": [date(2014, 3, 5)], "ratio": [2.0]})


def amount(steps: pl.DataFrame, day: date) -> int | None:
    """What stands of A on a day."""
    found = at_rows(steps, {"symbol": pl.Series(["A"])}, pl.Series([at(day)], dtype=INSTANT))["amount"][0]
    return None if found is None else int(found)


def test_a_filing_lapses_when_its_filer_stops_filing() -> None:
    steps = institutional_steps(KNOWN, NO_SPLITS, 60)
    assert (amount(steps, date(2014, 4, 14)), amount(steps, date(2014, 4, 16))) == (150, 0)


def test_options_and_what_was_taken_back_are_no_shares() -> None:
    rows = [
        holding("f", DECEMBER, date(2014, 2, 14), 100, put_call="call"),
        holding("f", DECEMBER, date(2014, 2, 14), 100, kind="PRN"),
        holding("f", DECEMBER, date(2014, 2, 14), 100, cusip="y", is_retracted=True),
    ]
    assert amount(institutional_steps(facts(rows), NO_SPLITS, 200), date(2014, 3, 1)) in {None, 0}


def test_a_split_between_period_and_filing_counts() -> None:
    known = facts([holding("f", DECEMBER, date(2014, 3, 10), 100)])
    assert amount(institutional_steps(known, SPLIT, 200), date(2014, 3, 10)) == 200


def test_trades_add_up_and_forms_without_them_do_not_count() -> None:
    steps = insider_trade_steps(FORMS)
    assert [amount(steps, day) for day in (date(2014, 3, 2), date(2014, 3, 3), date(2014, 3, 9))] == [None, 10, 6]


def test_an_insider_owns_what_his_newest_form_says() -> None:
    known = facts([form("1", date(2014, 3, 3), 1.0, 0.0, 100.0), form("1", date(2014, 3, 4), 1.0, 0.0, 90.0)])
    steps = insider_steps(known, NO_SPLITS, 365)
    assert (amount(steps, date(2014, 3, 3)), amount(steps, date(2014, 3, 4))) == (100, 90)


def test_a_form_that_is_stated_anew_counts_by_what_it_changes_and_one_taken_back_no_more() -> None:
    first = form("1", date(2014, 3, 3), 10.0, 0.0, 100.0)
    again = first | {"bought_shares": 8.0, "known_at": at(date(2014, 3, 4))}
    gone = first | {"known_at": at(date(2014, 3, 5)), "is_retracted": True}
    steps = insider_trade_steps(facts([first, again, gone]))
    assert [amount(steps, date(2014, 3, day)) for day in (3, 4, 5)] == [10, 8, 0]


def test_what_a_form_that_was_taken_back_said_stands_no_more() -> None:
    first = form("1", date(2014, 3, 3), 1.0, 0.0, 100.0)
    gone = first | {"known_at": at(date(2014, 3, 5)), "is_retracted": True, "shares_owned": None}
    steps = insider_steps(facts([first, gone]), NO_SPLITS, 365)
    assert (amount(steps, date(2014, 3, 4)), amount(steps, date(2014, 3, 5))) == (100, 0)
