"""One way through a scenario: the live session and order plans, session after session, on the scenario's lake.

Every run has a log of its own, in research: plans, decisions, fills and expiries are entries as anywhere. A run may
begin where another stood, so that runs differ only in what they are to be compared by.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from decimal import Decimal
from functools import partial
from typing import Any

from adapters.lake.lake import Lake
from api.use_cases.deciding import OrderRequest, decided, order_snapshot
from api.use_cases.desk import Desk
from api.use_cases.sessions import PlannedSession, candidate_rows, planned_session
from dataflows.engine.run import OrderRun, Runner
from dataflows.us_equities import order_rows
from governance.entries import Entry, EntryKind, cl_ord_id
from governance.ports import Transaction
from governance.rows import OrderState, OutboundOrder
from nodes.journal.account import AccountState, after_expiry, after_fill, after_order, opened_account
from nodes.kernels.fees import exact
from nodes.vocabulary.absent import Absent
from nodes.vocabulary.errors import DataError
from nodes.vocabulary.holdings import Fill, Holding
from nodes.vocabulary.orders import PendingOrder
from nodes.vocabulary.verdict import Action
from policies.scenario import Recall, Scenario

LENDER = "lender"
_NO_FEE = Decimal(0)


@dataclass(frozen=True)
class Judged:
    """An order that was judged: what the plan read, and what it made of it.

    Attributes:
        snapshot: what the order run read.
        as_of: at which close.
        outcome: action, size and limit.
    """

    snapshot: Any
    as_of: datetime
    outcome: tuple[Any, ...]


@dataclass(frozen=True)
class Step:
    """A session of a run.

    Attributes:
        session_on: the session.
        before: the account before it.
        judged: the orders that were judged at its close.
        rows: what the session run says of each share, as an order run reads it.
    """

    session_on: date
    before: AccountState
    judged: tuple[Judged, ...]
    rows: Mapping[str, Mapping[str, Any]]


@dataclass(frozen=True)
class ScenarioRun:
    """What one run came to.

    Attributes:
        start_usd: worth of the account when it began.
        equities: worth at the close of each session.
        decisions: facts of each decision, in order.
        fills: facts of each fill.
        charges: facts of each charge for what was held.
        buy_ins: what a lender did, in words.
        steps: its sessions.
        state: the account at the end.
    """

    start_usd: Decimal
    equities: tuple[tuple[date, Decimal], ...]
    decisions: tuple[Mapping[str, Any], ...]
    fills: tuple[Mapping[str, Any], ...]
    charges: tuple[Mapping[str, Any], ...]
    buy_ins: tuple[str, ...]
    steps: tuple[Step, ...]
    state: AccountState

    @property
    def end_usd(self) -> Decimal:
        """Worth of the account at the end."""
        return self.equities[-1][1] if self.equities else self.start_usd


def opening_state(lake: Lake, scenario: Scenario, account_id: str, cash_usd: Decimal, first_on: date) -> AccountState:
    """The account before the lead: cash, and the scenario's shares at the close before.

    Raises DataError for a share that has no bar then.
    """
    state = opened_account(account_id, cash_usd)
    if not scenario.opening_shares:
        return state
    before_on = lake.calendar.before(first_on, 1)
    bars = lake.bars_on(before_on)
    absent = sorted(set(scenario.opening_shares) - set(bars))
    if absent:
        message = f"scenario {scenario.name!r} begins with {absent}, which have no bar on {before_on}"
        raise DataError(f"{message}; name shares that the lake has then")
    holdings = tuple(
        Holding(symbol, shares, shares * exact(bars[symbol]["close_usd"]), exact(bars[symbol]["close_usd"]))
        for symbol, shares in sorted(scenario.opening_shares.items())
        if shares
    )
    spent_usd = sum((holding.cost_usd for holding in holdings), Decimal(0))
    return replace(state, cash_usd=state.cash_usd - spent_usd, holdings=holdings, marked_on=before_on)


def begun(desk: Desk, state: AccountState, why: str) -> None:
    """Begin a log with an account as it stands, its working orders in the outbox."""

    def inside(transaction: Transaction) -> None:
        facts = {
            "account_id": desk.account_id,
            "account_digest": desk.save_account(transaction, state),
            "principal": desk.principal,
            "reason": why,
        }
        at = desk.clock()
        transaction.append(Entry(EntryKind.CORRECTION, desk.store.origin, at, at, facts))
        for order, data in zip(state.orders, state.orders.data_from(0), strict=True):
            sent_as = cl_ord_id(desk.account_id, order.order_key)
            transaction.send(OutboundOrder(sent_as, desk.account_id, order.decision_id, order.order_shares, data))

    desk.writer.submit(inside).result()


def run_through(desk: Desk, scenario: Scenario, sessions: Sequence[date]) -> Iterator[Step]:
    """Each session in turn, decided under the desk's policy on the desk's lake."""
    recalls = tuple(change for change in scenario.changes if isinstance(change, Recall))
    for session_on in sessions:
        yield desk.writer.submit(partial(_session, desk, recalls, session_on)).result()


def differences(order: Runner, steps: Sequence[Step]) -> tuple[int, ...]:
    """For each order of a run that another order plan would have judged otherwise as it stood: its session's place.

    Up to the first of them both go the same way, so that only what follows has to be run again.
    """
    return tuple(
        place
        for place, step in enumerate(steps)
        for judged in step.judged
        if _judgement(order.order(judged.snapshot, judged.as_of)) != judged.outcome
    )


def run_facts(desk: Desk, start: AccountState, steps: Sequence[Step]) -> ScenarioRun:
    """What some sessions of a run came to, read back from its log."""
    first_on = steps[0].session_on
    with desk.store.reader() as reader:
        plans = [record.entry.facts for record in reader.of_kind(EntryKind.PLAN)]
        decisions = [record.entry.facts for record in reader.of_kind(EntryKind.DECISION)]
        fills = [record.entry.facts for record in reader.of_kind(EntryKind.FILL)]
        charges = [record.entry.facts for record in reader.of_kind(EntryKind.CHARGE)]
        corrections = [record.entry.facts for record in reader.of_kind(EntryKind.CORRECTION)]
        row = reader.account(desk.account_id)
    state = start if row is None else desk.state(row.content)
    return ScenarioRun(
        start_usd=start.equity_usd,
        equities=tuple((fact["session_on"], fact["equity_usd"]) for fact in plans if fact["session_on"] >= first_on),
        decisions=tuple(fact for fact in decisions if fact["session_on"] >= first_on),
        fills=tuple(fact for fact in fills if fact["session_on"] >= first_on),
        charges=tuple(fact for fact in charges if fact["session_on"] >= first_on),
        buy_ins=tuple(str(fact["reason"]) for fact in corrections if fact["principal"] == LENDER),
        steps=tuple(steps),
        state=state,
    )


def joined(run: ScenarioRun, n_sessions: int, rest: ScenarioRun) -> ScenarioRun:
    """A run that goes as one does for some sessions, and then as another."""
    split_on = run.steps[n_sessions].session_on
    return ScenarioRun(
        start_usd=run.start_usd,
        equities=(*(each for each in run.equities if each[0] < split_on), *rest.equities),
        decisions=(*(each for each in run.decisions if each["session_on"] < split_on), *rest.decisions),
        fills=(*(each for each in run.fills if each["session_on"] < split_on), *rest.fills),
        charges=(*(each for each in run.charges if each["session_on"] < split_on), *rest.charges),
        buy_ins=rest.buy_ins,
        steps=(*run.steps[:n_sessions], *rest.steps),
        state=rest.state,
    )


def _session(desk: Desk, recalls: tuple[Recall, ...], session_on: date, transaction: Transaction) -> Step:
    """A session as in the main job, with the orders that recalls demand in place of those of the plan."""
    desk.require_active(transaction)
    before = desk.account(transaction)
    for recall in recalls:
        _buy_in(desk, transaction, recall, session_on)
    planned = planned_session(desk, transaction, session_on)
    wanted = {
        recall.symbol: -min(desk.account(transaction).position_shares(recall.symbol), 0)
        for recall in recalls
        if recall.on <= session_on
    }
    rows = _rows(planned, {symbol: shares for symbol, shares in wanted.items() if shares})
    judged = tuple(_judged(desk, transaction, planned, row) for row in rows)
    told = {str(symbol): fields for symbol, fields in order_rows(planned.run.values).items()}
    return Step(session_on, before, judged, told)


def _rows(planned: PlannedSession, wanted: Mapping[str, int]) -> tuple[dict[str, Any], ...]:
    plain = tuple(row for row in candidate_rows(planned.run) if row["symbol"] not in wanted)
    rows = order_rows(planned.run.values)
    forced = tuple({**rows[symbol], "proposed_order_shares": wanted[symbol]} for symbol in rows if symbol in wanted)
    return (*forced, *plain)


def _judged(desk: Desk, transaction: Transaction, planned: PlannedSession, row: Mapping[str, Any]) -> Judged:
    """An order, judged inside the append as any order is."""
    request = OrderRequest(planned.session_on, planned.as_of, row, planned.run.trace.digest, planned.plan.entry_id)
    snapshot = order_snapshot(desk, desk.account(transaction), request)
    answer = decided(desk, transaction, request)
    acts = answer.action == Action.ACT.value
    outcome = (answer.action, answer.order_shares if acts else 0, answer.limit_price_usd)
    return Judged(snapshot, request.as_of, outcome)


def _judgement(run: OrderRun) -> tuple[Any, ...]:
    """Action, size and limit, as an answer says them."""
    decision, limit = run.decision, run.values["limit_price_usd"]
    acts = decision.action is Action.ACT
    is_priced = acts and not isinstance(limit, Absent)
    return (decision.action.value, decision.order_shares if acts else 0, limit if is_priced else None)


def _buy_in(desk: Desk, transaction: Transaction, recall: Recall, session_on: date) -> None:
    """After the deadline, the lender buys what is still short at the session's high, in place of orders under way."""
    deadline_on = recall.on
    for _ in range(recall.deadline_sessions + 1):
        deadline_on = desk.lake.calendar.after(deadline_on)
    state = desk.account(transaction)
    shares = -min(state.position_shares(recall.symbol), 0)
    bar = desk.lake.bars_on(session_on).get(recall.symbol)
    if session_on != deadline_on or not shares or bar is None:
        return
    state = _without_orders(desk, transaction, state, recall.symbol)
    price_usd = exact(bar["high_usd"])
    key = f"{session_on.isoformat()}/{recall.symbol}/buy-in"
    order = PendingOrder(key, b"", recall.symbol, shares, price_usd, None, None)
    counts = state.today_counts
    state = replace(after_order(state, order), today_counts=counts)
    state = after_fill(state, Fill(key, shares, price_usd, _NO_FEE))
    facts = {
        "account_id": desk.account_id,
        "account_digest": desk.save_account(transaction, state),
        "principal": LENDER,
        "reason": f"buy-in of {shares} {recall.symbol} at {price_usd} USD, recalled on {recall.on}",
    }
    at = desk.clock()
    transaction.append(Entry(EntryKind.CORRECTION, desk.store.origin, at, at, facts))


def _without_orders(desk: Desk, transaction: Transaction, state: AccountState, symbol: str) -> AccountState:
    """The account without working orders of a symbol, each expired as it would be at the end of a session."""
    for order in state.orders:
        if order.symbol == symbol:
            state = after_expiry(state, order.order_key)
            facts = {
                "account_id": desk.account_id,
                "session_on": state.session_on,
                "decision_id": order.decision_id,
                "key": order.order_key,
                "symbol": symbol,
                "expired_shares": order.order_shares,
                "reason": "the lender bought in",
            }
            at = desk.clock()
            transaction.append(Entry(EntryKind.EXPIRY, desk.store.origin, at, at, facts))
            transaction.mark_order(cl_ord_id(desk.account_id, order.order_key), OrderState.DONE)
    return state
