"""How an order stands, read from the entries that concern its decision: FIX words inside, Alpaca's words outside."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal
from typing import Any

from governance.entries import Entry, EntryKind, cl_ord_id
from governance.ports import LogReader
from nodes.vocabulary.canonical import decode
from nodes.vocabulary.errors import EdgeError
from nodes.vocabulary.executions import OrdStatus

WORDS: Mapping[OrdStatus, str] = {
    OrdStatus.PENDING_NEW: "accepted",
    OrdStatus.NEW: "new",
    OrdStatus.PARTIALLY_FILLED: "partially_filled",
    OrdStatus.FILLED: "filled",
    OrdStatus.CANCELED: "canceled",
    OrdStatus.EXPIRED: "expired",
    OrdStatus.REJECTED: "rejected",
}
"""Alpaca's word for each FIX OrdStatus."""

_PAGE = 256


@dataclass(frozen=True, slots=True)
class OrderStatus:
    """An order and how it stands.

    Attributes:
        cl_ord_id: ClOrdID (11).
        client_order_id: the client's own name for it; None without one.
        account_id: whose it is.
        decision_id: the decision that let it out.
        symbol: of which share.
        order_shares: OrderQty (38); negative to sell.
        limit_price_usd: Price (44); None for an order that was refused for want of one.
        ord_status: OrdStatus (39).
        cum_shares: CumQty (14): filled, with the order's sign.
        last_shares: LastQty (32); 0 before the first fill.
        last_price_usd: LastPx (31); None before the first fill.
        value_usd: worth of all fills.
        submitted_at: when it was decided.
        updated_at: when the newest entry about it was recorded.
        reason: why it ended as it did, "" while it works.
    """

    cl_ord_id: str
    client_order_id: str | None
    account_id: str
    decision_id: bytes
    symbol: str
    order_shares: int
    limit_price_usd: Decimal | None
    ord_status: OrdStatus
    cum_shares: int
    last_shares: int
    last_price_usd: Decimal | None
    value_usd: Decimal
    submitted_at: datetime
    updated_at: datetime
    reason: str = ""

    @property
    def status(self) -> str:
        """The status in Alpaca's words."""
        return WORDS[self.ord_status]

    @property
    def leaves_shares(self) -> int:
        """LeavesQty (151): still to be filled; 0 once it is done."""
        works = self.ord_status in {OrdStatus.PENDING_NEW, OrdStatus.NEW, OrdStatus.PARTIALLY_FILLED}
        return self.order_shares - self.cum_shares if works else 0

    @property
    def average_price_usd(self) -> Decimal | None:
        """AvgPx (6); None before the first fill."""
        return self.value_usd / abs(self.cum_shares) if self.cum_shares else None


def order_status(reader: LogReader, found_id: str) -> OrderStatus:
    """How the order with a ClOrdID stands. Raises EdgeError when there is none."""
    row = reader.order(found_id)
    if row is None:
        message = f"there is no order {found_id!r}; name one by the ClOrdID that its answer gave"
        raise EdgeError(message, reason="not-found")
    return _status([record.entry for record in reader.history(row.decision_id)], decode(row.order)["limit_price_usd"])


def orders_of(reader: LogReader, account_id: str, n_orders: int, before: int | None = None) -> tuple[OrderStatus, ...]:
    """The newest orders of an account, newest first, below a sequence number if one is given."""
    found: list[OrderStatus] = []
    while len(found) < n_orders and (page := reader.newest(EntryKind.DECISION, _PAGE, before)):
        for record in page:
            facts = record.entry.facts
            if facts["account_id"] == account_id and facts["action"] == "act" and len(found) < n_orders:
                row = reader.order(cl_ord_id(account_id, facts["key"]))
                limit_price_usd = None if row is None else decode(row.order)["limit_price_usd"]
                history = [each.entry for each in reader.history(facts["decision_id"])]
                found.append(_status(history, limit_price_usd))
        before = page[-1].sequence
    return tuple(found)


def _status(history: Sequence[Entry], limit_price_usd: Decimal | None) -> OrderStatus:
    decision, *later = history
    facts = decision.facts
    status = OrderStatus(
        cl_ord_id=cl_ord_id(facts["account_id"], facts["key"]),
        client_order_id=facts.get("client_order_id"),
        account_id=facts["account_id"],
        decision_id=facts["decision_id"],
        symbol=facts["symbol"],
        order_shares=facts["order_shares"],
        limit_price_usd=limit_price_usd,
        ord_status=OrdStatus.PENDING_NEW,
        cum_shares=0,
        last_shares=0,
        last_price_usd=None,
        value_usd=Decimal(0),
        submitted_at=decision.recorded_at,
        updated_at=decision.recorded_at,
    )
    for entry in later:
        status = replace(_after(status, entry.kind, entry.facts), updated_at=entry.recorded_at)
    return status


def _after(status: OrderStatus, kind: EntryKind, facts: Mapping[str, Any]) -> OrderStatus:
    if kind is EntryKind.ACKNOWLEDGEMENT:
        done = status.ord_status not in {OrdStatus.PENDING_NEW, OrdStatus.NEW}
        return status if done else replace(status, ord_status=OrdStatus(facts["ord_status"]))
    if kind is EntryKind.FILL:
        return _filled(status, facts["fill_shares"], facts["fill_price_usd"])
    if kind is EntryKind.EXPIRY:
        return replace(status, ord_status=OrdStatus.EXPIRED, reason=facts["reason"])
    if kind is EntryKind.CANCEL:
        return replace(status, ord_status=OrdStatus.CANCELED, reason=facts["reason"])
    if kind is EntryKind.REFUSAL:
        return replace(status, ord_status=OrdStatus.REJECTED, reason=facts["reason"])
    return status


def _filled(status: OrderStatus, fill_shares: int, fill_price_usd: Decimal) -> OrderStatus:
    cum_shares = status.cum_shares + fill_shares
    is_full = abs(cum_shares) >= abs(status.order_shares)
    return replace(
        status,
        ord_status=OrdStatus.FILLED if is_full else OrdStatus.PARTIALLY_FILLED,
        cum_shares=cum_shares,
        last_shares=fill_shares,
        last_price_usd=fill_price_usd,
        value_usd=status.value_usd + abs(fill_shares) * fill_price_usd,
    )
