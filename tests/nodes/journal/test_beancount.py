"""The ledger of Beancount: its own checker finds nothing, and its own booking comes to the same lots (JRN-01)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest
from beancount import loader
from beancount.core import data
from hypothesis import given, settings
from hypothesis import strategies as st

from nodes.journal.beancount import beancount_lines, commodity_name
from nodes.vocabulary.bookings import Booking, Renamed, Traded
from nodes.vocabulary.journal import JournalEntry, LotMethod, cash_account, securities_account
from tests.nodes.journal.ledger.ledgers import METHODS, SYMBOLS, booked, bust, events, origin, paid_in, trade, trades


def checked(text: str) -> list[Any]:
    """What Beancount makes of a ledger in which it finds no error."""
    entries, errors, _ = loader.load_string(text)
    assert not errors, "\n".join(error.message for error in errors)
    return list(entries)


def ledger(entries: Sequence[JournalEntry]) -> str:
    return "\n".join(beancount_lines(entries, "a title")) + "\n"


@settings(max_examples=25)
@given(events(), st.sampled_from(METHODS))
def test_the_checker_finds_nothing_wrong(happened: list[Booking], method: LotMethod) -> None:
    _, entries = booked(happened, method)
    found = checked(ledger(entries))
    assert sum(isinstance(each, data.Transaction) for each in found) == len(entries)


@settings(max_examples=25)
@given(trades(min_size=2), st.sampled_from([LotMethod.FIFO, LotMethod.LIFO, LotMethod.HIFO]))
def test_booking_by_beancount_comes_to_the_same_lots(happened: list[Traded], method: LotMethod) -> None:
    """An independent implementation of the methods, for long positions, which is where both have one meaning."""
    long = _never_short(happened)
    books, _ = booked(long, method)
    ours: dict[tuple[str, Decimal], Decimal] = {}
    for lots in books.lots.values():
        for lot in lots:
            ours[lot.symbol, lot.cost.unit_cost] = ours.get((lot.symbol, lot.cost.unit_cost), Decimal(0)) + lot.quantity
    assert _open_there(checked(_booked_there(long, method))) == ours


def _open_there(entries: Sequence[Any]) -> dict[tuple[str, Decimal], Decimal]:
    """Units by symbol and cost that transactions of Beancount leave."""
    sums: dict[tuple[str, Decimal], Decimal] = {}
    for entry in entries:
        for posting in getattr(entry, "postings", ()):
            if posting.cost is not None:
                place = posting.units.currency, posting.cost.number
                sums[place] = sums.get(place, Decimal(0)) + posting.units.number
    return {place: units for place, units in sums.items() if units}


def _never_short(happened: list[Traded]) -> list[Traded]:
    """The same trades with every sale cut to what is held."""
    held = dict.fromkeys(SYMBOLS, Decimal(0))
    found = []
    for each in happened:
        quantity = max(each.quantity, -held[each.symbol])
        if quantity:
            held[each.symbol] += quantity
            found.append(replace(each, quantity=quantity, fees=()))
    return found


def _booked_there(happened: list[Traded], method: LotMethod) -> str:
    """A ledger that leaves the choice of lots to Beancount."""
    accounts = [securities_account("demo", symbol) for symbol in SYMBOLS]
    lines = [f'2020-01-01 open {account} "{method.name}"' for account in accounts]
    lines += ["2020-01-01 open Assets:Demo:Cash", "2020-01-01 open Income:Demo:Gains"]
    for each in happened:
        lot = f"{{{each.price} USD}}" if each.quantity > 0 else f"{{}} @ {each.price} USD"
        lines += [
            f'{each.origin.as_of.date()} * "trade"',
            f"  {securities_account('demo', each.symbol)}  {each.quantity} {each.symbol} {lot}",
            f"  Assets:Demo:Cash  {-each.quantity * each.price} USD",
            "  Income:Demo:Gains",
        ]
    return "\n".join(lines) + "\n"


def test_a_late_entry_stands_behind_those_booked_before_it() -> None:
    _, entries = booked([trade(0, 10, 5), trade(9, -5, 6), replace(trade(3, 4, 7), origin=origin(3)), bust(10, "k0")])
    text = ledger(entries)
    checked(text)
    assert '2020-01-11 * "buy 4 AAA at 7 USD"' in text
    assert 'as-of: "2020-01-05T21:00:00Z"' in text
    assert 'corrects: "k0"' in text


def test_an_empty_journal_is_an_empty_ledger() -> None:
    assert checked(ledger([])) == []


@pytest.mark.parametrize(
    ("symbol", "name"),
    [
        ("AAPL", "AAPL"),
        ("A", "A"),
        ("BRK.B", "BRK.B"),
        ("USD", "X5553440"),
        ("3M", "X334D0"),
        ("brk b", "X62726B20620"),
    ],
)
def test_symbols_that_beancount_cannot_name_are_named_by_their_bytes(symbol: str, name: str) -> None:
    assert commodity_name(symbol, {"USD"}) == name


def test_a_fund_that_is_called_like_its_currency_is_told_from_it() -> None:
    _, entries = booked([paid_in(0), trade(1, 10, 5, "USD"), trade(2, 3, 5, "brk b"), Renamed(origin(3), "brk b", "X")])
    text = ledger(entries)
    checked(text)
    assert f"{cash_account('demo')}  99935 USD" in text


@pytest.mark.parametrize("symbol", ["TRUE", "FALSE", "NULL", "X41420", "日本"])
def test_words_that_beancount_reads_otherwise_name_no_share(symbol: str) -> None:
    """TRUE is a ticker that has traded."""
    _, entries = booked([paid_in(0), trade(1, 10, 5, symbol), trade(2, -4, 6, symbol)])
    checked(ledger(entries))
    assert commodity_name(symbol, {"USD"}) != symbol


def test_long_symbols_that_begin_alike_have_names_of_their_own() -> None:
    names = {commodity_name(f"AAPL230616C00150000-LONG-NAME-{end}", {"USD"}) for end in "XY"}
    assert len(names) == 2
    assert max(map(len, names)) == 24


def test_quotes_in_a_narration_end_no_string() -> None:
    _, entries = booked([paid_in(0)])
    checked(ledger([replace(entries[0], narration='said "yes" \\ and\nwent')]))
