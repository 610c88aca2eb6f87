"""The journal in the words of clients: amounts in full, missing as null."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal

import pytest

from api.http.schemas.journal import amount_text, balances_view, entry_view, holdings_view, lots_view, trips_view
from nodes.vocabulary.journal import (
    Balance,
    JournalEntry,
    JournalKind,
    Lot,
    LotCost,
    Position,
    Posting,
    Price,
    RoundTrip,
)

AT = datetime(2013, 1, 2, 21, tzinfo=UTC)
COST = LotCost(Decimal("10.50"), "USD", AT, "k0")


@pytest.mark.parametrize(
    ("amount", "text"),
    [("10.500", "10.5"), ("1E+3", "1000"), ("100", "100"), ("0.00", "0"), ("-0.000001", "-0.000001")],
)
def test_an_amount_is_written_in_full_without_zeros_at_its_end(amount: str, text: str) -> None:
    assert amount_text(Decimal(amount)) == text


def test_an_entry_is_told_with_every_posting() -> None:
    units = Posting("Assets:A", "AAA", Decimal(-2), COST, Price(Decimal("12.00"), "USD"))
    entry = JournalEntry("k1", JournalKind.TRADE, "demo", AT, AT, "text", (units,), b"\x01" * 32, (b"\x02" * 32,), "k0")
    view = entry_view(entry)
    (posting,) = view.postings
    assert (posting.quantity, posting.price, posting.price_currency) == ("-2", "12", "USD")
    assert posting.cost is not None
    assert (posting.cost.unit_cost, posting.cost.acquired_at) == ("10.5", "2013-01-02T21:00:00Z")
    assert (view.decision_id, view.cites, view.corrects) == ("01" * 32, ("02" * 32,), "k0")


def test_books_are_told_as_of_an_instant_or_as_they_stand() -> None:
    balance = Balance("Assets:A", "AAA", Decimal(2), Decimal("21.00"), "USD")
    assert balances_view("demo", AT, 7, [balance]).as_of == "2013-01-02T21:00:00Z"
    assert balances_view("demo", None, 7, [balance]).balances[0].weight == "21"
    held = holdings_view(
        "demo", None, 7, {"USD": Decimal("1.10")}, [Position("demo", "AAA", *(Decimal(2),) * 2, "USD")]
    )
    assert (held.cash, held.positions[0].cost) == ({"USD": "1.1"}, "2")
    assert lots_view("demo", None, "fifo", [Lot("AAA", Decimal(2), COST)]).lots[0].cost.lot == "k0"


def test_of_many_round_trips_the_newest_are_told_and_all_are_counted() -> None:
    trips = tuple(
        RoundTrip("demo", "AAA", Decimal(1), AT, AT, "k0", f"k{at}", Decimal(1), None, "USD", Decimal(at))
        for at in (1, 2)
    )
    view = trips_view("demo", "fifo", trips, 1)
    assert (view.n_trades, view.gain) == (2, {"USD": "3"})
    assert [(each.closed_by, each.close_price) for each in view.trades] == [("k2", None)]
