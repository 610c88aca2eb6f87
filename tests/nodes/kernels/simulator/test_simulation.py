"""The loop keeps time, keeps shares, and comes out the same for the same arguments."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nodes.kernels.simulator.events import BookName, EventKind, events_of_rows, merged
from nodes.kernels.simulator.flow import FlowTerms, order_flow
from nodes.kernels.simulator.impact import ImpactTerms
from nodes.kernels.simulator.latency import DECISION_TO_FILL, Between, Constant, LogNormal
from nodes.kernels.simulator.results import LIQUIDITY, Report, SimulationResult, View
from nodes.kernels.simulator.simulation import simulated
from nodes.kernels.simulator.terms import (
    Cancel,
    GuardAnswer,
    Replace,
    Request,
    Send,
    SimulationTerms,
    Standing,
    VenueTerms,
    Wake,
    allow_all,
)
from nodes.vocabulary.executions import ExecType
from nodes.vocabulary.trading import OrdType, Side, TimeInForce, VenueOrder
from tests.nodes.kernels.simulator.desk import BOOK, Script, events, fills, level, order, quote, run, sent, trade

MS = 1_000_000
IMPACT = ImpactTerms(0.02, 100_000, 100.0, 10.0, 60_000 * MS, 0.3, 0.25, 0.14, 0.6, 0.5)
FLOWS = {
    seed: merged([order_flow(book, FlowTerms(1500, start_orders=60), seed + at) for at, book in enumerate(books)])
    for seed, books in enumerate([(BOOK,), (BOOK, BookName("BATS", "AAPL")), (BOOK, BookName("XNAS", "MSFT"))])
}
KINDS = [*OrdType]


class Monkey:
    """Asks for anything, at any time."""

    def __init__(self, seed: int, venues: tuple[BookName, ...]) -> None:
        self._rng = np.random.default_rng(seed)
        self._venues = venues
        self._names: list[str] = []

    def started(self, now_ns: int) -> Iterable[Request]:
        return [Wake(now_ns + 1)]

    def seen(self, view: View) -> Iterable[Request]:
        if self._rng.random() > 0.15 or not (view.bid_e4 and view.ask_e4):
            return ()
        return list(self._wishes(view))

    def told(self, _report: Report) -> Iterable[Request]:
        return ()

    def woken(self, _now_ns: int) -> Iterable[Request]:
        return ()

    def _wishes(self, view: View) -> Iterable[Request]:
        rng, name = self._rng, self._venues[view.place]
        if self._names and rng.random() < 0.3:
            known = self._names[int(rng.integers(len(self._names)))]
            limit = view.bid_e4 + int(rng.integers(-3, 4)) * 100
            yield Cancel(known) if rng.random() < 0.5 else Replace(known, int(rng.integers(0, 600)), limit)
        made = f"m{len(self._names)}"
        self._names.append(made)
        yield Send(name.venue, self._order(made, name.symbol, view))

    def _order(self, made: str, symbol: str, view: View) -> VenueOrder:
        rng = self._rng
        kind, life = KINDS[int(rng.integers(len(KINDS)))], list(TimeInForce)[int(rng.integers(6))]
        price = view.bid_e4 + int(rng.integers(-4, 6)) * 100
        has_limit = kind in {OrdType.LIMIT, OrdType.STOP_LIMIT}
        return VenueOrder(
            cl_ord_id=made,
            symbol=symbol,
            side=list(Side)[int(rng.integers(3))],
            shares=int(rng.integers(-1, 700)),
            ord_type=kind,
            time_in_force=life,
            limit_e4=price if has_limit else None,
            stop_e4=price if kind in {OrdType.STOP, OrdType.STOP_LIMIT} else None,
            is_post_only=bool(rng.random() < 0.2),
            expires_ns=view.seen_ns + 50 * MS if life is TimeInForce.GTD else None,
        )


def monkey_run(seed: int, flow: int, terms: SimulationTerms) -> SimulationResult:
    market = FLOWS[flow]
    return simulated(market, Monkey(seed, market.books), allow_all, terms, seed)


def terms_of(frac: float, *, has_impact: bool) -> SimulationTerms:
    venue = VenueTerms(-2, 3, 1, Between(0, 3 * MS), Between(0, 2 * MS), 0.25, ((200 * MS, 220 * MS),), None, frac)
    return SimulationTerms({"XNAS": venue}, Constant(MS), impact={"AAPL": IMPACT} if has_impact else {})


@settings(max_examples=12)
@given(
    seed=st.integers(0, 2**32), flow=st.sampled_from(sorted(FLOWS)), frac=st.sampled_from([1.0, 0.4]), has=st.booleans()
)
def test_every_share_of_every_order_is_filled_works_or_was_given_up(
    seed: int, flow: int, frac: float, has: object
) -> None:
    """Whatever is asked for: reports add up, in order; nothing is filled beyond an order, a limit, or after an end."""
    result = monkey_run(seed, flow, terms_of(frac, has_impact=bool(has)))
    for name, sent_order in result.orders.items():
        told = [report for report in result.reports if report.cl_ord_id == name]
        filled, limit, sign = 0, None, sent_order.order.side.sign
        for place, report in enumerate(told):
            filled += report.last_shares
            assert report.cum_shares == filled
            is_end = report.exec_type in {ExecType.CANCELED, ExecType.EXPIRED, ExecType.REJECTED}
            assert not is_end or (place == len(told) - 1 and report.leaves_shares == 0)
            if sent_order.order.limit_e4 is not None and not any(one.text.startswith("replaced") for one in told):
                limit = sent_order.order.limit_e4
                assert not report.last_shares or sign * (limit - report.last_e4) >= 0
        assert filled == sent_order.filled_shares
        assert sent_order.cost_e4 == sum(report.last_shares * report.last_e4 for report in told)
        ended = not told or told[-1].leaves_shares == 0
        assert filled + sent_order.leaves_shares == sent_order.order.shares or ended


@settings(max_examples=8)
@given(seed=st.integers(0, 2**32), flow=st.sampled_from(sorted(FLOWS)))
def test_no_market_share_is_had_twice(seed: int, flow: int) -> None:
    """What rests of ours never trades more than the market traded or brought to rest at that instant and book."""
    result, market = monkey_run(seed, flow, SimulationTerms()), FLOWS[flow]
    brought: dict[tuple[int, int], int] = {}
    is_met = np.isin(market.kind, (EventKind.ADD, EventKind.EXECUTE))
    for at, place, shares in zip(market.at_ns[is_met], market.place[is_met], market.shares[is_met], strict=True):
        brought[int(at), int(place)] = brought.get((int(at), int(place)), 0) + int(shares)
    made: dict[tuple[int, int], int] = {}
    for fill in result.fills:
        if fill.liquidity == LIQUIDITY.ADDED:
            made[fill.at_ns, fill.place] = made.get((fill.at_ns, fill.place), 0) + fill.last_shares
    assert all(shares <= brought[key] for key, shares in made.items())


def test_the_same_arguments_give_the_same_result_and_another_seed_does_not() -> None:
    terms = replace(terms_of(1.0, has_impact=True), feed_latency=LogNormal(MS, 9 * MS), records_quotes=True)
    first, again = (simulated(FLOWS[1], Monkey(5, FLOWS[1].books), allow_all, terms, 9) for _ in range(2))
    other = simulated(FLOWS[1], Monkey(5, FLOWS[1].books), allow_all, terms, 10)
    assert first == again
    assert first.reports != other.reports


def test_cutting_off_the_future_changes_nothing_before_it() -> None:
    market = FLOWS[0]
    whole = simulated(market, Monkey(3, market.books), allow_all, terms_of(1.0, has_impact=False), 3)
    cut = simulated(
        market.chosen(slice(0, 900)), Monkey(3, market.books), allow_all, terms_of(1.0, has_impact=False), 3
    )
    assert cut.reports == whole.reports[: len(cut.reports)]
    assert len(cut.reports) > 20


def test_views_reports_and_orders_each_take_their_own_time() -> None:
    """EXE-08: the feed, the way out and the way back are three delays."""
    market = events(*(quote(at * MS, (100_000, 100), (100_100 + 100 * (at % 2), 100)) for at in range(1, 60)))
    script = Script({10 * MS: sent(order(limit_e4=None))})
    venue = VenueTerms(order_latency=Constant(20 * MS), report_latency=Constant(5 * MS))
    result = simulated(market, script, allow_all, SimulationTerms({"XNAS": venue}, Constant(3 * MS)), 0)
    filled = result.fills[0]
    assert (filled.at_ns, filled.told_ns, result.orders["o"].decided_ns) == (30 * MS, 35 * MS, 10 * MS)
    assert {view.seen_ns - view.at_ns for view in script.views} == {3 * MS}
    assert filled.last_e4 == 100_100


def test_orders_reach_the_venue_as_late_as_the_distribution_says() -> None:
    """EXE-08: of 1,000 decisions, 5 % arrive within 200 ms and 95 % within 500 ms."""
    seconds = range(1, 1001)
    market = events(*(quote(at * 1000 * MS, (100_000, 100), (100_100, 100)) for at in range(1005)))
    asks = {at * 1000 * MS: sent(order(f"o{at}", limit_e4=99_000)) for at in seconds}
    result = run(market, asks, SimulationTerms({"XNAS": VenueTerms(order_latency=DECISION_TO_FILL)}), seed=4)
    late = [one.arrived_ns - one.decided_ns for one in result.orders.values() if one.arrived_ns is not None]
    assert len(late) == len(seconds)
    assert np.percentile(late, [5, 95]) / MS == pytest.approx([200.0, 500.0], rel=0.05)


def test_the_markets_event_comes_before_our_order_at_one_instant() -> None:
    market = events(
        quote(1, (100_000, 100), (100_100, 100)), quote(9, (100_000, 100), (100_300, 100)), trade(20, 0, 100_000, 1)
    )
    assert fills(run(market, {9: sent(order(limit_e4=None))})) == [("o", 50, 100_300)]


def test_a_change_that_asks_for_more_passes_the_guard_and_one_that_asks_for_less_does_not() -> None:
    """No order grows past a limit, or comes to a price past a collar, by being changed."""
    judged: list[tuple[int, int | None]] = []

    def guard(one: VenueOrder, _view: View | None, _standing: Standing, _now_ns: int) -> GuardAnswer:
        judged.append((one.shares, one.limit_e4))
        is_within = one.shares <= 100 and (one.limit_e4 or 0) <= 100_000
        return GuardAnswer(one.shares if is_within else 0, "" if is_within else "too much")

    asks: dict[int, Sequence[Request]] = {
        5: sent(order("a", shares=50)),
        6: [Replace("a", 200, 100_000)],
        7: [Replace("a", 50, 100_100)],
        8: [Replace("a", 40, 99_900)],
    }
    market = events(level(1, 1, 100_000, 500), level(1, -1, 100_200, 500), level(9, 1, 100_000, 400))
    result = simulated(market, Script(asks), guard, SimulationTerms(), 0)
    assert judged == [(50, 100_000), (150, 100_000), (1, 100_100)]
    assert [(denial.asked_shares, denial.allowed_shares) for denial in result.denials] == [(150, 0), (1, 0)]
    assert (result.orders["a"].order.shares, result.orders["a"].order.limit_e4) == (40, 99_900)
    assert result.n_decisions == 3


def test_the_guard_denies_and_cuts_and_sees_what_is_known() -> None:
    market = events(quote(1, (100_000, 100), (100_100, 100)), *(trade(at, 0, 100_000, 1) for at in range(2, 40)))
    asked: list[tuple[View | None, dict[str, int], int]] = []

    def guard(one: VenueOrder, view: View | None, standing: Standing, now_ns: int) -> GuardAnswer:
        asked.append((view, dict(standing.position_shares), now_ns))
        return GuardAnswer({"a": one.shares, "b": 10}.get(one.cl_ord_id, 0), "too much")

    asks = {at: sent(order(name, limit_e4=None)) for at, name in ((5, "a"), (10, "b"), (15, "c"))}
    result = simulated(market, Script(asks), guard, SimulationTerms(), 0)
    assert fills(result) == [("a", 50, 100_100), ("b", 10, 100_100)]
    assert [(denial.cl_ord_id, denial.allowed_shares, denial.reason) for denial in result.denials] == [
        ("b", 10, "too much"),
        ("c", 0, "too much"),
    ]
    assert [position for _, position, _ in asked] == [{}, {"AAPL": 50}, {"AAPL": 60}]
    assert asked[0][0] is not None
    assert asked[0][0].bid_e4 == 100_000


@pytest.mark.parametrize(
    ("bad", "reason"),
    [
        (Send("ARCX", order("x")), "there is no book of AAPL at ARCX"),
        (Send("XNAS", order("x", symbol="MSFT")), "there is no book of MSFT at XNAS"),
        (Send("XNAS", order("good")), "ClOrdID good was used before"),
        (Send("XNAS", order("x", shares=0)), "shares were 0, expected a positive number"),
    ],
)
def test_an_order_that_cannot_leave_is_denied_with_the_reason_and_counted(bad: Send, reason: str) -> None:
    market = events(quote(1, (100_000, 100), (100_100, 100)), trade(20, 0, 100_000, 1))
    result = run(market, {5: [*sent(order("good")), bad]})
    assert (result.denials[-1].reason, result.counts["order-not-sent"]) == (reason, 1)


def test_our_own_buying_moves_prices_up_and_the_temporary_part_fades() -> None:
    """EXE-07: the second purchase pays more than the recording's price, and less again once time has passed."""
    terms = SimulationTerms(impact={"AAPL": replace(IMPACT, half_life_ns=1000, day_shares=50)}, walks_past_best=False)
    rows = [level(1, 1, 999_900, 1000), level(1, -1, 1_000_100, 1000)]
    market = events(*rows, *(trade(at, 0, 1_000_000, 1) for at in range(10, 60_000, 100)))
    asks = {at: sent(order(f"o{at}", limit_e4=None)) for at in (100, 200, 59_000)}
    first, second, last = (fill[2] for fill in fills(run(market, asks, terms)))
    assert first == 1_000_100 < last < second


def test_resting_orders_lose_their_place_when_our_impact_moves_the_level() -> None:
    terms = SimulationTerms(impact={"AAPL": replace(IMPACT, day_shares=20_000)})
    rows = [
        level(1, 1, 999_900, 100),
        level(1, 1, 1_000_000, 100),
        level(1, -1, 1_000_100, 1000),
        trade(60, 1, 999_900, 1),
    ]
    market = events_of_rows((BOOK,), [*rows, level(90, 1, 999_900, 80)])
    asks = {5: sent(order("rest", limit_e4=1_000_000)), 20: sent(order("take", limit_e4=None, shares=900))}
    result = run(market, asks, terms)
    assert result.orders["rest"].filled_shares == 0


def test_an_empty_recording_comes_to_nothing() -> None:
    result = run(events(), {})
    assert (result.n_events, result.reports, result.cash_e6, result.position_shares) == (0, (), 0, {})
