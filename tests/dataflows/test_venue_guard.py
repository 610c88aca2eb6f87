"""In the simulator no order leaves during a halt; open ones stay or are cancelled; the rest waits for the reopening."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from dataflows.engine.run import Runner
from dataflows.venue_guard import HaltKeeping, ShareFacts, VenueGuard
from nodes.kernels.market_rules.halts import AtReopening, DuringHalt, Halt, HaltPolicy
from nodes.kernels.market_rules.price_bands import Bands
from nodes.kernels.market_rules.sessions import SessionTimes
from nodes.kernels.market_rules.short_sale import ShortSaleState
from nodes.kernels.market_rules.ticks import TickClass
from nodes.kernels.simulator.results import SimulationResult
from nodes.kernels.simulator.simulation import simulated
from nodes.kernels.simulator.terms import Cancel, Guard, Request, SimulationTerms, allow_all
from nodes.vocabulary.executions import ExecType
from nodes.vocabulary.trading import Side
from policies.rulebook import shipped_rulebook
from tests.dataflows.test_venue_rules import plan
from tests.nodes.kernels.simulator.desk import Script, events, order, quote, sent

S = 10**9
SESSION = SessionTimes(date(2020, 3, 9), 0, 23_400 * S)
HALT = Halt("AAPL", "exchange", "LUDP", 100 * S, 400 * S)
TICKS = shipped_rulebook().on(date(2020, 3, 9)).ticks
MARKET = events(*(quote(at * S, (99_900, 100), (100_100, 100)) for at in range(0, 800, 50)))
BANDS = ((0, Bands(95_000, 105_000)),)


def guard(halts: tuple[Halt, ...] = (), **change: Any) -> VenueGuard:
    fresh = ShortSaleState(SESSION, 100_000, is_carried=False, triggered_ns=200 * S)
    facts: dict[str, Any] = {"halts": halts, "bands": BANDS, "short_sale": fresh, "tick_class": TickClass.CENT} | change
    runner = Runner(plan(), "paper", b"", is_salted=True)
    return VenueGuard(runner, SESSION, {"AAPL": ShareFacts(**facts)}, TICKS, b"k" * 32)


def run(asks: dict[int, list[Request]], judge: Guard, during: DuringHalt | None = None) -> SimulationResult:
    script = Script({at * S: requests for at, requests in asks.items()})
    policy = HaltPolicy(during or DuringHalt.HOLD, AtReopening.AFTER_AUCTION)
    strategy = script if during is None else HaltKeeping(script, [HALT], policy)
    return simulated(MARKET, strategy, judge, SimulationTerms(), 0)


def accepted_s(result: SimulationResult) -> dict[str, int]:
    """When each order reached its venue, in whole seconds."""
    return {each.cl_ord_id: each.at_ns // S for each in result.reports if each.exec_type is ExecType.NEW}


ASKS: dict[int, list[Request]] = {
    60: sent(order("before", limit_e4=99_000)),
    150: sent(order("during", limit_e4=99_000)),
    450: sent(order("after", limit_e4=99_000)),
}


def test_the_guard_lets_no_order_leave_during_a_halt() -> None:
    """EXE-03: no order leaves during a halt."""
    result = run(ASKS, guard((HALT,)))
    assert set(accepted_s(result)) == {"before", "after"}
    assert [(denial.cl_ord_id, denial.reason) for denial in result.denials] == [("during", "halted")]


def test_held_orders_stay_and_new_ones_leave_when_the_share_has_reopened() -> None:
    result = run(ASKS, guard((HALT,)), DuringHalt.HOLD)
    assert accepted_s(result) == {"before": 60, "during": 400, "after": 450}
    assert not [each for each in result.reports if each.exec_type is ExecType.CANCELED]


def test_open_orders_are_cancelled_at_the_beginning_of_a_halt_where_policy_says_so() -> None:
    result = run(ASKS, guard((HALT,)), DuringHalt.CANCEL)
    cancelled = [(each.cl_ord_id, each.at_ns // S) for each in result.reports if each.exec_type is ExecType.CANCELED]
    assert cancelled == [("before", 100)]
    assert accepted_s(result)["during"] == 400


def test_an_order_that_is_given_up_while_it_waits_never_leaves() -> None:
    asks: dict[int, list[Request]] = {150: ASKS[150], 200: [Cancel("during")]}
    assert accepted_s(run(asks, allow_all, DuringHalt.HOLD)) == {}


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"bands": ((0, Bands(95_000, 98_900)),)}, "price-bands"),
        ({"bands": (), "halts": (Halt("AAPL", "x", "T1", 0, None),)}, "halted"),
        ({"short_sale": None}, "short-sale-price-test"),
    ],
)
def test_the_guard_names_the_rules_that_keep_an_order_back(change: dict[str, Any], reason: str) -> None:
    result = run({150: sent(order("one", limit_e4=99_000))}, guard(**change))
    assert [denial.reason for denial in result.denials] == [reason]


def test_a_short_sale_is_restricted_once_the_rule_is_triggered() -> None:
    short = {"side": Side.SELL_SHORT, "limit_e4": 99_900}
    result = run({150: sent(order("free", **short)), 250: sent(order("restricted", **short))}, guard())
    assert [denial.cl_ord_id for denial in result.denials] == ["restricted"]


def test_bands_are_those_of_the_instant() -> None:
    facts = ShareFacts((), ((5, Bands(1, 2)), (9, None)), None, TickClass.CENT)
    assert [facts.bands_at(at) for at in (4, 5, 8, 9)] == [None, Bands(1, 2), Bands(1, 2), None]
