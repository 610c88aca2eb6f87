"""Orders that went out, and how they fared: read from the decision, the kept answer and what the log learned later.

Statuses are Alpaca's words; FIX's OrdStatus (39) stands beside them where the broker said one.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from api.use_cases.deciding import DecisionAnswer, answer_from_bytes
from api.use_cases.executions import standing_executions
from api.use_cases.finding import DecisionFilter, decisions_page
from governance.entries import Entry, EntryKind
from governance.ports import LogReader
from governance.rows import Record
from nodes.vocabulary.errors import EdgeError, LogError

_ZERO = Decimal(0)
_ENDED = {"filled", "expired", "canceled", "rejected", "replaced"}
_REJECTED = "8"
_REPLACING = {"5": "replaced", "4": "canceled"}


@dataclass(frozen=True)
class PlacedOrder:
    """An order as the log knows it.

    Attributes:
        account_id: for whom.
        principal: who asked for it.
        client_order_id: the client's own name for it; None without one.
        answer: the decision that let it out.
        status: accepted, new, partially_filled, filled, expired, canceled, rejected, pending_cancel, pending_replace or
            replaced.
        filled_shares: how many were filled; negative when sold.
        filled_price_usd: average price of those; None before any.
        changed_at: when the log last learned of it.
    """

    account_id: str
    principal: str
    client_order_id: str | None
    answer: DecisionAnswer
    status: str
    filled_shares: int
    filled_price_usd: Decimal | None
    changed_at: datetime

    @property
    def is_open(self) -> bool:
        """Whether it can still be filled."""
        return self.status not in _ENDED


@dataclass(frozen=True)
class OrderPage:
    """Orders, newest first.

    Attributes:
        orders: those of this page.
        next_sequence: below which the next page begins; None when nothing follows.
    """

    orders: tuple[PlacedOrder, ...]
    next_sequence: int | None


def placed_order(reader: LogReader, cl_ord_id: str) -> PlacedOrder:
    """The order with a ClOrdID. Raises EdgeError when there is none."""
    row = reader.order(cl_ord_id) if cl_ord_id.isprintable() else None  # a server refuses to look for NUL
    history = () if row is None else reader.history(row.decision_id)
    if not history:
        raise EdgeError(f"no order is called {cl_ord_id[:64]!r}; list them at /api/v1/orders", reason="not-found")
    return _placed(reader, history)


def orders_page(reader: LogReader, account_id: str, n_orders: int, before: int) -> OrderPage:
    """Orders of an account, newest first, decided below a sequence number."""
    wanted = DecisionFilter(account_id=account_id, action="act")
    page = decisions_page(reader, wanted, n_orders, before)
    orders = tuple(_placed(reader, reader.history(_decision_id(record))) for record in page.records)
    return OrderPage(tuple(order for order in orders if order.answer.cl_ord_id is not None), page.next_sequence)


def _decision_id(record: Record) -> bytes:
    found = record.entry.decision_id
    if found is None:
        raise LogError(f"decision entry {record.sequence} names no decision; verify the log")
    return found


def _placed(reader: LogReader, history: Sequence[Record]) -> PlacedOrder:
    decided, *later = (record.entry for record in history)
    kept = reader.answer(decided.facts["account_id"], decided.facts["key"])
    if kept is None:
        raise LogError(f"decision {kept_name(decided)} has no kept answer; verify the log")
    fills = standing_executions(later)
    filled_shares = sum(fill.facts["fill_shares"] for fill in fills)
    paid_usd = sum((fill.facts["fill_shares"] * fill.facts["fill_price_usd"] for fill in fills), _ZERO)
    answer = answer_from_bytes(kept.body)
    return PlacedOrder(
        account_id=decided.facts["account_id"],
        principal=decided.facts["principal"],
        client_order_id=decided.facts.get("client_order_id"),
        answer=answer,
        status=_status(answer, later, filled_shares),
        filled_shares=filled_shares,
        filled_price_usd=paid_usd / filled_shares if filled_shares else None,
        changed_at=history[-1].entry.recorded_at,
    )


def kept_name(entry: Entry) -> str:
    """The decision that an entry names, for a message."""
    return "unnamed" if entry.decision_id is None else entry.decision_id.hex()


def _status(answer: DecisionAnswer, later: Sequence[Entry], filled_shares: int) -> str:
    if filled_shares and filled_shares == answer.order_shares:
        return "filled"
    back = max((at for at, entry in enumerate(later) if entry.facts.get("is_refusal")), default=-1)
    kinds, said = {entry.kind for entry in later[back + 1 :]}, _said(later)
    newest = said[-1] if said else None
    for kind, status in (
        (EntryKind.REFUSAL, "rejected"),
        (EntryKind.CANCEL, "canceled"),
        (EntryKind.EXPIRY, "expired"),
        (EntryKind.REPLACE_REQUEST, _REPLACING.get(str(newest), "pending_replace")),
        (EntryKind.CANCEL_REQUEST, "pending_cancel"),
    ):
        if kind in kinds:
            return status
    if _REJECTED in said:
        return "rejected"
    if filled_shares:
        return "partially_filled"
    return "new" if said else "accepted"


def _said(later: Sequence[Entry]) -> list[str | None]:
    """What a broker said of an order, in OrdStatus (39)."""
    return [entry.facts.get("ord_status") for entry in later if entry.kind is EntryKind.ACKNOWLEDGEMENT]
