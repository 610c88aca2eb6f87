"""What a session makes of one working order: its executions, each once in the log, and what is left of it.

All of one symbol's orders of an account share the cap on its volume, in the order of their acceptance; where a broker
fills them, it sees to that over all accounts.

A broker may know of executions that the log has from elsewhere already: an append was lost, and they were reported
since. They are known by their ExecID. One that the order has no room for is not booked: an incident says so, since a
person has to ask the broker which of them is wrong.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from fractions import Fraction
from typing import Any

from adapters.lake.actions import ActionKind
from api.use_cases.broker import Broker
from api.use_cases.desk import Desk
from api.use_cases.executions import standing_executions
from api.use_cases.fill_facts import fill_facts
from api.use_cases.incident_facts import incident_facts
from api.use_cases.routed_orders import routed_order, split_order
from api.use_cases.standing_orders import split_ratio, told_entries
from api.use_cases.venues import venue_sheets
from governance.entries import Entry, EntryKind, cl_ord_id
from governance.ports import Transaction
from governance.rows import OrderState, OutboundOrder
from nodes.journal.account import AccountState, after_expiry, after_fill
from nodes.kernels.fills import Execution, LimitOrder, SessionBar, SessionMarket, SimulatedFill, unfilled
from nodes.kernels.session_fills import simulated_fill
from nodes.vocabulary.holdings import Fill
from nodes.vocabulary.orders import PendingOrder
from nodes.vocabulary.trading import TimeInForce

Bars = Mapping[str, Mapping[str, Any]]
_ALL, _OPENING, _CLOSING = "all", "opening", "closing"
_CHILD = "child_cl_ord_id"


@dataclass(frozen=True)
class Settlement:
    """One session being settled inside an append.

    Attributes:
        desk: whose.
        transaction: the append.
        session_on: the session.
        bars: its bars by symbol.
        broker: who fills the orders; None where each is filled from its bar right here.
        used: shares that orders of this session have traded right here, by symbol and where.
    """

    desk: Desk
    transaction: Transaction
    session_on: date
    bars: Bars
    broker: Broker | None
    used: Counter[tuple[str, str]] = field(default_factory=Counter)

    def append(self, kind: EntryKind, **facts: Any) -> None:  # noqa: ANN401  # canonical scalars
        """Append what happened, as of this session's close: a daily bar says no more about when."""
        account = {"account_id": self.desk.account_id, "session_on": self.session_on}
        as_of = self.desk.lake.calendar.close(self.session_on)
        self.transaction.append(Entry(kind, self.desk.store.origin, as_of, self.desk.clock(), account | facts))


def after_session(settlement: Settlement, state: AccountState, order: PendingOrder) -> AccountState:
    """The account after what a session's bar made of one order: filled, filled in part, or not at all."""
    sent_as = cl_ord_id(state.account_id, order.order_key)
    row = settlement.transaction.order(sent_as)
    outcome, state_after = _outcome(settlement, order, row)
    concerned = {"decision_id": order.decision_id, "key": order.order_key, "symbol": order.symbol}
    known, n_booked = _known(settlement, order), 0
    for execution in outcome.executions:
        left = state.orders.order(order.order_key)
        if execution.exec_id in known:
            continue
        if left is None or abs(execution.shares) > abs(left.order_shares):
            _report_overfill(settlement, concerned, execution, 0 if left is None else left.order_shares)
            continue
        state = after_fill(state, Fill(order.order_key, execution.shares, execution.price_usd, execution.fee_usd))
        settlement.append(EntryKind.FILL, **concerned, **fill_facts(execution, sent_as, outcome.reason))
        n_booked += 1
    left = state.orders.order(order.order_key)
    if left is not None and outcome.carried_shares:
        if n_booked and row is not None and row.state is OrderState.PENDING:
            settlement.transaction.mark_order(sent_as, OrderState.SENT)
        return state
    if left is not None:
        state = after_expiry(state, order.order_key)
        settlement.append(EntryKind.EXPIRY, **concerned, expired_shares=left.order_shares, reason=outcome.reason)
    settlement.transaction.mark_order(sent_as, state_after)
    return state


def _known(settlement: Settlement, order: PendingOrder) -> frozenset[str]:
    """The executions of an order that the log has already; where no broker reports any, the session is the first."""
    if settlement.broker is None:
        return frozenset()
    with settlement.desk.store.reader() as reader:
        told = told_entries(reader, settlement.transaction, order.decision_id)
    return frozenset(str(entry.facts["exec_id"]) for entry in told if "fill_shares" in entry.facts)


def _report_overfill(settlement: Settlement, concerned: Mapping[str, Any], execution: Execution, left: int) -> None:
    """An incident: the broker executed more of an order than the log knows to be left."""
    desk, at = settlement.desk, settlement.desk.clock()
    what = (
        f"the broker says that execution {execution.exec_id} traded {execution.shares} {concerned['symbol']}, of whose "
        f"order {left} were left; it is not booked: ask the broker which execution is wrong, then correct it"
    )
    facts = incident_facts(f"execution {execution.exec_id} fits no order", what, at, desk.principal, at)
    known = {"decision_id": concerned["decision_id"], "account_id": desk.account_id}
    settlement.transaction.append(Entry(EntryKind.INCIDENT, desk.store.origin, at, at, {**facts, **known}))


def _outcome(
    settlement: Settlement, order: PendingOrder, row: OutboundOrder | None
) -> tuple[SimulatedFill, OrderState]:
    """What the session made of an order; one that a broker did not execute is taken back there, should it yet come."""
    executed = _executed(settlement, order, row)
    if isinstance(executed, SimulatedFill):
        return executed, OrderState.DONE
    return unfilled(order.order_shares, executed), OrderState.DONE if settlement.broker is None else OrderState.RECALLED


def _executed(settlement: Settlement, order: PendingOrder, row: OutboundOrder | None) -> SimulatedFill | str:
    """The same, or why nobody executed it."""
    if order.order_shares == 0:
        return "a split left no whole share of the order"
    if order.estimated_spread_bps is None or order.volatility_frac is None:
        return "the simulated market had no spread and volatility to price the order with"
    desk, session_on = settlement.desk, settlement.session_on
    estimates = (order.estimated_spread_bps, order.volatility_frac)
    limit, market = _limit_order(settlement, order, row, estimates), _market(settlement, order.symbol)
    if settlement.broker is None:
        return _filled_here(settlement, limit, market)
    fill = settlement.broker.executed(cl_ord_id(desk.account_id, order.order_key), session_on, limit, market)
    return _unexecuted(settlement, limit, row) if fill is None else fill


def _unexecuted(settlement: Settlement, order: LimitOrder, row: OutboundOrder | None) -> SimulatedFill | str:
    """What becomes of an order of which the broker says no more than that it took it, if that."""
    if row is None or row.state is not OrderState.SENT:
        return "the order had not reached the broker when the session began"
    if order.instructions.outlives(settlement.desk.lake.calendar.close(settlement.session_on)):
        return replace(unfilled(0, "the broker works it on"), carried_shares=order.shares)
    return "the broker had not executed it when the session ended"


def _market(settlement: Settlement, symbol: str) -> SessionMarket:
    """The market that the session's bar becomes."""
    desk, bar = settlement.desk, settlement.bars.get(symbol)
    session_bar = None if bar is None else SessionBar(**{name: bar[name] for name in SessionBar.__dataclass_fields__})
    closes_at = desk.lake.calendar.close(settlement.session_on)
    sheets = venue_sheets(desk.active.generation.policy, closes_at)
    return desk.assumptions.market(symbol, closes_at, session_bar, sheets)


def _filled_here(settlement: Settlement, order: LimitOrder, market: SessionMarket) -> SimulatedFill:
    """What a market makes of an order after the orders in its symbol that came before it."""
    is_closing = order.instructions.time_in_force is TimeInForce.CLS
    everywhere, auction = (order.symbol, _ALL), (order.symbol, _CLOSING if is_closing else _OPENING)
    used = settlement.used
    fill = simulated_fill(order, replace(market, used_shares=used[everywhere], used_auction_shares=used[auction]))
    used[everywhere] += abs(fill.filled_shares)
    used[auction] += abs(fill.auction_shares)
    return fill


def _limit_order(
    settlement: Settlement, order: PendingOrder, row: OutboundOrder | None, estimates: tuple[float, float]
) -> LimitOrder:
    """The order with its parts and its client's instructions, both in the shares of the session."""
    desk = settlement.desk
    sent, sent_as = (None if row is None else row.order), cl_ord_id(desk.account_id, order.order_key)
    limit = routed_order(order, sent, sent_as, desk.active.params, estimates)
    ratio, asked = _split_today(settlement, order.symbol), limit.instructions
    if asked.expires_at is not None and row is not None:  # it may have worked, and been split, in earlier sessions
        with desk.store.reader() as reader:
            ratio *= split_ratio(reader, row, order.symbol)
            told = standing_executions(told_entries(reader, settlement.transaction, order.decision_id))
        traded = Counter[str]()
        for entry in told:
            traded[str(entry.facts.get(_CHILD, ""))] += abs(entry.facts["fill_shares"])
        limit = routed_order(order, sent, sent_as, desk.active.params, estimates, traded)
    return limit if ratio == 1 else split_order(limit, ratio)


def _split_today(settlement: Settlement, symbol: str) -> Fraction:
    """Into how many shares each share is split at the session's opening."""
    ratio = Fraction(1)
    for action in settlement.desk.lake.actions_on(settlement.session_on):
        if action.kind is ActionKind.SPLIT and action.symbol == symbol:
            ratio *= Fraction(action.new_shares, action.old_shares)
    return ratio
