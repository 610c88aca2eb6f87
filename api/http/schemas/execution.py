"""What clients read about execution, in the vocabulary of FIX 4.4: routes, orders, their states."""

from __future__ import annotations

from decimal import Decimal

import msgspec

from api.http.schemas.account import price_text
from api.use_cases.child_orders import ChildRecord, child_orders
from api.use_cases.order_life import OrderEvent, OrderRecord
from api.use_cases.ordering import OrderOutcome
from api.use_cases.routing import ChildOrder, PlannedRoute, VenueAnswer
from nodes.vocabulary.executions import OrdStatus
from nodes.vocabulary.instants import instant_text
from nodes.vocabulary.trading import E4_PER_USD


class ChildView(msgspec.Struct, frozen=True):
    """What one venue gets of an order.

    Attributes:
        cl_ord_id: ClOrdID of this part; null in a plan, where nothing goes out.
        parent_id: ClOrdID of the order; null likewise.
        decision_id: the decision that lets it out; null likewise.
        venue: ExDestination (100).
        order_qty: OrderQty (38).
        price: Price (44), the worst that it accepts.
        how: auction, take (what is shown, the rest comes back), post (waits there) or rest (what an auction left).
        cum_qty: CumQty (14) of this part so far.
        avg_px: AvgPx (6) of it; null before any execution.
        fees: what these executions were charged in USD, negative where venues paid more; null before any.
    """

    cl_ord_id: str | None
    parent_id: str | None
    decision_id: str | None
    venue: str
    order_qty: str
    price: str
    how: str
    cum_qty: str = "0"
    avg_px: str | None = None
    fees: str | None = None


class VenueView(msgspec.Struct, frozen=True):
    """What the router says of one venue.

    Attributes:
        venue: its name.
        cost_bps: what the whole order would cost there, in basis points; null where it shows nothing.
        parts: the same in parts: fee, spread, impact, latency, adverse_selection, unfilled; fill_frac is the part of
            the order that is expected to be filled at the first attempt.
        reason: why it was chosen or not.
    """

    venue: str
    cost_bps: float | None
    parts: dict[str, float]
    reason: str


class RouteView(msgspec.Struct, frozen=True):
    """A route that was planned; nothing was sent, and nothing is in the log.

    Attributes:
        symbol: of which share.
        side: 1 to buy, 2 to sell.
        order_qty: how many were asked for.
        action: what the policy would do with the order now: act, hold or deny.
        verdict: pass, warn, clip, review or deny.
        routed_qty: how many it would let out.
        reasons: why, of each rule that was not content.
        is_quoted: whether the quotes are the request's; else books are estimated from the last bar.
        route_cost_bps: what the route is expected to cost at the venues; null where no market is known.
        children: what would go where.
        venues: what is said of each venue.
    """

    symbol: str
    side: str
    order_qty: str
    action: str
    verdict: str
    routed_qty: str
    reasons: tuple[str, ...]
    is_quoted: bool
    route_cost_bps: float | None
    children: tuple[ChildView, ...]
    venues: tuple[VenueView, ...]


class ExecutionView(msgspec.Struct, frozen=True):
    """What became of an order that was asked for: the first execution report.

    Attributes:
        order_id: OrderID (37), ours; null when the policy let none out.
        cl_ord_id: ClOrdID (11), the client's.
        exec_type: ExecType (150): A, pending new, or 8, rejected.
        ord_status: OrdStatus (39): A or 8.
        symbol: Symbol (55).
        side: Side (54).
        order_qty: OrderQty (38) that goes out; less than asked where the policy clipped it.
        leaves_qty: LeavesQty (151).
        cum_qty: CumQty (14).
        price: Price (44); null when nothing goes out.
        text: Text (58): why, of each rule that was not content.
        decision_id: the decision.
        children: what goes where.
        links: where to read on.
    """

    order_id: str | None
    cl_ord_id: str
    exec_type: str
    ord_status: str
    symbol: str
    side: str
    order_qty: str
    leaves_qty: str
    cum_qty: str
    price: str | None
    text: tuple[str, ...]
    decision_id: str
    children: tuple[ChildView, ...]
    links: dict[str, str]


class OrderEventView(msgspec.Struct, frozen=True):
    """What happened to an order, and how it stood after it.

    Attributes:
        at: when the log learned of it.
        sequence: place of the entry in the log.
        kind: of the entry.
        exec_id: ExecID (17).
        exec_type: ExecType (150); null of the decision.
        ord_status: OrdStatus (39) after it.
        status: the same in words.
        last_qty: LastQty (32) of a fill.
        last_px: LastPx (31) of a fill; null of others.
        cum_qty: CumQty (14) after it.
        leaves_qty: LeavesQty (151) after it.
        taken: applied, duplicate, late, or late-fill; "" of the decision.
        text: why, where somebody said so.
        principal: who asked for it; "" when nobody did.
        child_id: ClOrdID of the part that it is about; "" when it is about the whole order.
        venue: LastMkt (30) of a fill; "" of others.
        fees: what a fill was charged in USD; null of others, and where its entry does not say.
        exec_ref_id: ExecRefID (19), the fill that it corrects or takes back; "" of others.
    """

    at: str
    sequence: int
    kind: str
    exec_id: str
    exec_type: str | None
    ord_status: str
    status: str
    last_qty: str
    last_px: str | None
    cum_qty: str
    leaves_qty: str
    taken: str
    text: str
    principal: str
    child_id: str
    venue: str
    fees: str | None
    exec_ref_id: str


class ExecutionOrderView(msgspec.Struct, frozen=True):
    """An order that went out, with its life.

    Attributes:
        order_id: OrderID (37), ours.
        cl_ord_id: the client's own name for it; null without one.
        account_id: Account (1).
        symbol: Symbol (55).
        side: Side (54).
        order_qty: OrderQty (38).
        price: Price (44).
        ord_status: OrdStatus (39).
        status: the same in words.
        leaves_qty: LeavesQty (151).
        cum_qty: CumQty (14).
        avg_px: AvgPx (6); null before any fill.
        is_open: whether it may still trade.
        replaces: orders whose place it took, newest first.
        replaced_by: the order that took its place; null without one.
        decision_id: the decision that let it out.
        children: what each venue gets.
        history: every state, oldest first.
        links: where to read on.
    """

    order_id: str
    cl_ord_id: str | None
    account_id: str
    symbol: str
    side: str
    order_qty: str
    price: str
    ord_status: str
    status: str
    leaves_qty: str
    cum_qty: str
    avg_px: str | None
    is_open: bool
    replaces: tuple[str, ...]
    replaced_by: str | None
    decision_id: str
    children: tuple[ChildView, ...]
    history: tuple[OrderEventView, ...]
    links: dict[str, str]


class ExecutionOrdersView(msgspec.Struct, frozen=True):
    """Orders of an account, newest first.

    Attributes:
        orders: those of this page; a page may be short of what was asked for.
        next_cursor: where the next page begins; null when nothing follows.
    """

    orders: tuple[ExecutionOrderView, ...]
    next_cursor: str | None


def route_view(plan: PlannedRoute) -> RouteView:
    """A planned route for clients."""
    decision, shares = plan.run.decision, plan.question.order_shares
    return RouteView(
        symbol=plan.question.symbol,
        side="1" if shares > 0 else "2",
        order_qty=str(abs(shares)),
        action=decision.action.value,
        verdict=decision.verdict.label,
        routed_qty=str(abs(decision.order_shares)),
        reasons=tuple(rule.because for rule in decision.failed),
        is_quoted=plan.is_quoted,
        route_cost_bps=plan.route_cost_bps,
        children=tuple(_child(None, None, each) for each in plan.children),
        venues=tuple(venue_view(each) for each in plan.venues),
    )


def venue_view(answer: VenueAnswer) -> VenueView:
    """What the router says of a venue, for clients."""
    return VenueView(answer.venue, answer.cost_bps, answer.parts, answer.reason)


def _child(cl_ord_id: str | None, parent: tuple[str, str] | None, child: ChildOrder) -> ChildView:
    parent_id, decision_id = parent or (None, None)
    price = f"{Decimal(child.limit_e4) / E4_PER_USD:.4f}"
    return ChildView(cl_ord_id, parent_id, decision_id, child.venue, str(child.shares), price, child.how)


def _child_record(parent: tuple[str, str], child: ChildRecord) -> ChildView:
    average = child.average_price_usd
    return msgspec.structs.replace(
        _child(child.cl_ord_id, parent, child.order),
        cum_qty=str(child.cum_shares),
        avg_px=None if average is None else price_text(average),
        fees=str(child.fees_usd) if child.n_executions else None,
    )


def execution_view(cl_ord_id: str, outcome: OrderOutcome) -> ExecutionView:
    """What became of an order that was asked for, for clients."""
    answer, order_id = outcome.answer, outcome.cl_ord_id
    is_out = order_id is not None
    status = (OrdStatus.PENDING_NEW if is_out else OrdStatus.REJECTED).value
    shares = answer.order_shares if is_out else answer.proposed_order_shares
    decision_id = answer.decision_id.hex()
    links = {"decision": f"/internal/decisions/{decision_id}", "why_not": f"/decisions/why_not/{decision_id}"}
    if is_out:
        links["order"] = f"/api/v1/execution/orders/{order_id}"
    return ExecutionView(
        order_id=order_id,
        cl_ord_id=cl_ord_id,
        exec_type=status,
        ord_status=status,
        symbol=answer.symbol,
        side="1" if answer.proposed_order_shares > 0 else "2",
        order_qty=str(abs(shares)),
        leaves_qty=str(abs(shares)) if is_out else "0",
        cum_qty="0",
        price=str(answer.limit_price_usd) if is_out else None,
        text=(
            *(f"{rule}: {because}" for rule, _, because, _ in answer.reasons),
            *((answer.size_reason,) if answer.size_reason and not is_out else ()),
        ),
        decision_id=decision_id,
        children=tuple(
            _child(child_id, (order_id or "", decision_id), child) for child_id, child in child_orders(answer)
        ),
        links=links,
    )


def execution_order_view(record: OrderRecord) -> ExecutionOrderView:
    """An order with its life, for clients."""
    answer, life, decision_id = record.placed.answer, record.life, record.placed.answer.decision_id.hex()
    own = f"/api/v1/execution/orders/{record.cl_ord_id}"
    return ExecutionOrderView(
        order_id=record.cl_ord_id,
        cl_ord_id=record.placed.client_order_id,
        account_id=record.placed.account_id,
        symbol=answer.symbol,
        side="1" if answer.order_shares > 0 else "2",
        order_qty=str(life.order_shares),
        price=str(answer.limit_price_usd),
        ord_status=life.status.value,
        status=life.status.name,
        leaves_qty=str(life.leaves_shares),
        cum_qty=str(life.cum_shares),
        avg_px=None if life.average_price_usd is None else price_text(life.average_price_usd),
        is_open=life.is_open,
        replaces=record.replaces,
        replaced_by=record.replaced_by,
        decision_id=decision_id,
        children=tuple(_child_record((record.cl_ord_id, decision_id), child) for child in record.children),
        history=tuple(_event(each) for each in record.events),
        links={"self": own, "decision": f"/internal/decisions/{decision_id}"},
    )


def _event(event: OrderEvent) -> OrderEventView:
    return OrderEventView(
        at=instant_text(event.at),
        sequence=event.sequence,
        kind=event.kind,
        exec_id=event.exec_id,
        exec_type=None if event.exec_type is None else event.exec_type.value,
        ord_status=event.ord_status.value,
        status=event.ord_status.name,
        last_qty=str(event.last_shares),
        last_px=None if event.last_price_usd is None else price_text(event.last_price_usd),
        cum_qty=str(event.cum_shares),
        leaves_qty=str(event.leaves_shares),
        taken=event.taken,
        text=event.text,
        principal=event.principal,
        child_id=event.child_cl_ord_id,
        venue=event.venue,
        fees=None if event.fee_usd is None else str(event.fee_usd),
        exec_ref_id=event.corrects,
    )
