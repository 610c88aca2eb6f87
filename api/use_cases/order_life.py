"""How an order that went out has fared, in states of FIX: its history in the log, told by the state machine.

Every state follows from entries: nothing about an order is kept but what the log holds. A server that was started anew
knows the same of its open orders as the one before.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from api.use_cases.child_orders import ChildRecord, child_records, running_shares
from api.use_cases.deciding import INSTRUCTIONS, DecisionAnswer
from api.use_cases.fill_facts import FEES, fill_fee_usd
from api.use_cases.placed_orders import PlacedOrder, placed_order
from api.use_cases.standing_orders import standing_order
from governance.entries import Entry, EntryKind
from governance.ports import LogReader
from governance.rows import OrderState, OutboundOrder
from nodes.kernels.order_states import OrderLife, Report, Taken, after_report, opened
from nodes.vocabulary.canonical import decode
from nodes.vocabulary.errors import EdgeError
from nodes.vocabulary.executions import ExecType, OrdStatus

_ENDS = {
    EntryKind.EXPIRY: (ExecType.EXPIRED, "expired_shares"),
    EntryKind.CANCEL: (ExecType.CANCELED, "canceled_shares"),
    EntryKind.REFUSAL: (ExecType.REJECTED, ""),
}
_REQUESTS = {
    EntryKind.CANCEL_REQUEST: ExecType.PENDING_CANCEL,
    EntryKind.REPLACE_REQUEST: ExecType.PENDING_REPLACE,
}


@dataclass(frozen=True, slots=True)
class OrderEvent:
    """What happened to an order, and how it stood after it.

    Attributes:
        sequence: place of the entry in the log.
        at: when the log learned of it.
        kind: of the entry.
        exec_id: ExecID (17) of the report.
        exec_type: ExecType (150); None of the decision itself.
        ord_status: OrdStatus (39) after it.
        last_shares: shares of a fill.
        last_price_usd: price of a fill; None of others.
        cum_shares: CumQty (14) after it.
        leaves_shares: LeavesQty (151) after it.
        taken: what the report did: applied, duplicate, late or late-fill.
        text: why, in words, where somebody said so.
        principal: who asked for it; "" when nobody did.
        child_cl_ord_id: ClOrdID of the part that it is about; "" when it is about the whole order.
        venue: LastMkt (30) of a fill; "" of others.
        fee_usd: what a fill was charged; None of others, and where its entry does not say.
        corrects: ExecRefID (19): the fill that it corrects or takes back; "" of others.
    """

    sequence: int
    at: datetime
    kind: str
    exec_id: str
    exec_type: ExecType | None
    ord_status: OrdStatus
    last_shares: int
    last_price_usd: Decimal | None
    cum_shares: int
    leaves_shares: int
    taken: str
    text: str
    principal: str
    child_cl_ord_id: str = ""
    venue: str = ""
    fee_usd: Decimal | None = None
    corrects: str = ""


@dataclass(frozen=True)
class OrderRecord:
    """An order with its life.

    Attributes:
        placed: what went out.
        life: how it stands.
        events: its history.
        children: what each venue gets, and what came of it.
        replaces: ClOrdIDs of the orders whose place it took, newest first.
        replaced_by: ClOrdID of the order that took its place; None without one.
    """

    placed: PlacedOrder
    life: OrderLife
    events: tuple[OrderEvent, ...]
    children: tuple[ChildRecord, ...]
    replaces: tuple[str, ...]
    replaced_by: str | None

    @property
    def cl_ord_id(self) -> str:
        """Its ClOrdID."""
        return self.placed.answer.cl_ord_id or ""


def order_record(reader: LogReader, cl_ord_id: str) -> OrderRecord:
    """The order with a ClOrdID, and its life. Raises EdgeError when there is none."""
    placed, row = placed_order(reader, cl_ord_id), reader.order(cl_ord_id)
    if row is None:
        raise EdgeError(f"no order is called {cl_ord_id[:64]!r}; list them first", reason="not-found")
    history = reader.history(row.decision_id)
    told = [(record.sequence, record.entry) for record in history if record.entry.kind is not EntryKind.INCIDENT]
    left = _left(reader, row)
    life, events = _lived(told, _order_shares(placed.answer, [entry for _, entry in told], row, left))
    asked = [entry.facts["replaced_by"] for _, entry in told if entry.kind is EntryKind.REPLACE_REQUEST]
    return OrderRecord(
        placed=placed,
        life=life,
        events=events,
        children=child_records(placed.answer, [entry for _, entry in told]),
        replaces=tuple(decode(row.order).get("replaces", ())),
        replaced_by=asked[-1] if asked and life.status in _REPLACING else None,
    )


_REPLACING = {OrdStatus.PENDING_REPLACE, OrdStatus.REPLACED}
_TOLD_ENDS = {OrdStatus.CANCELED.value, OrdStatus.REPLACED.value, OrdStatus.REJECTED.value}
"""Of an order that a broker ended, no fill was the last."""


def _left(reader: LogReader, row: OutboundOrder) -> int | None:
    """What is left of an order that can have been split while it worked; None of one that ends with its session."""
    is_lasting = decode(row.order).get(INSTRUCTIONS, {}).get("expires_at") is not None
    if row.state is OrderState.DONE or not is_lasting:
        return None
    order = standing_order(reader, None, row)
    return 0 if order is None else abs(order.order_shares)


def _order_shares(answer: DecisionAnswer, entries: Sequence[Entry], row: OutboundOrder, left: int | None = None) -> int:
    """How many shares the order is for: as many as went out, or as a split has left them."""
    back = max((at for at, entry in enumerate(entries) if entry.facts.get("is_refusal")), default=-1)
    """Where the account last got an order back that the broker had all the same: no end before it was one."""
    later = range(back + 1, len(entries))
    end = next((at for at in later if entries[at].kind in {EntryKind.EXPIRY, EntryKind.CANCEL}), None)
    filled, asked = running_shares(entries[:end]), abs(answer.order_shares)
    if end is not None:
        ended: int = entries[end].facts[_ENDS[entries[end].kind][1]]
        return (filled[-1] + abs(ended)) or asked
    if left is not None:
        return filled[-1] + left
    most = max(filled)
    is_filled = row.state is OrderState.DONE and not any(
        entry.facts.get("ord_status") in _TOLD_ENDS for entry in entries
    )
    return most if most > asked or (most and is_filled) else asked


def _lived(told: Sequence[tuple[int, Entry]], shares: int) -> tuple[OrderLife, tuple[OrderEvent, ...]]:
    """The life that entries tell; where the account lets go of an order after the broker did, that is not late."""
    life, events = opened(shares), []
    for sequence, entry in told:
        report = _report(entry)
        taken = ""
        if report is not None:
            life, how = after_report(life, report)
            is_booked = how is Taken.LATE and entry.kind is EntryKind.CANCEL and life.status is OrdStatus.CANCELED
            taken = Taken.APPLIED.value if is_booked else how.value
        events.append(_event(sequence, entry, report, life, taken))
    return life, tuple(events)


def _report(entry: Entry) -> Report | None:
    """What an entry says of the order; None of the decision and of entries that say nothing about its state."""
    facts = entry.facts
    exec_id = facts.get("exec_id", entry.entry_id.hex()[:24])
    if entry.kind is EntryKind.ACKNOWLEDGEMENT:
        return Report(exec_id, ExecType(facts["exec_type"]), is_refusal=bool(facts.get("is_refusal")))
    if entry.kind is EntryKind.FILL:
        return Report(exec_id, ExecType.TRADE, abs(facts["fill_shares"]), facts["fill_price_usd"])
    if entry.kind is EntryKind.CORRECTION and "exec_ref_id" in facts:
        shares, price_usd = abs(facts["fill_shares"]), facts["fill_price_usd"]
        return Report(exec_id, ExecType(facts["exec_type"]), shares, price_usd, corrects=facts["exec_ref_id"])
    if entry.kind in _ENDS:
        return Report(exec_id, _ENDS[entry.kind][0])
    if entry.kind in _REQUESTS:
        return Report(exec_id, _REQUESTS[entry.kind])
    return None


def _event(sequence: int, entry: Entry, report: Report | None, life: OrderLife, taken: str) -> OrderEvent:
    facts: dict[str, Any] = dict(entry.facts)
    return OrderEvent(
        sequence=sequence,
        at=entry.recorded_at,
        kind=entry.kind.value,
        exec_id="" if report is None else report.exec_id,
        exec_type=None if report is None else report.exec_type,
        ord_status=life.status,
        last_shares=0 if report is None else report.last_shares,
        last_price_usd=report.last_price_usd if report is not None and report.last_shares else None,
        cum_shares=life.cum_shares,
        leaves_shares=life.leaves_shares,
        taken=taken,
        text=str(facts.get("reason", "")),
        principal=str(facts.get("principal", "")),
        child_cl_ord_id=str(facts.get("child_cl_ord_id", "")),
        venue=str(facts.get("venue", "")) if report is not None and report.last_shares else "",
        fee_usd=fill_fee_usd(facts) if all(name in facts for name in FEES) else None,
        corrects="" if report is None else report.corrects or "",
    )
