"""Settlement: what a session does to an account before anything new is decided.

In this order: corporate actions in force from the opening, then fills of orders decided at an earlier close in the
market that this session's bar becomes (`api.use_cases.settled_orders`), then expiry of what was not filled, then
valuation at the close. Each is a log entry that cites the decision it concerns, every execution of every part of a
route has one, and all are one transaction with the account that follows from them.
"""

from __future__ import annotations

from datetime import date
from typing import Any

from adapters.lake.actions import ActionKind, CorporateAction
from api.use_cases.broker import Broker
from api.use_cases.charges import after_charge, after_delisting
from api.use_cases.desk import Desk
from api.use_cases.locates import known_fee_frac
from api.use_cases.settled_orders import Settlement, after_session
from governance.entries import EntryKind
from governance.ports import Transaction
from nodes.journal.account import (
    AccountState,
    after_dividend,
    after_mark,
    after_session_start,
    after_split,
)
from nodes.kernels.fees import exact
from nodes.kernels.portfolio.borrow import Loan, borrow_fee_usd
from nodes.vocabulary.holdings import Holding, millionths


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
        state = after_session(settlement, state, order)
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
    """The account after the fees for what it was short of since the last session, every calendar day one night.

    The fee of a share is that of the newest list known at that session's close; the assumed one where none tells it.
    """
    if state.marked_on is None:
        return state
    lake, assumed = settlement.desk.lake, exact(settlement.desk.assumptions.borrow_fee_frac)
    nights, closed_at = (settlement.session_on - state.marked_on).days, lake.calendar.close(state.marked_on)
    for holding in state.holdings:
        if holding.position_shares >= 0:
            continue
        told = known_fee_frac(lake, holding.symbol, closed_at)
        rate = assumed if told is None else told
        if rate:
            fee_usd = borrow_fee_usd(Loan(-holding.position_shares, rate), holding.mark_price_usd, nights)
            state = after_charge(state, fee_usd)
            settlement.append(
                EntryKind.CHARGE,
                symbol=holding.symbol,
                charge="borrow",
                position_shares=holding.position_shares,
                nights=nights,
                fee_frac=rate,
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
