"""What is left of an order by the log: its size less what traded of it, in the shares that splits have made of it.

The account says the same of an order that it has. It lets go of some that a broker trades all the same: what comes back
then is told from here, so that what was reported meanwhile is not waited for a second time.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import fields, replace
from fractions import Fraction

from governance.entries import Entry, EntryKind
from governance.ports import LogReader, Transaction
from governance.rows import OutboundOrder
from governance.verify_executions import OLD
from nodes.journal.account import order_after_split
from nodes.vocabulary.canonical import decode
from nodes.vocabulary.orders import PendingOrder

_PAGE = 256
_NAMES = tuple(item.name for item in fields(PendingOrder))


def told_entries(reader: LogReader, transaction: Transaction, decision_id: bytes) -> tuple[Entry, ...]:
    """Every entry about an order inside an append, those of the append itself included."""
    return (*(record.entry for record in reader.history(decision_id)), *transaction.appended(decision_id))


def standing_order(reader: LogReader, transaction: Transaction | None, row: OutboundOrder) -> PendingOrder | None:
    """What is left of an order, inside an append if there is one; None when nothing is."""
    content = decode(row.order)
    order = PendingOrder(**{name: content[name] for name in _NAMES})
    told = [(record.sequence, record.entry) for record in reader.history(row.decision_id)]
    if transaction is not None:
        told += [(transaction.size, entry) for entry in transaction.appended(row.decision_id)]
    told += _splits(reader, row, order.symbol)
    for _, entry in sorted(told, key=lambda each: each[0]):
        order = _after(order, entry)
    return order if order.order_shares * row.order_shares > 0 else None


def split_ratio(reader: LogReader, row: OutboundOrder, symbol: str) -> Fraction:
    """Into how many shares each share of an order was split since it was decided, by what the account was told."""
    ratio = Fraction(1)
    for _, entry in _splits(reader, row, symbol):
        ratio *= _ratio(entry)
    return ratio


def traded_since(reader: LogReader, row: OutboundOrder, decision_id: bytes) -> bool:
    """Whether more of an order traded after a decision was made, by the executions that stand."""
    decided = reader.history(decision_id)
    if not decided:
        return False
    later = [record.entry for record in reader.history(row.decision_id) if record.sequence > decided[0].sequence]
    return sum(_traded(entry) for entry in later) * row.order_shares > 0


def _after(order: PendingOrder, entry: Entry) -> PendingOrder:
    if entry.kind is EntryKind.CORPORATE_ACTION:
        return order_after_split(order, _ratio(entry))
    return replace(order, order_shares=order.order_shares - _traded(entry))


def _traded(entry: Entry) -> int:
    """By how many shares an entry moves what traded of its order, with the order's sign."""
    facts = entry.facts
    if entry.kind is EntryKind.FILL:
        return int(facts["fill_shares"])
    if entry.kind is EntryKind.CORRECTION and "exec_ref_id" in facts:
        return int(facts["fill_shares"]) - int(facts[f"{OLD}fill_shares"])
    return 0


def _ratio(entry: Entry) -> Fraction:
    return Fraction(entry.facts["new_shares"], entry.facts["old_shares"])


def _splits(reader: LogReader, row: OutboundOrder, symbol: str) -> Iterator[tuple[int, Entry]]:
    """The splits that the account of an order has had of its share since it was decided."""
    history = reader.history(row.decision_id)
    after = history[0].sequence if history else reader.head().size
    page = reader.newest(EntryKind.CORPORATE_ACTION, _PAGE)
    while page:
        for record in page:
            if record.sequence <= after:
                return
            facts = record.entry.facts
            if (facts["account_id"], facts["symbol"]) == (row.account_id, symbol) and "old_shares" in facts:
                yield record.sequence, record.entry
        page = reader.newest(EntryKind.CORPORATE_ACTION, _PAGE, page[-1].sequence)
