"""Orders in a row, counted by hand and by laws."""

from __future__ import annotations

from decimal import Decimal

from nodes.journal.account import (
    account_bytes,
    account_from_bytes,
    after_release,
    after_throttle,
    opened_account,
)
from nodes.vocabulary.repeats import repeated_count, repeats_after, repeats_from_here


def test_a_row_goes_on_while_every_session_adds_to_it() -> None:
    repeats = repeats_after((), (("AAPL", 2, 0), ("IBM", 0, 1)))
    repeats = repeats_after(repeats, (("AAPL", 1, 0), ("IBM", 0, 3)))
    assert repeats == (("AAPL", 3, 0), ("IBM", 0, 4))


def test_a_session_without_the_side_ends_its_row() -> None:
    assert repeats_after((("AAPL", 5, 0), ("IBM", 4, 0)), (("AAPL", 0, 1),)) == (("AAPL", 0, 1),)


def test_a_release_begins_every_row_anew_also_in_the_middle_of_a_session() -> None:
    today = (("AAPL", 2, 0),)
    repeats = repeats_from_here(today)
    assert repeated_count(repeats, "AAPL", 100) + 2 == 0
    assert repeats_after(repeats, (("AAPL", 3, 0),)) == (("AAPL", 1, 0),)


def test_each_side_has_its_own_row_and_no_order_has_none() -> None:
    repeats = (("AAPL", 3, 1),)
    counts = [repeated_count(repeats, symbol, shares) for symbol, shares in (("AAPL", 5), ("AAPL", -5), ("AAPL", 0))]
    assert counts == [3, 1, 0]
    assert repeated_count(repeats, "IBM", 5) == 0


def test_a_throttled_account_is_throttled_still_when_it_is_read_again() -> None:
    """EXE-16."""
    state = after_throttle(opened_account("paper", Decimal(1000)))
    again = account_from_bytes(account_bytes(state))
    assert again == state
    assert again.automation_is_disabled
    assert not after_release(again).automation_is_disabled
