"""A routed order asks for what its route says: auctions, slices, and what becomes of what was posted in vain."""

from __future__ import annotations

from nodes.kernels.simulator.results import Report, View
from nodes.kernels.simulator.routed import AUCTION, POST, TAKE, ChildOrder, RoutedOrder, RoutedTerms
from nodes.kernels.simulator.terms import Cancel, Request, Send, Wake
from nodes.vocabulary.executions import ExecType, OrdStatus
from nodes.vocabulary.trading import OrdType, Side, TimeInForce

TERMS = RoutedTerms("IBM", Side.BUY, 1_000_000, "rest", "DAY", (10, 20, 30, 40))
PLACES = {"A": 0, "B": 1, "DAY": 2, "OPEN": 3}


def routed(*children: ChildOrder, terms: RoutedTerms = TERMS) -> RoutedOrder:
    found = RoutedOrder(children, terms, PLACES)
    for place in PLACES.values():
        assert found.seen(View(place, 0, 0, 990_000, 100, 995_000, 100, 0, 0, 0)) == ()
    return found


def sends(requests: object) -> list[tuple[str, int, int | None, bool]]:
    """Venue, shares, limit and whether it only waits, of what is sent."""
    assert isinstance(requests, (list, tuple))
    found: list[Request] = list(requests)
    return [
        (each.venue, each.order.shares, each.order.limit_e4, each.order.is_post_only)
        for each in found
        if isinstance(each, Send)
    ]


def told(name: str, exec_type: ExecType, cum: int) -> Report:
    return Report(0, 0, 0, name, exec_type, OrdStatus.CANCELED, 0, 0, 0, cum, 0, 0, "")


def test_an_auction_order_goes_out_at_the_start_and_slices_when_they_are_due() -> None:
    order = routed(ChildOrder("a", "OPEN", 500, AUCTION))
    started = list(order.started(0))
    assert [each.order.time_in_force for each in started if isinstance(each, Send)] == [TimeInForce.OPG]
    assert [each.at_ns for each in started if isinstance(each, Wake)] == [10, 20, 30, 40]
    assert order.child("a/0").venue == "OPEN"


def test_what_an_auction_left_is_worked_through_the_session_elsewhere() -> None:
    order = routed(ChildOrder("a", "OPEN", 500, AUCTION))
    order.started(0)
    assert order.told(told("a/0", ExecType.CANCELED, 300)) == ()
    assert sends(order.woken(10)) == [("DAY", 100, 1_000_000, False)]
    assert sends(order.woken(20)) == [("DAY", 100, 1_000_000, False)]
    assert sends(order.woken(30)) == []


def test_a_part_has_a_slice_a_quarter_as_far_as_each_is_a_round_lot() -> None:
    order = routed(ChildOrder("a", "A", 403, TAKE), ChildOrder("b", "B", 40, TAKE))
    sizes = [sends(order.woken(at)) for at in TERMS.wakes_ns]
    assert [sum(shares for venue, shares, *_ in each if venue == "A") for each in sizes] == [100, 101, 101, 101]
    assert [each[1:] for each in sizes[0] if each[0] == "B"] == [(40, 1_000_000, False)]
    assert all(venue == "A" for each in sizes[1:] for venue, *_ in each)


def test_a_posted_slice_joins_its_own_side_and_takes_when_it_comes_back() -> None:
    order = routed(ChildOrder("a", "A", 100, POST))
    assert sends(order.woken(10)) == [("A", 100, 990_000, True)]
    assert [each for each in order.woken(20) if isinstance(each, Cancel)] == [Cancel("a/0")]
    assert sends(order.told(told("a/0", ExecType.CANCELED, 30))) == [("A", 70, 1_000_000, False)]
    assert order.told(told("a/0", ExecType.TRADE, 30)) == ()


def test_a_posted_slice_never_waits_beyond_the_limit() -> None:
    low = TERMS._replace(limit_e4=985_000)
    assert sends(routed(ChildOrder("a", "A", 100, POST), terms=low).woken(10)) == [("A", 100, 985_000, True)]
    high = TERMS._replace(side=Side.SELL, limit_e4=997_000)
    assert sends(routed(ChildOrder("a", "A", 100, POST), terms=high).woken(10)) == [("A", 100, 997_000, True)]


def test_the_last_slice_does_not_wait() -> None:
    order = routed(ChildOrder("a", "A", 400, POST))
    for at in TERMS.wakes_ns[:-1]:
        order.woken(at)
    assert sends(order.woken(40)) == [("A", 100, 1_000_000, False)]


def test_what_takes_and_comes_back_ends() -> None:
    order = routed(ChildOrder("a", "A", 100, TAKE))
    order.woken(10)
    assert order.told(told("a/0", ExecType.REJECTED, 0)) == ()


def sent(requests: object) -> list[tuple[int, OrdType, TimeInForce, int | None, bool]]:
    """Shares, type, life, stop and whether it only waits, of what is sent."""
    assert isinstance(requests, (list, tuple))
    orders = [each.order for each in requests if isinstance(each, Send)]
    return [(each.shares, each.ord_type, each.time_in_force, each.stop_e4, each.is_post_only) for each in orders]


def test_an_order_for_the_closing_auction_waits_for_it_and_is_worked_nowhere_else() -> None:
    order = routed(ChildOrder("a", "OPEN", 500, AUCTION), terms=TERMS._replace(life=TimeInForce.CLS))
    assert sent(order.started(0)) == [(500, OrdType.LIMIT, TimeInForce.CLS, None, False)]
    assert order.told(told("a/0", ExecType.CANCELED, 300)) == ()
    assert sends(order.woken(10)) == []


def test_all_or_nothing_is_sent_once() -> None:
    order = routed(ChildOrder("a", "A", 403, POST), terms=TERMS._replace(life=TimeInForce.FOK))
    assert sent(order.woken(10)) == [(403, OrdType.LIMIT, TimeInForce.FOK, None, False)]
    assert sends(order.woken(20)) == []


def test_a_stop_waits_at_its_venue_since_before_the_session() -> None:
    """EXE-09."""
    order = routed(ChildOrder("a", "A", 403, POST), terms=TERMS._replace(stop_e4=1_010_000))
    assert sent(order.started(0)) == [(403, OrdType.STOP_LIMIT, TimeInForce.DAY, 1_010_000, False)]


def test_a_peg_rests_whole_and_so_does_what_only_posts() -> None:
    """EXE-05."""
    peg = routed(ChildOrder("a", "A", 403, TAKE), terms=TERMS._replace(is_pegged=True))
    assert sent(peg.woken(10)) == [(403, OrdType.PEGGED, TimeInForce.DAY, None, False)]
    assert sends(peg.woken(20)) == []
    post = routed(ChildOrder("a", "A", 403, POST), terms=TERMS._replace(is_post_only=True))
    assert sends(post.woken(10)) == [("A", 403, 1_000_000, True)]
    assert post.told(told("a/0", ExecType.REJECTED, 0)) == ()
    assert [sends(post.woken(at)) for at in (20, 30)] == [[], []]
