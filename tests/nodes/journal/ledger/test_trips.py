"""Round trips say what each closing gained; together they are all that was realised."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nodes.journal.ledger.trips import round_trips
from nodes.vocabulary.bookings import Merged, Traded
from nodes.vocabulary.journal import LotMethod, gains_account
from tests.nodes.journal.ledger.ledgers import SYMBOLS, booked, origin, total, trade, trades

LOTS = [method for method in LotMethod if method is not LotMethod.AVERAGE]


@settings(max_examples=40)
@given(trades(), st.sampled_from(LOTS))
def test_gains_of_all_round_trips_are_what_the_books_realised(happened: list[Traded], method: LotMethod) -> None:
    _, entries = booked(happened, method)
    realised = -sum(total(entries, gains_account("demo", symbol)) for symbol in SYMBOLS)
    assert sum(trip.gain for trip in round_trips(entries)) == realised


def test_a_round_trip_names_both_of_its_ends() -> None:
    _, entries = booked([trade(0, 10, 5), trade(1, 10, 6), trade(2, -15, 8)])
    first, second = round_trips(entries)
    assert (first.quantity, first.open_price, first.close_price, first.gain) == tuple(map(Decimal, (10, 5, 8, 30)))
    assert (second.quantity, second.opened_by, second.closed_by, second.gain) == (Decimal(5), "k1", "k2", Decimal(10))
    assert first.opened_at < first.closed_at


def test_a_short_round_trip_has_negative_units() -> None:
    _, entries = booked([trade(0, -10, 8), trade(1, 10, 5)])
    (trip,) = round_trips(entries)
    assert (trip.quantity, trip.gain) == (Decimal(-10), Decimal(30))


def test_what_leaves_for_cash_closes_at_no_price() -> None:
    gone = Merged(origin(2), "AAA", "", Decimal(0), Decimal(100), Decimal(1), "USD")
    _, entries = booked([trade(0, 10, 5), trade(1, 30, 1), gone])
    trips = list(round_trips(entries))
    assert [trip.close_price for trip in trips] == [None, None]
    assert [trip.gain for trip in trips] == [5, 15]


@pytest.mark.parametrize("cash", ["0", "30"])
def test_a_merger_for_shares_closes_no_lot(cash: str) -> None:
    merged = Merged(origin(2), "AAA", "BBB", Decimal(5), Decimal(cash), Decimal(0), "USD")
    _, entries = booked([trade(0, 10, 5), merged])
    assert not list(round_trips(entries))
