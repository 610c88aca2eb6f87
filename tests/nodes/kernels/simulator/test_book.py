"""The book follows its feed to the share, whichever kind of feed it is."""

from __future__ import annotations

from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nodes.kernels.simulator.book import Book
from nodes.kernels.simulator.events import EventKind, MarketEvents
from nodes.kernels.simulator.flow import FlowTerms, order_flow
from nodes.kernels.simulator.matching import OwnOrders
from nodes.kernels.simulator.queue import risk_averse
from tests.nodes.kernels.simulator.desk import BOOK, events, level, named, quote, trade

ADD, REDUCE, DELETE, EXECUTE = EventKind.ADD, EventKind.REDUCE, EventKind.DELETE, EventKind.EXECUTE


class Nobody:
    def filled(self, *_: object) -> None:
        raise AssertionError

    woke = auction_over = filled

    def own_e4(self, *_: object) -> int:
        raise AssertionError


def book_after(market: MarketEvents) -> Book:
    own = OwnOrders(risk_averse, 0.0, 1.0, Nobody())
    book = Book(own, Counter())
    own.at(book)
    for _, kind, _, *rest in zip(*market.columns(), strict=True):
        book.apply[kind](*rest)
    return book


def test_orders_come_shrink_trade_and_leave() -> None:
    book = book_after(
        events(
            named(1, ADD, 1, 100_000, 300),
            named(2, ADD, 2, 100_000, 200),
            named(3, ADD, 3, -100_200, 100),
            named(4, REDUCE, 1, 100_000, 50),
            named(5, EXECUTE, 1, 100_000, 100),
            named(6, DELETE, 2, 100_000, 200),
        )
    )
    assert book.top == (100_000, 150, 100_200, 100)
    assert (book.last_e4, book.last_shares, book.last_side) == (100_000, 100, 1)
    assert book.orders == {1: [100_000, 150, 1], 3: [-100_200, 100, 3]}


@pytest.mark.parametrize(
    ("row", "fault"),
    [
        (named(9, ADD, 1, 100_000, 5), "duplicate-order"),
        (named(9, ADD, 9, 100_300, 5), "crossing-order"),
        (named(9, DELETE, 9, 100_000, 5), "unknown-order"),
        (named(9, EXECUTE, 9, 99_000, 5), "unknown-order"),
        (named(9, EXECUTE, 1, 100_000, 301), "more-than-rested"),
        (level(9, 1, 100_200, 5), "locked-level"),
        (level(9, 1, 100_300, 5), "crossing-level"),
    ],
)
def test_what_a_book_knows_to_be_wrong_is_counted(row: tuple[int, ...], fault: str) -> None:
    book = book_after(events(named(1, ADD, 1, 100_000, 300), named(2, ADD, 2, -100_200, 100), row))
    assert book.counts == {fault: 1}


def test_orders_from_before_the_recording_are_part_of_the_levels_they_stood_at() -> None:
    book = book_after(
        events(level(1, 1, 100_000, 500), named(2, ADD, 7, 100_000, 100), named(3, EXECUTE, 99, 100_000, 200))
    )
    assert (book.shown, book.unnamed, book.counts) == ({100_000: 400}, {100_000: 300}, {})


def test_a_level_under_what_its_orders_had_takes_their_names_away() -> None:
    book = book_after(
        events(named(1, ADD, 1, 100_000, 300), level(2, 1, 100_000, 120), named(3, DELETE, 1, 100_000, 20))
    )
    assert (book.shown, book.orders, book.counts) == ({100_000: 100}, {}, {"order-lost-from-sight": 1})


def test_a_print_without_a_side_takes_it_from_the_quote() -> None:
    quoted = quote(1, (100_000, 5), (100_200, 5))
    sides = [book_after(events(quoted, trade(2, 0, price, 5))).last_side for price in (100_000, 100_100, 100_200)]
    assert sides == [1, 0, -1]


def test_locked_quotes_are_kept_and_counted() -> None:
    book = book_after(events(quote(1, (100_000, 5), (100_000, 6))))
    assert (book.top, book.counts) == ((100_000, 5, 100_000, 6), {"locked-quote": 1})


def test_quotes_replace_each_other_and_levels_of_both_sides_sort() -> None:
    book = book_after(events(quote(1, (100_000, 5), (100_200, 6)), quote(2, (99_900, 7), (0, 0))))
    assert book.top == (99_900, 7, 0, 0)
    deep = book_after(
        events(*(level(1, 1, price, 1) for price in (300, 100, 200)), level(1, -1, 500, 2), level(1, -1, 400, 3))
    )
    assert (deep.levels(1, 2), deep.levels(-1, 9)) == ([(300, 1), (200, 1)], [(400, 3), (500, 2)])


@given(seed=st.integers(0, 1000))
def test_levels_are_the_sums_of_their_orders_throughout(seed: int) -> None:
    book = book_after(order_flow(BOOK, FlowTerms(n_events=300, start_orders=20), seed))
    sums: Counter[int] = Counter()
    for key, shares, _ in book.orders.values():
        sums[key] += shares
    assert (dict(sums), book.counts) == (book.shown, {})
    assert (sorted(key for key in sums if key > 0), sorted(key for key in sums if key < 0)) == (book.bids, book.asks)
    assert book.bid_e4 < book.ask_e4
