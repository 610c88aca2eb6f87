"""How the parts of a routed order have fared: each part's ClOrdID, its executions, what it was charged.

Told from the entries of the order, as its life is. An auction can leave shares that are worked elsewhere: they are a
part of their own, which no route names.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from decimal import Decimal

from api.use_cases.deciding import DecisionAnswer
from api.use_cases.executions import standing_executions
from api.use_cases.fill_facts import fill_fee_usd
from api.use_cases.routing import ChildOrder
from governance.entries import Entry, EntryKind, child_cl_ord_id
from nodes.vocabulary.trading import E4_PER_USD

REST = "rest"
"""How a part that no route names came to be: what an auction left of another."""
_ZERO = Decimal(0)


@dataclass(frozen=True, slots=True)
class ChildRecord:
    """A part of an order, and what became of it.

    Attributes:
        cl_ord_id: ClOrdID (11) of the part.
        order: what it asked for.
        cum_shares: CumQty (14), without its side.
        paid_usd: what these traded for.
        fees_usd: what they were charged; negative where venues paid more.
        n_executions: how many stand.
    """

    cl_ord_id: str
    order: ChildOrder
    cum_shares: int = 0
    paid_usd: Decimal = _ZERO
    fees_usd: Decimal = _ZERO
    n_executions: int = 0

    @property
    def average_price_usd(self) -> Decimal | None:
        """AvgPx (6); None before any execution."""
        return self.paid_usd / self.cum_shares if self.cum_shares else None


def child_orders(answer: DecisionAnswer) -> tuple[tuple[str, ChildOrder], ...]:
    """What each venue gets of an order, by ClOrdID; () when nothing went out."""
    if answer.cl_ord_id is None:
        return ()
    parent = answer.cl_ord_id
    return tuple((child_cl_ord_id(parent, at), ChildOrder(*part)) for at, part in enumerate(answer.route))


def child_records(answer: DecisionAnswer, entries: Sequence[Entry]) -> tuple[ChildRecord, ...]:
    """The parts of an order in the order of its route, those of no route after them."""
    found = {name: ChildRecord(name, order) for name, order in child_orders(answer)}
    for entry in standing_executions(entries):
        facts = entry.facts
        name = facts.get("child_cl_ord_id")
        if not isinstance(name, str):
            continue
        shares = abs(facts["fill_shares"])
        if name not in found:
            limit_e4 = int((answer.limit_price_usd or _ZERO) * E4_PER_USD)
            found[name] = ChildRecord(name, ChildOrder(facts["venue"], 0, limit_e4, REST))
        before = found[name]
        order = replace(before.order, shares=before.order.shares + shares) if before.order.how == REST else before.order
        found[name] = ChildRecord(
            name,
            order,
            before.cum_shares + shares,
            before.paid_usd + shares * facts["fill_price_usd"],
            before.fees_usd + fill_fee_usd(facts),
            before.n_executions + 1,
        )
    return tuple(found.values())


def running_shares(entries: Sequence[Entry]) -> tuple[int, ...]:
    """How many shares of an order had traded before its first entry and after each, by the executions that stood."""
    standing: dict[str, int] = {}
    found = [0]
    for entry in entries:
        facts = entry.facts
        exec_id = str(facts.get("exec_id", entry.entry_id.hex()))
        if entry.kind is EntryKind.FILL:
            standing.setdefault(exec_id, abs(facts["fill_shares"]))
        elif entry.kind is EntryKind.CORRECTION and "exec_ref_id" in facts:
            standing.pop(facts["exec_ref_id"], None)
            standing[exec_id] = abs(facts["fill_shares"])
        found.append(sum(standing.values()))
    return tuple(found)
