"""Events that cannot be true are counted and left out, or refused; nothing is dropped in silence."""

from __future__ import annotations

import pytest

from nodes.kernels.simulator.events import BookName, EventKind, market_events, merged, refused_faults, screened
from nodes.vocabulary.errors import DataError
from tests.nodes.kernels.simulator.desk import BOOK, events, level, named, quote, trade

GOOD = (level(1, 1, 100_000, 10), quote(2, (100_000, 5), (100_100, 5)), trade(3, 1, 100_005, 7))


@pytest.mark.parametrize(
    ("row", "fault"),
    [
        (trade(4, 1, 100_000, 0), "size"),
        (trade(4, 1, 100_000, -7), "size"),
        (named(4, EventKind.ADD, 1, 100_000, 0), "size"),
        (level(4, 1, 100_000, -1), "size"),
        (quote(4, (100_000, 0), (100_100, 5)), "size"),
        (trade(4, 1, 0, 5), "price"),
        (quote(4, (-100, 5), (100_100, 5)), "price"),
        (level(4, 1, 100_001, 5), "off-tick"),
        (quote(4, (100_000, 5), (100_150, 5)), "off-tick"),
        (level(4, 0, 100_000, 5), "side"),
        (trade(4, 2, 100_000, 5), "side"),
        (quote(4, (100_200, 5), (100_100, 5)), "crossed-quote"),
        (trade(4, 1, 100_000, 5, place=1), "unknown-book"),
        ((4, 99, 0, 0, 0, 1, 1, 0, 0), "unknown-kind"),
        (trade(2, 1, 100_000, 5), "out-of-order"),
    ],
)
def test_an_event_that_cannot_be_true_is_left_out_and_counted(row: tuple[int, ...], fault: str) -> None:
    found = screened(events(*GOOD, row))
    assert (len(found.events), found.n_dropped, found.counts[fault]) == (3, 1, 1)
    with pytest.raises(DataError, match=rf"1 of 4 cannot be true \(1 {fault}\)"):
        refused_faults(events(*GOOD, row))


def test_locked_quotes_empty_sides_and_odd_print_prices_are_true() -> None:
    rows = (*GOOD, quote(4, (100_000, 5), (100_000, 5)), quote(5, (0, 0), (100_100, 5)), trade(6, 0, 100_001, 1))
    assert refused_faults(events(*rows)) is not None
    assert screened(events(*rows)).n_dropped == 0


def test_a_number_seen_before_is_a_duplicate_and_a_skipped_one_a_gap() -> None:
    columns = {"at_ns": [1, 2, 3, 4, 5], "kind": [10] * 5, "price_e4": [100] * 5, "shares": [1] * 5}
    found = screened(market_events((BOOK,), {**columns, "sequence": [7, 8, 8, 11, 9]}))
    assert found.events.sequence.tolist() == [7, 8, 11]
    assert (found.counts["duplicate"], found.counts["sequence-gap"], found.n_dropped) == (2, 2, 2)


def test_columns_that_are_strange_or_uneven_are_refused() -> None:
    with pytest.raises(DataError, match=r"columns \['colour'\] are none of"):
        market_events((BOOK,), {"at_ns": [1], "colour": [1]})
    with pytest.raises(DataError, match=r"\['shares'\] are not 2 long"):
        market_events((BOOK,), {"at_ns": [1, 2], "shares": [1]})


def test_recordings_merge_by_time_and_keep_their_books() -> None:
    other = BookName("BATS", "AAPL")
    joined = merged([events(*GOOD), events(trade(2, 1, 100_000, 9), books=(other,))])
    assert joined.books == (BOOK, other)
    assert joined.place.tolist() == [0, 0, 1, 0]
    with pytest.raises(DataError, match="name one book with two ticks"):
        merged([events(*GOOD), events(*GOOD, books=(BookName("XNAS", "AAPL", 50),))])
