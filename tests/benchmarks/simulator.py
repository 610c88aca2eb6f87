"""The simulator beside Backtesting.py, vectorbt, Nautilus and hftbacktest: `python -m tests.benchmarks.simulator`.

Each comparison is of the same strategy on the same data in one run, and least CPU time over repeats. Where the models
of two engines agree their trades must be equal, or the command fails; where they do not, the row says how far apart
they are. `python -m tests.benchmarks.peers` makes the environment of the peers; without it the rows say that they are
absent.
"""

from __future__ import annotations

import sys
import tempfile
import time
from collections.abc import Callable, Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import Any

import numpy as np
from rich.console import Console

from dataflows.engine.run import Runner
from dataflows.us_equities import OrderSnapshot, order_rows
from nodes.kernels.arrays import Array
from nodes.kernels.simulator.bars import BarRun, BarTerms, FillAt, all_in, crossings, moving_average, standing
from nodes.kernels.simulator.events import BookName, EventKind, MarketEvents, events_of_rows
from nodes.kernels.simulator.flow import FlowTerms, order_flow
from nodes.kernels.simulator.latency import DECISION_TO_FILL, Constant
from nodes.kernels.simulator.queue import PowerQueue, QueueModel, logarithmic_queue, risk_averse
from nodes.kernels.simulator.queue_errors import Probing, by_level, probes, queue_error
from nodes.kernels.simulator.results import Report, SimulationResult, View
from nodes.kernels.simulator.simulation import simulated
from nodes.kernels.simulator.strategies import Scheduled
from nodes.kernels.simulator.terms import (
    Guard,
    GuardAnswer,
    Request,
    Send,
    SimulationTerms,
    Standing,
    VenueTerms,
    allow_all,
)
from nodes.vocabulary.trading import OrdType, Side, TimeInForce, VenueOrder
from nodes.vocabulary.units import Shares
from nodes.vocabulary.verdict import Action
from tests.benchmarks import sessions, table
from tests.benchmarks.graphs import AS_OF, order_plan
from tests.benchmarks.graphs import order_snapshot as graph_snapshot
from tests.benchmarks.peers import FOLDER, Peer, interpreter, peer
from tests.benchmarks.timing import Row
from tests.dataflows.engine.shipped import _ACCOUNT, lake, session_snapshot, window

SCRIPT = Path(__file__).with_name("simulator_turns.py")
BOOK = BookName("XNAS", "AAPL")
TARGET_BARS, TARGET_EVENTS, TARGET_DECISIONS = 1_000_000, 300_000, 30_000
MS = 1_000_000
_LATENCY_NS = 1000
"""From the decision to the venue for orders that rest, in both engines."""
ABSENT = "absent: python -m tests.benchmarks.peers makes its environment"
_MODELS: Mapping[str, QueueModel] = {
    "risk-averse": risk_averse,
    "proportional": PowerQueue(1.0),
    "squared": PowerQueue(2.0),
    "logarithmic": logarithmic_queue,
}


_NODES = 100
_QUIET = {"repeated_orders_count": 0, "automation_is_disabled": False}


@dataclass(frozen=True)
class Work:
    """How much is measured.

    Attributes:
        n_bars: bars of the vectorised path; Backtesting.py has the first tenth.
        n_events: events of the full path.
        n_decisions: decisions apart.
        n_flow: events of the comparisons by tick.
        n_repeats: how often each is timed.
    """

    n_bars: int = 1_000_000
    n_events: int = 300_000
    n_decisions: int = 3_000
    n_flow: int = 60_000
    n_repeats: int = 5


def rows(folder: Path, work: Work, peers: Path = FOLDER) -> list[Row]:
    """The whole table; the folder is for the module of the plan that is measured."""
    data = _data(work)
    python = interpreter("simulators", peers)
    found = [*_full_path(work), _order_run_row(folder, work), *_queue_rows(work)]
    if python is None:
        return [_bars_row(work, data), Row("Backtesting.py, vectorbt, Nautilus, hftbacktest", ABSENT), *found]
    with peer(python, SCRIPT, data.arrays) as other:
        return [*_bar_rows(work, data, other), *_taker_rows(work, data, other), _maker_row(work, data, other), *found]


# ---- what all are given


@dataclass(frozen=True)
class Data:
    """What the contestants are given.

    Attributes:
        arrays: by name, as peers read them.
        quotes: best quotes as events.
        levels: a feed by level.
        bids: bids that rest for a while, with their instants.
    """

    arrays: Mapping[str, Array | float]
    quotes: MarketEvents
    levels: MarketEvents
    bids: list[tuple[int, str, VenueOrder]]


class _Watching:
    """Notes what it sees."""

    def __init__(self) -> None:
        self.views: list[View] = []

    def started(self, _now_ns: int) -> Iterable[Request]:
        return ()

    def seen(self, view: View) -> Iterable[Request]:
        self.views.append(view)
        return ()

    def told(self, _report: Report) -> Iterable[Request]:
        return ()

    def woken(self, _now_ns: int) -> Iterable[Request]:
        return ()


def _data(work: Work) -> Data:
    prices = 100.0 * np.exp(np.cumsum(np.random.default_rng(0).standard_normal(work.n_bars) * 0.001))
    flow = order_flow(BOOK, FlowTerms(work.n_flow, first_ns=1), 1)
    watching = _Watching()
    simulated(flow, watching, allow_all, SimulationTerms(), 0)
    seen = np.array([(view.at_ns, *view[3:7]) for view in watching.views if view.bid_e4 and view.ask_e4], np.int64)
    seen = seen[np.append(np.diff(seen[:, 0]) > 0, np.array([True]))]
    names = ("at_ns", "bid_e4", "bid_shares", "ask_e4", "ask_shares")
    levels = by_level(flow)
    probing = Probing(300 * MS, 250 * MS, 100)
    bids = [each for each in probes(flow, probing) if each[2].side is Side.BUY]
    arrays: dict[str, Any] = {"prices": prices, "n_slow": float(work.n_bars // 10)}
    arrays |= dict(zip(names, seen.T, strict=True)) | {"order_ns": seen[100::100, 0]}
    arrays |= _level_columns("taker", _quote_levels(seen)) | _level_columns("maker", levels)
    arrays["maker_order_ns"] = np.array([at_ns for at_ns, _, _ in bids], np.int64)
    arrays["maker_limit_e4"] = np.array([order.limit_e4 for _, _, order in bids], np.float64)
    arrays |= {"maker_life_ns": float(probing.life_ns), "taker_latency_ns": 0.0, "maker_latency_ns": float(_LATENCY_NS)}
    quotes = events_of_rows((BOOK,), [(at, EventKind.QUOTE, 0, 0, 0, *rest) for at, *rest in seen.tolist()])
    return Data(arrays, quotes, levels, bids)


def _quote_levels(seen: np.ndarray) -> MarketEvents:
    """Best quotes told as levels: those that were and are no more, then those that are."""
    told: list[tuple[int, ...]] = []
    before = (0, 0)
    for at, bid, n_bid, ask, n_ask in seen.tolist():
        for side, old, new in ((1, before[0], bid), (-1, before[1], ask)):
            if old and old != new:
                told.append((at, EventKind.LEVEL, 0, 0, side, old, 0, 0, 0))
        told.append((at, EventKind.LEVEL, 0, 0, 1, bid, n_bid, 0, 0))
        told.append((at, EventKind.LEVEL, 0, 0, -1, ask, n_ask, 0, 0))
        before = (bid, ask)
    return events_of_rows((BOOK,), told)


def _level_columns(part: str, events: MarketEvents) -> dict[str, Any]:
    """Columns as hftbacktest is given them: kind 1 a level, 2 a trade, whose side is who came to trade."""
    is_trade = events.kind == EventKind.TRADE
    return {
        f"{part}_at_ns": events.at_ns,
        f"{part}_kind": np.where(is_trade, 2, 1),
        f"{part}_side": np.where(is_trade, -events.side, events.side),
        f"{part}_price_e4": events.price_e4,
        f"{part}_shares": events.shares,
    }


# ---- bars


def _cross(prices: Array, *, is_whole: bool) -> BarRun:
    wanted = np.maximum(standing(crossings(moving_average(prices, 10), moving_average(prices, 50))), 0)
    return all_in(wanted, prices, prices, 100_000.0, BarTerms(FillAt.CLOSE, 0.0005, is_whole=is_whole))


def _bars_row(work: Work, data: Data) -> Row:
    prices = np.asarray(data.arrays["prices"])
    rate = len(prices) / _least_s(lambda: _cross(prices, is_whole=True), work.n_repeats)
    what = f"vectorised path over {len(prices):,} bars, averages and fills"
    return Row(what, f"{rate:,.0f} bars/s", target=f"{TARGET_BARS:,} bars/s", is_met=rate >= TARGET_BARS)


def _bar_rows(work: Work, data: Data, other: Peer) -> list[Row]:
    prices = np.asarray(data.arrays["prices"])
    first = prices[: len(prices) // 10]
    whole, fractional = _cross(first, is_whole=True), _cross(prices, is_whole=False)
    slow, fast = other.turn("backtesting"), _best_turn(other, "vectorbt", work)
    _require_equal("Backtesting.py", [whole.equity[-1], whole.trades.n_closed], slow.found, 1e-9)
    _require_equal("vectorbt", [fractional.equity[-1], len(fractional.trades.shares)], fast.found, 1e-9)
    ours_s = [_least_s(lambda: _cross(first, is_whole=True), work.n_repeats)]
    ours_s.append(_least_s(lambda: _cross(prices, is_whole=False), work.n_repeats))
    counted = f"{whole.trades.n_closed:,} equal trades, equal final equity"
    many = f"{len(fractional.trades.shares):,} equal trades, equal final equity"
    return [
        _bars_row(work, data),
        _beside(f"{len(first):,} bars, {counted}", (len(first), "bars"), ours_s[0], ("Backtesting.py", slow.seconds)),
        _beside(f"{len(prices):,} bars, {many}", (len(prices), "bars"), ours_s[1], ("vectorbt", fast.seconds)),
        _goog_row(other),
    ]


def _goog_row(other: Peer) -> Row:
    """Reference backtest.goog_sma: the peer's own data and README strategy."""
    found = other.turn("goog").found
    opens, closes = np.split(found[2:], 2)
    wanted = standing(crossings(moving_average(closes, 10), moving_average(closes, 20)))
    ours = all_in(wanted, opens, closes, 10_000.0, BarTerms(commission_frac=0.002))
    _require_equal("Backtesting.py on GOOG", [ours.equity[-1], ours.trades.n_closed], found[:2], 1e-9)
    what = f"README strategy of Backtesting.py on its GOOG, {ours.trades.n_closed} equal trades"
    return Row(what, f"equity {ours.equity[-1]:,.5f}", f"Backtesting.py {found[0]:,.5f}")


# ---- orders that take, orders that rest


def _taking(data: Data) -> list[tuple[int, str, VenueOrder]]:
    due = np.asarray(data.arrays["order_ns"]).astype(np.int64).tolist()
    return [(at, "XNAS", _order(f"t{place}", place % 2 == 1, None)) for place, at in enumerate(due)]


def _order(name: str, is_sale: object, limit_e4: int | None) -> VenueOrder:
    return VenueOrder(
        cl_ord_id=name,
        symbol="AAPL",
        side=Side.SELL if is_sale else Side.BUY,
        shares=100,
        ord_type=OrdType.MARKET if limit_e4 is None else OrdType.LIMIT,
        time_in_force=TimeInForce.DAY,
        limit_e4=limit_e4,
        stop_e4=None,
        is_post_only=False,
        expires_ns=None,
    )


def _taker_rows(work: Work, data: Data, other: Peer) -> list[Row]:
    plan, levels = _taking(data), _quote_levels(np.stack([data.arrays[name] for name in _QUOTE_NAMES], axis=1))
    found = []
    for name, market in (("nautilus", data.quotes), ("hftbacktest", levels)):
        theirs = _best_turn(other, name, work)
        ours = _replayed(market, plan)
        _require_equal(name, [fill.last_e4 / 1e4 for fill in ours.fills], theirs.found, 1e-9)
        ours_s = _least_s(lambda market=market: _replayed(market, plan), work.n_repeats)  # type: ignore[misc]
        what = f"{len(market):,} quotes or levels, {len(plan)} market orders, equal fills"
        found.append(_beside(what, (len(market), "events"), ours_s, (name, theirs.seconds)))
    return found


_QUOTE_NAMES = ("at_ns", "bid_e4", "bid_shares", "ask_e4", "ask_shares")


def _maker_row(work: Work, data: Data, other: Peer) -> Row:
    theirs = _best_turn(other, "hftbacktest_queue", work)
    terms = SimulationTerms({"XNAS": VenueTerms(order_latency=Constant(_LATENCY_NS))})

    def replayed() -> SimulationResult:
        return simulated(data.levels, Scheduled(data.bids), allow_all, terms, 0)

    result = replayed()
    ours = [float(result.orders[order.cl_ord_id].filled_shares) for _, _, order in data.bids]
    _require_equal("hftbacktest's risk-averse queue", ours, theirs.found, 1e-9)
    what = f"{len(data.levels):,} levels and prints, {len(ours)} bids that rest, risk-averse queues, equal fills"
    ours_s = _least_s(replayed, work.n_repeats)
    return _beside(what, (len(data.levels), "events"), ours_s, ("hftbacktest", theirs.seconds))


def _replayed(market: MarketEvents, plan: list[tuple[int, str, VenueOrder]]) -> SimulationResult:
    return simulated(market, Scheduled(plan), allow_all, SimulationTerms(), 0)


# ---- the full path, decisions, queues


class _Trading(_Watching):
    """Sends a bid or an offer at the best price at every hundredth view."""

    def __init__(self) -> None:
        super().__init__()
        self._n_views = 0

    def seen(self, view: View) -> Iterable[Request]:
        self._n_views += 1
        if self._n_views % 100 or not (view.bid_e4 and view.ask_e4):
            return ()
        is_sale = self._n_views % 200 == 0
        order = _order(f"o{self._n_views}", is_sale, view.ask_e4 if is_sale else view.bid_e4)
        life = {"time_in_force": TimeInForce.GTD, "expires_ns": view.seen_ns + 2000 * MS}
        return (Send("XNAS", replace(order, **life)),)  # type: ignore[arg-type]  # two fields of two types


def _plan_guard(runner: Runner, base: OrderSnapshot, as_of: datetime) -> Guard:
    """The shipped order plan as a guard: every order is an order run with its trace."""

    def guard(order: VenueOrder, _view: View | None, standing_: Standing, _now_ns: int) -> GuardAnswer:
        snapshot = replace(
            base,
            proposed_order_shares=Shares(order.side.sign * order.shares),
            position_shares=Shares(standing_.position_shares.get(order.symbol, 0)),
            pending_buy_shares=Shares(standing_.pending_buy_shares.get(order.symbol, 0)),
            pending_sell_shares=Shares(standing_.pending_sell_shares.get(order.symbol, 0)),
        )
        decision = runner.order(snapshot, as_of).decision
        return GuardAnswer(abs(decision.order_shares) if decision.action is Action.ACT else 0, decision.action.name)

    return guard


def _harmless_order() -> tuple[Runner, OrderSnapshot, datetime]:
    """The shipped order plan, and a real order of a calm day that it lets pass."""
    compiled = sessions.generation()
    as_of = lake().calendar.close(sessions.CALM_ON)
    session = Runner(compiled.session, "research/benchmark", b"")
    values = session.session(session_snapshot(window(sessions.CALM_ON)), as_of).values
    row = next(row for name, row in order_rows(values).items() if name == BOOK.symbol)
    base = OrderSnapshot(**{**row, **_ACCOUNT, **_QUIET, **sessions._HARMLESS})
    return Runner(compiled.order, "research/benchmark", b""), base, as_of


def _order_run_row(folder: Path, work: Work) -> Row:
    """Decisions as DESIGN section 7 counts an order run: 100 nodes, with the research digest of its trace."""
    runner, snapshot = Runner(order_plan(_NODES, folder), "research/benchmark", b""), graph_snapshot()

    def decided() -> None:
        for _ in range(work.n_decisions):
            runner.order(snapshot, AS_OF)

    rate = work.n_decisions / _least_s(decided, work.n_repeats)
    return Row(
        f"traced decisions of a plan of {_NODES} nodes, research digest",
        f"{rate:,.0f} decisions/s",
        target=f"{TARGET_DECISIONS:,} decisions/s",
        is_met=rate >= TARGET_DECISIONS,
    )


def _full_path(work: Work) -> list[Row]:
    runner, base, as_of = _harmless_order()
    guard = _plan_guard(runner, base, as_of)
    flow = order_flow(BOOK, FlowTerms(work.n_events), 1)
    terms = SimulationTerms(venues={"XNAS": VenueTerms(order_latency=DECISION_TO_FILL)})
    result = simulated(flow, _Trading(), guard, terms, 0)
    rate = len(flow) / _least_s(lambda: simulated(flow, _Trading(), guard, terms, 0), work.n_repeats)
    sent = f"{result.n_decisions:,} orders judged by the shipped plan, {len(result.fills):,} fills"
    what = f"full path over {len(flow):,} events by order, 200-500 ms to the venue: {sent}"
    orders = [_order(f"d{place}", place % 2, None) for place in range(work.n_decisions)]
    standing_ = Standing()
    decisions = len(orders) / _least_s(lambda: [guard(order, None, standing_, 0) for order in orders], work.n_repeats)
    return [
        Row(what, f"{rate:,.0f} events/s", target=f"{TARGET_EVENTS:,} events/s", is_met=rate >= TARGET_EVENTS),
        Row(
            f"traced decisions of the shipped plan, {len(runner.plan.nodes)} nodes, research digest, as the guard",
            f"{decisions:,.0f} decisions/s",
        ),
    ]


def _queue_rows(work: Work) -> list[Row]:
    flow, probing = order_flow(BOOK, FlowTerms(work.n_flow), 2), Probing(300 * MS, 280 * MS, 100)
    found = {name: queue_error(flow, probing, model) for name, model in _MODELS.items()}
    return [
        Row(
            f"{name} queue, {error.n_orders} orders by level: mean error of filled shares",
            f"{error.mean_error_frac:.1%}, {error.modelled_filled_frac:.1%} filled",
            f"exact queue: {error.exact_filled_frac:.1%} filled",
            f"{error.same_frac:.1%} of orders equal",
        )
        for name, error in found.items()
    ]


# ---- how


def _least_s(work: Callable[[], object], n_repeats: int) -> float:
    """Least CPU seconds of a piece of work."""
    spent = []
    for _ in range(n_repeats):
        from_s = time.process_time()
        work()
        spent.append(time.process_time() - from_s)
    return min(spent)


def _best_turn(other: Peer, name: str, work: Work) -> Any:
    """The fastest of some turns of a peer."""
    return min((other.turn(name) for _ in range(work.n_repeats)), key=lambda turn: turn.seconds)


def _beside(what: str, units: tuple[int, str], ours_s: float, theirs: tuple[str, float]) -> Row:
    """A row of two rates: units are how many of what; theirs are the peer's name and seconds."""
    (n_units, unit), (name, theirs_s) = units, theirs
    return Row(
        what,
        f"{n_units / ours_s:,.0f} {unit}/s",
        f"{name} {n_units / theirs_s:,.0f} {unit}/s",
        f"{theirs_s / ours_s:.2g}x",
    )


def _require_equal(name: str, ours: Iterable[float], theirs: Array, tolerance: float) -> None:
    found = np.array(list(ours), np.float64)
    if found.shape != theirs.shape or not np.allclose(found, theirs, rtol=tolerance, atol=0.0):
        message = f"{name} and we find different things: {found[:5]} and {theirs[:5]}, {found.shape} and {theirs.shape}"
        raise RuntimeError(message)


def main() -> int:
    """Print the table; 1 when a target is missed."""
    with tempfile.TemporaryDirectory() as folder:
        found = rows(Path(folder), Work())
    with suppress(BrokenPipeError):
        table.printed(found, Console(width=190))
    return int(any(row.is_met is False for row in found))


if __name__ == "__main__":
    sys.exit(main())
