"""The books balance, whatever happens, and what was wrong is put right as if it had never been (JRN-01, JRN-03)."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nodes.journal.ledger.booking import Books, effective
from nodes.journal.ledger.lots import cost_of, units_of
from nodes.vocabulary.bookings import (
    COMMISSION,
    Allocated,
    Booking,
    Corrected,
    Fee,
    Renamed,
    Traded,
)
from nodes.vocabulary.errors import DataError
from nodes.vocabulary.journal import JournalKind, LotMethod, equity_account, expense_account, gains_account
from tests.nodes.journal.ledger.ledgers import (
    METHODS,
    booked,
    bust,
    cash,
    events,
    lots_told,
    origin,
    paid_in,
    total,
    trade,
    trades,
)


@settings(max_examples=60)
@given(events(), st.sampled_from(METHODS))
def test_every_entry_balances_and_postings_tell_the_lots(happened: list[Booking], method: LotMethod) -> None:
    books, entries = booked(happened, method)
    assert not any(entry.imbalances for entry in entries)
    held: dict[tuple[str, object], Decimal] = {}
    for lots in books.lots.values():
        for lot in lots:
            held[lot.symbol, lot.cost] = held.get((lot.symbol, lot.cost), Decimal(0)) + lot.quantity
    assert lots_told(entries) == held


@settings(max_examples=60)
@given(trades(min_size=1), st.sampled_from(METHODS), st.randoms(use_true_random=False))
def test_no_order_of_operations_changes_the_total(happened: list[Traded], method: LotMethod, chance: object) -> None:
    """Cash and units are the same, and so is what was gained together with what the open lots cost."""
    shuffled = list(happened)
    chance.shuffle(shuffled)  # type: ignore[attr-defined]  # hypothesis gives a Random
    one, entries = booked(happened, method)
    other, others = booked(shuffled, LotMethod.FIFO)
    assert cash(entries) == cash(others)
    for symbol in {each.symbol for each in happened}:
        lots, those = one.held("demo", symbol), other.held("demo", symbol)
        assert units_of(lots) == units_of(those)
        account = gains_account("demo", symbol)
        assert cost_of(lots) + total(entries, account) == cost_of(those) + total(others, account)


@settings(max_examples=30)
@given(trades(min_size=2), st.sampled_from(METHODS), st.data())
def test_a_trade_taken_back_is_as_if_it_had_never_been(
    happened: list[Traded], method: LotMethod, data: st.DataObject
) -> None:
    wrong = data.draw(st.sampled_from(happened))
    books, entries = booked([*happened, bust(99, wrong.origin.key)], method)
    never, others = booked([each for each in happened if each is not wrong], method)
    assert books.lots == never.lots
    assert cash(entries) == cash(others)
    assert lots_told(entries) == lots_told(others)
    assert entries[-1].kind is JournalKind.BUST
    assert entries[-1].corrects == wrong.origin.key


@settings(max_examples=25)
@given(trades(min_size=2), trades(min_size=1, max_size=1), st.sampled_from(METHODS), st.data())
def test_a_corrected_trade_is_as_if_it_had_been_right(
    happened: list[Traded], right: list[Traded], method: LotMethod, data: st.DataObject
) -> None:
    place = data.draw(st.integers(0, len(happened) - 1))
    wrong = happened[place]
    true = replace(right[0], symbol=wrong.symbol)
    books, entries = booked([*happened, bust(99, wrong.origin.key, true)], method)
    instead = replace(true, origin=wrong.origin)
    always, others = booked([*happened[:place], instead, *happened[place + 1 :]], method)
    assert books.lots == always.lots
    assert cash(entries) == cash(others)
    assert entries[-1].kind is JournalKind.TRADE_CORRECTION


def test_gains_fees_and_cash_of_a_round_trip_are_exact() -> None:
    fee = (Fee(COMMISSION, Decimal("1.25")),)
    _, entries = booked([paid_in(0), trade(1, 100, "10.01", fees=fee), trade(2, -100, "11.02", fees=fee)])
    assert total(entries, gains_account("demo", "AAA")) == -101
    assert total(entries, expense_account("demo", "Commission")) == Decimal("2.50")
    assert cash(entries) == Decimal("100098.50")


def test_a_rebate_is_a_negative_expense() -> None:
    _, entries = booked([trade(0, 100, 10, fees=(Fee("VenueFees", Decimal("-0.20")),))])
    assert cash(entries) == Decimal("-999.80")
    assert total(entries, expense_account("demo", "VenueFees")) == Decimal("-0.20")


def test_commissions_of_partial_fills_are_booked_as_each_fill_was_charged() -> None:
    """Reference case commission.zipline_per_share: 500 shares in three fills, at least 3.00 for the order."""
    charged = (("230", "3"), ("170", "0"), ("100", "0.75"))
    fills = [trade(at, shares, 10, fees=(Fee(COMMISSION, Decimal(fee)),)) for at, (shares, fee) in enumerate(charged)]
    _, entries = booked(fills)
    assert total(entries, expense_account("demo", "Commission")) == Decimal("3.75")


def test_a_sale_through_zero_closes_the_long_lots_and_opens_a_short_one() -> None:
    books, entries = booked([trade(0, 10, 5), trade(1, -15, 8)])
    (short,) = books.held("demo", "AAA")
    assert (short.quantity, short.cost.unit_cost, short.cost.lot) == (Decimal(-5), Decimal(8), "k1")
    assert total(entries, gains_account("demo", "AAA")) == -30


def test_covering_a_short_gains_what_the_price_fell() -> None:
    books, entries = booked([trade(0, -10, 8), trade(1, 10, 5)])
    assert not books.lots
    assert total(entries, gains_account("demo", "AAA")) == -30
    assert cash(entries) == 30


@pytest.mark.parametrize("method", METHODS)
def test_amounts_of_many_digits_balance_to_the_last_of_them(method: LotMethod) -> None:
    """JRN-01. Quantities and prices of 18 digits, as the API takes them, have products of more than 28."""
    bought, sold = (
        trade(1, "123456789012.123457", "12345678.901237"),
        trade(2, "-23456789012.123459", "98765432.109877"),
    )
    _, entries = booked([bought, trade(3, "1.000001", "7.000001"), sold], method)
    for entry in entries:
        parts = [
            Fraction(each.quantity) * (Fraction(each.cost.unit_cost) if each.cost else 1) for each in entry.postings
        ]
        assert sum(parts) == 0
    assert entries[0].postings[-1].quantity == Decimal("-1524157875321440455.287954016309")


def test_amounts_beyond_counting_are_refused() -> None:
    books, _ = booked([trade(1, 1, 10)])
    shares = ("one", Decimal("0.5")), ("two", Decimal("0.5"))
    with pytest.raises(DataError, match="more than 100 digits; state what can be paid"):
        books.booked(Allocated(origin(2), "AAA", shares, (Fee(COMMISSION, Decimal("1e120")),), "USD"))
    assert units_of(books.held("demo", "AAA")) == 1


def test_what_is_wrong_leaves_the_books_as_they_were() -> None:
    books, _ = booked([trade(0, 10, 5)])
    before = dict(books.lots)
    euros = replace(trade(1, -5, 6), currency="EUR")
    with pytest.raises(DataError, match="k1 is in EUR, the lots of AAA are in USD; state it in theirs"):
        books.booked(euros)
    assert books.lots == before


@pytest.mark.parametrize(("quantity", "price"), [("0", "5"), ("NaN", "5"), ("5", "-1"), ("5", "Infinity")])
def test_a_trade_of_nothing_is_refused(quantity: str, price: str) -> None:
    with pytest.raises(DataError, match="is none; state units and a price that is not negative"):
        Books(LotMethod.FIFO).booked(trade(0, quantity, price))


def test_only_a_trade_that_stands_is_taken_back() -> None:
    with pytest.raises(DataError, match="takes back k7, which is no trade of demo that stands; name the key of one"):
        booked([trade(0, 10, 5), bust(1, "k7")])
    with pytest.raises(DataError, match="k2 takes back k0, which is no trade"):
        booked([trade(0, 10, 5), bust(1, "k0"), bust(2, "k0")])


def test_books_without_a_past_take_nothing_back() -> None:
    books = Books(LotMethod.FIFO)
    with pytest.raises(DataError, match="the past of account demo is not known"):
        books.booked(bust(1, "k0"))


def test_a_trade_corrected_twice_is_as_it_was_last_said() -> None:
    said: list[Booking] = [trade(0, 10, 5), bust(1, "k0", trade(1, 10, 6)), bust(2, "k0", trade(2, 10, 7))]
    assert [each.price for each in effective(said) if isinstance(each, Traded)] == [7]
    books, entries = booked(said)
    assert cash(entries) == -70
    assert books.held("demo", "AAA")[0].cost.lot == "k0"


def test_specific_lots_are_closed_where_a_sale_names_them() -> None:
    happened = [trade(0, 10, 5), trade(1, 10, 6), trade(2, -10, 8, lots=("k1",))]
    books, entries = booked(happened, LotMethod.SPECIFIC)
    assert [lot.cost.lot for lot in books.held("demo", "AAA")] == ["k0"]
    assert total(entries, gains_account("demo", "AAA")) == -20


@settings(max_examples=40)
@given(
    st.lists(st.integers(1, 400), min_size=1, max_size=5),
    st.lists(st.tuples(st.integers(1, 300), st.integers(1, 99_999)), min_size=1, max_size=4),
    st.integers(0, 5000),
)
def test_a_block_is_allocated_to_the_cent_and_the_share(
    wanted: list[int], fills: list[tuple[int, int]], fee_cents: int
) -> None:
    """Shares, cost and fees of the block are those of the accounts together, each balanced for itself."""
    whole = sum(units for units, _ in fills)
    shares = tuple((f"client{at}", Decimal(units)) for at, units in enumerate(wanted))
    fee = Fee(COMMISSION, Decimal(fee_cents) / 100)
    bought = [trade(at, units, str(Decimal(cents) / 100)) for at, (units, cents) in enumerate(fills)]
    allocation = Allocated(origin(50), "AAA", shares, (fee,), "USD")
    if sum(wanted) > whole:
        with pytest.raises(DataError, match="cannot go to"):
            booked([*bought, allocation])
        return
    books, entries = booked([*bought, allocation])
    assert not any(entry.imbalances for entry in entries)
    clients = [account_id for account_id, _ in shares]
    assert [units_of(books.held(client, "AAA")) for client in clients] == wanted
    handed = entries[len(fills) :]
    assert sum(cash(handed, each) for each in (*clients, "demo")) == 0
    fees = [total(handed, expense_account(client, "Commission")) for client in clients]
    assert sum(fees) == fee.amount
    assert -total(handed, expense_account("demo", "Commission")) == fee.amount


@pytest.mark.parametrize("method", METHODS)
def test_a_block_corrected_after_it_was_allocated_costs_those_who_got_it(method: LotMethod) -> None:
    """JRN-01. The broker takes the new price from the block account: no dollar of it may vanish between the books."""
    to_two = Allocated(origin(2), "AAA", (("one", Decimal(50)), ("two", Decimal(50))), (), "USD")
    onward = Allocated(origin(3, "two"), "AAA", (("three", Decimal(20)),), (), "USD")
    righted = bust(9, "k1", trade(9, 100, 11))
    books, entries = booked([trade(1, 100, 10), to_two, onward, trade(4, -30, 12, account_id="one"), righted], method)
    paid = {name: cash(entries, name) for name in ("demo", "one", "two", "three")}
    assert paid == {"demo": 0, "one": -550 + 360, "two": -330, "three": -220}
    assert not any(entry.imbalances for entry in entries)
    assert [each.entry_key for each in entries[-4:]] == ["k9", "k9/one", "k9/three", "k9/two"]
    assert {name: cost_of(books.held(name, "AAA")) for name in ("one", "two", "three")} == {
        "one": 220, "two": 330, "three": 220,
    }  # fmt: skip


def test_an_allocation_names_every_other_account_once() -> None:
    twice = Allocated(origin(1), "AAA", (("a", Decimal(1)), ("a", Decimal(1))), (), "USD")
    with pytest.raises(DataError, match="name each of several other accounts once"):
        booked([trade(0, 10, 5), twice])


def test_a_correction_moves_cash_and_units_against_its_own_account() -> None:
    found = Corrected(origin(1), Decimal("-0.05"), "USD", "AAA", Decimal(3), Decimal(7), "fractional units")
    books, entries = booked([trade(0, 10, 5), found])
    assert units_of(books.held("demo", "AAA")) == 13
    assert total(entries, equity_account("demo", "Corrections")) == Decimal("-20.95")
    assert entries[-1].narration == "fractional units"


def test_a_symbol_may_not_be_long_and_short_at_once() -> None:
    with pytest.raises(DataError, match="k2 brings -5 BBB to account demo, which holds 10; close these before"):
        booked([trade(0, 10, 5, "BBB"), trade(1, -5, 5), Renamed(origin(2), "AAA", "BBB")])
