"""What clients read about an account: its day plan, its positions, its orders. Money and sizes are decimal strings."""

from __future__ import annotations

from decimal import Decimal

import msgspec

from api.http.schemas.journal import amount_text
from api.http.schemas.signals import SignalsView
from api.use_cases.day_plan import DayPlan, PlanRow
from api.use_cases.placed_orders import PlacedOrder
from api.use_cases.positions import HeldPosition, Holdings
from nodes.vocabulary.canonical import digest_text
from nodes.vocabulary.instants import instant_text


class PlanRowView(msgspec.Struct, frozen=True):
    """What the day plan wants of one share; null where nothing could be computed.

    Attributes:
        symbol: the share.
        target_weight_frac: the part of the account that it should be.
        target_qty: as many shares.
        candidate_qty: the order that would lead there; negative to sell.
        composite_score: how the signals score it.
        decision_ids: decisions made on this row, newest first.
    """

    symbol: str
    target_weight_frac: float | None
    target_qty: str | None
    candidate_qty: str | None
    composite_score: float | None
    decision_ids: tuple[str, ...]


class DayPlanView(msgspec.Struct, frozen=True):
    """The day plan that orders are decided against.

    Attributes:
        account_id: whose it is.
        session_on: the session at whose close it was made.
        as_of: that close.
        recorded_at: when the log learned of it.
        plan_entry: its log entry.
        sequence: the place of that entry in the log.
        policy: family and version of the policy that made it.
        policy_digest: that policy.
        equity_usd: worth of the account at the close.
        rows: one for each symbol of the universe.
        signals: the plan as it is told: picks, reasons, risk in money, what is missing; null where nothing tells it.
    """

    account_id: str
    session_on: str
    as_of: str
    recorded_at: str
    plan_entry: str
    sequence: int
    policy: str
    policy_digest: str
    equity_usd: str
    rows: tuple[PlanRowView, ...]
    signals: SignalsView | None = None


class PositionView(msgspec.Struct, frozen=True):
    """One holding, in Alpaca's words.

    Attributes:
        symbol: of which share.
        qty: how many; negative when short.
        side: long or short.
        avg_entry_price: in USD.
        current_price: the last price at which it was valued; null where no close says what it was worth.
        market_value: in USD; null likewise.
        cost_basis: in USD.
        unrealized_pl: market value less cost, in USD; null likewise.
    """

    symbol: str
    qty: str
    side: str
    avg_entry_price: str
    current_price: str | None
    market_value: str | None
    cost_basis: str
    unrealized_pl: str | None


class PositionsView(msgspec.Struct, frozen=True):
    """What an account holds, from the ledger.

    Attributes:
        account_id: the account.
        as_of: close of the session at which it was last valued; null before the first.
        sequence: size of the log that this was read from.
        cash: held, in USD.
        buying_power: cash that no pending buy has set aside; null for an instant that is past.
        equity: cash and holdings; null where one of them has no value.
        kill_switch_is_engaged: whether trading is stopped by hand; null for an instant that is past.
        positions: by symbol.
    """

    account_id: str
    as_of: str | None
    sequence: int
    cash: str
    buying_power: str | None
    equity: str | None
    kill_switch_is_engaged: bool | None
    positions: tuple[PositionView, ...]


class OrderView(msgspec.Struct, frozen=True):
    """An order that went out, in Alpaca's words.

    Attributes:
        id: its ClOrdID.
        client_order_id: the client's own name for it.
        account_id: for whom.
        symbol: of which share.
        qty: how many whole shares went out.
        side: buy or sell.
        type: limit.
        limit_price: in USD.
        time_in_force: day.
        status: accepted, new, partially_filled, filled, expired, canceled, rejected, pending_cancel, pending_replace or
            replaced.
        filled_qty: how many were filled.
        filled_avg_price: at which average price.
        submitted_at: when it was decided.
        updated_at: when the log last learned of it.
        decision_id: the decision that let it out.
        links: where to read on.
    """

    id: str
    client_order_id: str | None
    account_id: str
    symbol: str
    qty: str
    side: str
    type: str
    limit_price: str
    time_in_force: str
    status: str
    filled_qty: str
    filled_avg_price: str | None
    submitted_at: str
    updated_at: str
    decision_id: str
    links: dict[str, str]


class OrdersView(msgspec.Struct, frozen=True):
    """Orders of an account, newest first.

    Attributes:
        orders: those of this page; a page may be short of what was asked for.
        next_cursor: where the next page begins; null when nothing follows.
    """

    orders: tuple[OrderView, ...]
    next_cursor: str | None


def plan_view(
    plan: DayPlan, decision_ids: dict[str, tuple[str, ...]], signals: SignalsView | None = None
) -> DayPlanView:
    """A day plan for clients, with how it is told."""
    return DayPlanView(
        account_id=plan.account_id,
        session_on=plan.session_on.isoformat(),
        as_of=instant_text(plan.as_of),
        recorded_at=instant_text(plan.recorded_at),
        plan_entry=digest_text(plan.entry_id),
        sequence=plan.sequence,
        policy=f"{plan.policy} v{plan.version}",
        policy_digest=digest_text(plan.policy_digest),
        equity_usd=str(plan.equity_usd),
        rows=tuple(_row(row, decision_ids.get(row.symbol, ())) for row in plan.rows.values()),
        signals=signals,
    )


def _row(row: PlanRow, decision_ids: tuple[str, ...]) -> PlanRowView:
    return PlanRowView(
        symbol=row.symbol,
        target_weight_frac=row.target_weight_frac,
        target_qty=None if row.target_shares is None else str(row.target_shares),
        candidate_qty=None if row.candidate_order_shares is None else str(row.candidate_order_shares),
        composite_score=row.composite_score,
        decision_ids=decision_ids,
    )


def positions_view(held: Holdings) -> PositionsView:
    """What an account holds, for clients."""
    return PositionsView(
        account_id=held.account_id,
        as_of=None if held.valued_at is None else instant_text(held.valued_at),
        sequence=held.sequence,
        cash=str(held.cash_usd),
        buying_power=_text(held.free_cash_usd),
        equity=_text(held.equity_usd),
        kill_switch_is_engaged=held.kill_switch_is_engaged,
        positions=tuple(_position(each) for each in held.positions),
    )


def _position(held: HeldPosition) -> PositionView:
    position = held.position
    return PositionView(
        symbol=position.symbol,
        qty=amount_text(position.quantity),
        side="long" if position.quantity > 0 else "short",
        avg_entry_price=price_text(position.cost / position.quantity),
        current_price=_text(held.price_usd),
        market_value=_text(held.value_usd),
        cost_basis=amount_text(position.cost),
        unrealized_pl=None if held.gain_usd is None else amount_text(held.gain_usd),
    )


def _text(amount: Decimal | None) -> str | None:
    return None if amount is None else str(amount)


def order_view(order: PlacedOrder) -> OrderView:
    """An order for clients."""
    answer, decision_id = order.answer, order.answer.decision_id.hex()
    cl_ord_id = answer.cl_ord_id or ""
    return OrderView(
        id=cl_ord_id,
        client_order_id=order.client_order_id,
        account_id=order.account_id,
        symbol=answer.symbol,
        qty=str(abs(answer.order_shares)),
        side="buy" if answer.order_shares > 0 else "sell",
        type="limit",
        limit_price=str(answer.limit_price_usd),
        time_in_force="day",
        status=order.status,
        filled_qty=str(abs(order.filled_shares)),
        filled_avg_price=None if order.filled_price_usd is None else price_text(order.filled_price_usd),
        submitted_at=instant_text(answer.decided_at),
        updated_at=instant_text(order.changed_at),
        decision_id=decision_id,
        links={"self": f"/api/v1/orders/{cl_ord_id}", "decision": f"/internal/decisions/{decision_id}"},
    )


def price_text(price_usd: Decimal) -> str:
    """A price to four places, as brokers print averages."""
    return str(price_usd.quantize(Decimal("0.0001")))
