"""Splits, spin-offs and mergers keep the whole cost or realise it."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nodes.journal.ledger.lots import cost_of, units_of
from nodes.vocabulary.bookings import Booking, Merged, Renamed, SplitDone, SpunOff
from nodes.vocabulary.errors import DataError
from nodes.vocabulary.journal import JournalKind, gains_account
from tests.nodes.journal.ledger.ledgers import booked, cash, origin, total, trade, trades

NONE = Decimal(0)


def split(new: int, old: int, cash_paid: str = "0") -> SplitDone:
    return SplitDone(origin(90), "AAA", new, old, Decimal(cash_paid), "USD")


@settings(max_examples=40)
@given(trades(min_size=1), st.integers(1, 50), st.integers(1, 50))
def test_a_split_keeps_the_cost_of_what_is_left(happened: list[object], new: int, old: int) -> None:
    before, _ = booked(happened)  # type: ignore[arg-type]  # trades are bookings
    after, _ = booked([*happened, split(new, old)])  # type: ignore[list-item]
    held, lots = before.held("demo", "AAA"), after.held("demo", "AAA")
    assert units_of(lots) == int(units_of(held) * new / old)
    assert cost_of(lots) == (cost_of(held) if lots else 0)


def test_seven_for_one_is_seven_times_the_shares_at_a_seventh_of_the_cost() -> None:
    """As AAPL on 2014-06-09."""
    books, entries = booked([trade(0, 100, "645.57"), split(7, 1)])
    lots = books.held("demo", "AAA")
    assert units_of(lots) == 700
    assert cost_of(lots) == Decimal("64557.00")
    assert entries[-1].kind is JournalKind.SPLIT


def test_the_broken_share_of_a_reverse_split_is_sold_for_its_cash() -> None:
    """Revenue Ruling 66-365: half a share of 2.5 is sold with its fifth of the cost of 100."""
    books, entries = booked([trade(0, 25, 4), split(1, 10, "20.50")])
    assert units_of(books.held("demo", "AAA")) == 2
    assert cost_of(books.held("demo", "AAA")) == Decimal(80)
    assert total(entries, gains_account("demo", "AAA")) == Decimal("-0.50")
    assert cash(entries[1:]) == Decimal("20.50")


def test_a_broken_share_without_cash_leaves_its_cost_to_the_rest() -> None:
    books, entries = booked([trade(0, 25, 4), split(1, 10)])
    assert cost_of(books.held("demo", "AAA")) == Decimal(100)
    assert total(entries, gains_account("demo", "AAA")) == 0


def test_the_cost_of_a_broken_share_leaves_each_lot_in_proportion() -> None:
    books, _ = booked([trade(0, 15, 4), trade(1, 10, 7), split(1, 10, "13")])
    held = books.held("demo", "AAA")
    assert units_of(held) == 2
    assert cost_of(held) == Decimal(104)


def test_a_short_broken_share_is_bought_back_for_its_cash() -> None:
    books, entries = booked([trade(0, -25, 4), split(1, 10, "-20.50")])
    assert cost_of(books.held("demo", "AAA")) == Decimal(-80)
    assert total(entries, gains_account("demo", "AAA")) == Decimal("0.50")


def test_a_position_that_a_reverse_split_cuts_off_is_realised_whole() -> None:
    books, entries = booked([trade(0, 5, 4), split(1, 10, "18")])
    assert not books.lots
    assert total(entries, gains_account("demo", "AAA")) == 2


def test_parts_of_shares_stay_parts_in_a_split() -> None:
    books, _ = booked([trade(0, "1.5", 4), split(3, 1)])
    assert units_of(books.held("demo", "AAA")) == Decimal("4.5")


@pytest.mark.parametrize(("new", "old"), [(0, 1), (1, 0), (-2, 1)])
def test_a_split_needs_two_positive_numbers(new: int, old: int) -> None:
    with pytest.raises(DataError, match="is none; state two positive whole numbers"):
        booked([split(new, old)])


@settings(max_examples=40)
@given(trades(min_size=1), st.integers(1, 400), st.integers(0, 1000))
def test_a_spin_off_shares_the_cost_out(happened: list[object], units: int, thousandths: int) -> None:
    before, _ = booked(happened)  # type: ignore[arg-type]  # trades are bookings
    held = before.held("demo", "AAA")
    quantity = Decimal(units if units_of(held) >= 0 else -units)
    spun = SpunOff(origin(90), "AAA", "NEW", quantity, Decimal(thousandths) / 1000, NONE, "USD")
    after, _ = booked([*happened, spun])  # type: ignore[list-item]
    parent, child = after.held("demo", "AAA"), after.held("demo", "NEW")
    assert cost_of(parent) + cost_of(child) == cost_of(held)
    assert units_of(parent) == units_of(held)
    assert units_of(child) == (quantity if held else 0)
    assert {lot.cost.acquired_at for lot in child} <= {lot.cost.acquired_at for lot in held}


def test_no_more_than_all_of_the_cost_goes_along() -> None:
    spun = SpunOff(origin(1), "AAA", "NEW", Decimal(1), Decimal("1.1"), NONE, "USD")
    with pytest.raises(DataError, match=r"1\.1 of the cost of AAA cannot go along; state a fraction from 0 to 1"):
        booked([trade(0, 10, 5), spun])


@pytest.mark.parametrize(
    "event",
    [
        SpunOff(origin(1), "AAA", "NEW", Decimal(-5), Decimal("0.2"), NONE, "USD"),
        Merged(origin(1), "AAA", "NEW", Decimal(-5), NONE, NONE, "USD"),
        Merged(origin(1), "AAA", "", Decimal(5), NONE, NONE, "USD"),
    ],
)
def test_units_of_another_sign_or_without_a_name_are_refused(event: Booking) -> None:
    """Short units would stand at a negative cost, those of no symbol where no position is told."""
    with pytest.raises(DataError, match="cannot come for 10 AAA; name a symbol, and units of the sign that is held"):
        booked([trade(0, 10, 5), event])


def test_a_merger_for_shares_carries_cost_and_age_over() -> None:
    merged = Merged(origin(2), "AAA", "BBB", Decimal(15), NONE, NONE, "USD")
    books, entries = booked([trade(0, 10, 5), trade(1, 20, 8), merged])
    lots = books.held("demo", "BBB")
    assert (units_of(lots), cost_of(lots)) == (Decimal(15), Decimal(210))
    assert {lot.cost.lot for lot in lots} == {"k0", "k1"}
    assert not books.held("demo", "AAA")
    assert total(entries, gains_account("demo", "AAA")) == 0


def test_a_merger_for_cash_realises_everything() -> None:
    merged = Merged(origin(2), "AAA", "", NONE, Decimal(150), Decimal(1), "USD")
    books, entries = booked([trade(0, 10, 5), merged])
    assert not books.lots
    assert total(entries, gains_account("demo", "AAA")) == -100
    assert entries[-1].narration == "AAA for 150 USD"


def test_a_merger_for_both_realises_the_part_that_the_cash_stands_for() -> None:
    merged = Merged(origin(2), "AAA", "BBB", Decimal(5), Decimal(30), Decimal("0.4"), "USD")
    books, entries = booked([trade(0, 10, 5), merged])
    assert cost_of(books.held("demo", "BBB")) == 30
    assert total(entries, gains_account("demo", "AAA")) == -10
    assert entries[-1].narration == "AAA for 5 BBB and 30 USD"


def test_a_change_of_symbol_changes_nothing_else() -> None:
    books, entries = booked([trade(0, 10, 5), Renamed(origin(1), "AAA", "BRK.B")])
    (lot,) = books.held("demo", "BRK.B")
    assert (lot.symbol, lot.quantity, lot.cost.unit_cost, lot.cost.lot) == ("BRK.B", Decimal(10), Decimal(5), "k0")
    assert {each.account for each in entries[-1].postings} == {
        "Assets:Demo:Securities:AAA",
        "Assets:Demo:Securities:BRK-2EB",
    }


def test_what_is_not_held_is_reshaped_into_nothing() -> None:
    merged = Merged(origin(2), "AAA", "B", Decimal(1), NONE, NONE, "USD")
    nothing: list[Booking] = [split(2, 1), Renamed(origin(1), "AAA", "B"), merged]
    books, entries = booked(nothing)
    assert not books.lots
    assert not any(entry.postings for entry in entries)
