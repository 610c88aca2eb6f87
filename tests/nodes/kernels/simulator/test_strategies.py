"""The strategies to try a recording with do what they say."""

from __future__ import annotations

from nodes.kernels.simulator.flow import FlowTerms, order_flow
from nodes.kernels.simulator.latency import Constant
from nodes.kernels.simulator.simulation import simulated
from nodes.kernels.simulator.strategies import Quoting, Scheduled
from nodes.kernels.simulator.terms import SimulationTerms, VenueTerms, allow_all
from nodes.vocabulary.executions import ExecType
from tests.nodes.kernels.simulator.desk import BOOK, events, order, quote, trade


def test_scheduled_orders_leave_at_their_instants_and_late_ones_at_once() -> None:
    market = events(quote(10, (100_000, 100), (100_100, 100)), *(trade(at, 0, 100_000, 1) for at in range(11, 60)))
    plan = [(5, "XNAS", order("early")), (30, "XNAS", order("a")), (30, "XNAS", order("b"))]
    result = simulated(market, Scheduled(plan), allow_all, SimulationTerms(), 0)
    assert {name: sent.decided_ns for name, sent in result.orders.items()} == {"early": 10, "a": 30, "b": 30}


def test_quotes_stand_on_both_sides_follow_the_book_and_keep_to_the_position() -> None:
    market = order_flow(BOOK, FlowTerms(6000), 4)
    terms = SimulationTerms(venues={"XNAS": VenueTerms(order_latency=Constant(2_000_000))})
    result = simulated(market, Quoting(0, "XNAS", "AAPL", 100, 300), allow_all, terms, 0)
    held, most = 0, 0
    for fill in result.fills:
        held += result.orders[fill.cl_ord_id].order.side.sign * fill.last_shares
        most = max(most, abs(held))
    assert len(result.fills) > 50
    # What is on its way when a fill happens can still trade: at most one more quote of each price that was left.
    assert most <= 300 + 300
    refused = [report.text for report in result.reports if report.exec_type is ExecType.REJECTED]
    assert set(refused) <= {"it would trade on arrival and is post-only", "it would trade with our own"}
