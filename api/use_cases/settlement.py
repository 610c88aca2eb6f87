"""Settlement: what a session does to an account before anything new is decided.

In this order: corporate actions in force from the opening, then fills of orders decided at an earlier close against
this session's bar, then expiry of what was not filled, then valuation at the close. Each is a log entry that cites
the decision it concerns, and all are one transaction with the account that follows from them.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from adapters.lake.actions import ActionKind, CorporateAction
from api.use_cases.broker import Broker
from api.use_cases.charges import after_charge, after_delisting
from api.use_cases.desk import Desk
from governance.entries import Entry, EntryKind, cl_ord_id
from governance.ports import Transaction
from governance.rows import OrderState
from nodes.journal.account import (
    AccountState,
    after_dividend,
    after_expiry,
    after_fill,
    after_mark,
    after_session_start,
    after_split,
)
from nodes.kernels.fees import exact
from nodes.kernels.fills import LimitOrder, SessionBar, SimulatedFill, simulated_fill, unfilled
from nodes.kernels.portfolio.borrow import Loan, borrow_fee_usd
from nodes.vocabulary.holdings import Fill, Holding, millionths
from nodes.vocabulary.orders import PendingOrder

Bars = Mapping[str, Mapping[str, Any]]


@dataclass(frozen=True)
class Settlement:
    """One session being settled inside an append.

    Attributes:
        desk: whose.
        transaction: the append.
        session_on: the session.
        bars: its bars by symbol.
        broker: who fills the orders; None where each is filled from its bar right here.
    """

    desk: Desk
    transaction: Transaction
    session_on: date
    bars: Bars
    broker: Broker | None

    def append(self, kind: EntryKind, **facts: Any) -> None:  # noqa: ANN401  # canonical scalars
        """Append what happened, as of this session's close: a daily bar says no more about when."""
        account = {"account_id": self.desk.account_id, "session_on": self.session_on}
        as_of = self.desk.lake.calendar.close(self.session_on)
        self.transaction.append(Entry(kind, self.desk.store.origin, as_of, self.desk.clock(), account | facts))


def settled(desk: Desk, transaction: Transaction, session_on: date, broker: Broker | None = None) -> AccountState:
    """The account at a session's close, saved. Raises DataError when that session or a later one was settled before."""
    state = desk.account(transaction)
    settlement = Settlement(desk, transaction, session_on, desk.lake.bars_on(session_on), broker)
    state = after_session_start(state, session_on)
    state = _after_nights(settlement, state)
    for action in desk.lake.actions_on(session_on):
        state = _after_action(settlement, state, action)
    for holding in state.holdings:
        if desk.lake.gone_on.get(holding.symbol) == session_on:
            state = _after_delisting(settlement, state, holding)
    for order in state.orders:
        state = _after_order(settlement, state, order)
    closes = {symbol: exact(bar["close_usd"]) for symbol, bar in settlement.bars.items()}
    state = after_mark(state, session_on, closes, desk.active.params["drawdown_sessions"])
    desk.save_account(transaction, state)
    return state


def _after_action(settlement: Settlement, state: AccountState, action: CorporateAction) -> AccountState:
    symbol = action.symbol
    if not (state.position_shares(symbol) or any(order.symbol == symbol for order in state.orders)):
        return state
    if action.kind is ActionKind.SPLIT:
        after = after_split(state, symbol, action.new_shares, action.old_shares)
        facts: dict[str, Any] = {"new_shares": action.new_shares, "old_shares": action.old_shares}
    else:
        after = after_dividend(state, symbol, action.dividend_usd)
        facts = {"dividend_usd": action.dividend_usd}
    settlement.append(
        EntryKind.CORPORATE_ACTION,
        symbol=symbol,
        action=action.kind.value,
        position_shares=state.position_shares(symbol),
        new_position_shares=after.position_shares(symbol),
        cash_change_usd=after.cash_usd - state.cash_usd,
        **facts,
    )
    return after


def _after_nights(settlement: Settlement, state: AccountState) -> AccountState:
    """The account after the fees for what it was short of since the last session, every calendar day one night."""
    if state.marked_on is None:
        return state
    rate = exact(settlement.desk.assumptions.borrow_fee_frac)
    nights = (settlement.session_on - state.marked_on).days
    for holding in state.holdings:
        if holding.position_shares < 0 and rate:
            fee_usd = borrow_fee_usd(Loan(-holding.position_shares, rate), holding.mark_price_usd, nights)
            state = after_charge(state, fee_usd)
            settlement.append(
                EntryKind.CHARGE,
                symbol=holding.symbol,
                charge="borrow",
                position_shares=holding.position_shares,
                nights=nights,
                fee_usd=fee_usd,
            )
    return state


def _after_delisting(settlement: Settlement, state: AccountState, holding: Holding) -> AccountState:
    """The account after a share went from the market: what is left of its last price is paid out."""
    left_frac = 1 + exact(settlement.desk.assumptions.delisting_return_frac)
    after = after_delisting(state, holding.symbol, millionths(holding.mark_price_usd * left_frac))
    settlement.append(
        EntryKind.CORPORATE_ACTION,
        symbol=holding.symbol,
        action="delisting",
        position_shares=holding.position_shares,
        new_position_shares=0,
        cash_change_usd=after.cash_usd - state.cash_usd,
    )
    return after


def _after_order(settlement: Settlement, state: AccountState, order: PendingOrder) -> AccountState:
    """The account after what a session's bar made of one order: filled, filled in part, or not at all."""
    outcome, state_after = _outcome(settlement, order)
    concerned = {"decision_id": order.decision_id, "key": order.order_key, "symbol": order.symbol}
    if outcome.price_usd is not None:
        fill = Fill(order.order_key, outcome.filled_shares, outcome.price_usd, outcome.fee_usd)
        state = after_fill(state, fill)
        settlement.append(EntryKind.FILL, **concerned, **_fill_facts(outcome))
    if outcome.expired_shares or not order.order_shares:
        state = after_expiry(state, order.order_key)
        settlement.append(EntryKind.EXPIRY, **concerned, expired_shares=outcome.expired_shares, reason=outcome.reason)
    settlement.transaction.mark_order(cl_ord_id(state.account_id, order.order_key), state_after)
    return state


def _outcome(settlement: Settlement, order: PendingOrder) -> tuple[SimulatedFill, OrderState]:
    """What the session made of an order; one that a broker did not execute is taken back there, should it yet come."""
    executed = _executed(settlement, order)
    if isinstance(executed, SimulatedFill):
        return executed, OrderState.DONE
    return unfilled(order.order_shares, executed), OrderState.DONE if settlement.broker is None else OrderState.RECALLED


def _executed(settlement: Settlement, order: PendingOrder) -> SimulatedFill | str:
    """The same, or why nobody executed it."""
    if order.order_shares == 0:
        return "a split left no whole share of the order"
    if order.estimated_spread_bps is None or order.volatility_frac is None:
        return "the simulated market had no spread and volatility to price the order with"
    bar = settlement.bars.get(order.symbol)
    session_bar = None if bar is None else SessionBar(**{name: bar[name] for name in SessionBar.__dataclass_fields__})
    market = settlement.desk.assumptions.market(order.symbol, settlement.session_on, session_bar)
    limit = LimitOrder(order.order_shares, order.limit_price_usd, order.estimated_spread_bps, order.volatility_frac)
    if settlement.broker is None:
        return simulated_fill(limit, market)
    sent_as = cl_ord_id(settlement.desk.account_id, order.order_key)
    fill = settlement.broker.executed(sent_as, settlement.session_on, limit, market)
    return fill or "the order had not reached the broker when the session began"


def _fill_facts(outcome: SimulatedFill) -> dict[str, Any]:
    return {
        "fill_shares": outcome.filled_shares,
        "fill_price_usd": outcome.price_usd,
        "commission_usd": outcome.commission_usd,
        "sell_fee_usd": outcome.sell_fee_usd,
        "trading_cost_usd": outcome.trading_cost_usd,
        "impact_cost_usd": outcome.impact_cost_usd,
        "latency_cost_usd": outcome.latency_cost_usd,
        "auction_shares": outcome.auction_shares,
        "reason": outcome.reason,
    }
