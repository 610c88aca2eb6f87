"""What the entries say of how far each outbound order has come, for the column of the outbox that says it too.

That column is what a dispatcher acts on: an order put back to `pending` is handed over again, one put to `done` is
never taken back. So it has to be a state that the order's entries lead to:

    decision        pending
    acknowledgement sent, done once it is an end; of one that is filled: done when its fills are in the log; a refused
                    request leaves the state as it is
    cancel request  recalled
    replace request sent
    cancel          done where the account let go of the order with it, else recalled: the kill switch asks no broker
    expiry          done, or recalled where a broker had yet to be told
    fill            done, or as it was while there is more to fill; what was pending is sent with it
    correction      of an execution: as it was; there is more or less to fill

What traded of an order, its executions that stand added up, is never more than its size. A split changes the size of
what is left of every order in the share, as it does in the account.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from fractions import Fraction

from governance.entries import Entry, EntryKind
from governance.rows import OrderState
from governance.verify_executions import OLD
from nodes.vocabulary.executions import OrdStatus

_PENDING = frozenset({OrderState.PENDING.value})
_SENT = frozenset({OrderState.SENT.value})
_RECALLED = frozenset({OrderState.RECALLED.value})
_DONE = frozenset({OrderState.DONE.value})
_ENDS = frozenset({"4", "5", "8"})
"""OrdStatus (39) of canceled, replaced and rejected."""


@dataclass(slots=True)
class LearnedOrders:
    """The states that the entries so far leave open for each order that was let out, by its decision.

    Attributes:
        states: values of `OrderState`.
        left: shares that have yet to trade, without their side.
        by_symbol: the orders of an account in a share.
    """

    states: dict[bytes, frozenset[str]] = field(default_factory=dict)
    left: dict[bytes, int] = field(default_factory=dict)
    by_symbol: dict[tuple[object, object], list[bytes]] = field(default_factory=dict)

    def fault(self, entry: Entry) -> str:
        """Take one entry in; what is wrong with the size of what it says to have traded, "" when nothing is."""
        concerned = entry.decision_id
        if concerned is None:
            self._split(entry)
            return ""
        if entry.kind is EntryKind.DECISION:
            if entry.facts.get("action") == "act":
                self._accept(concerned, entry)
            return ""
        before = self.states.get(concerned)
        if before is None:
            return ""
        if entry.kind is EntryKind.CORRECTION and "exec_ref_id" in entry.facts:
            self.left[concerned] += _shares(entry, f"{OLD}fill_shares") - _shares(entry, "fill_shares")
            return self._overfill(concerned)
        if entry.kind is EntryKind.FILL:
            self.left[concerned] -= _shares(entry, "fill_shares")
            self.states[concerned] = _after_fill(before, self.left[concerned])
            return self._overfill(concerned)
        if entry.kind in _AFTER:
            self.states[concerned] = _AFTER[entry.kind](entry, before)
        return ""

    def _accept(self, concerned: bytes, entry: Entry) -> None:
        self.states[concerned] = _PENDING
        self.left[concerned] = _shares(entry, "order_shares")
        where = entry.facts.get("account_id"), entry.facts.get("symbol")
        self.by_symbol.setdefault(where, []).append(concerned)

    def _split(self, entry: Entry) -> None:
        """What is left of every order in a share that was split, in new shares, cut to whole ones."""
        facts = entry.facts
        new, old = facts.get("new_shares"), facts.get("old_shares")
        if entry.kind is not EntryKind.CORPORATE_ACTION or not isinstance(new, int) or not isinstance(old, int):
            return
        if new > 0 and old > 0:
            for concerned in self.by_symbol.get((facts.get("account_id"), facts.get("symbol")), ()):
                self.left[concerned] = int(self.left[concerned] * Fraction(new, old))

    def _overfill(self, concerned: bytes) -> str:
        left = self.left[concerned]
        return f"its order, decision {concerned.hex()}, has {-left} shares less than it traded" if left < 0 else ""


def _shares(entry: Entry, name: str) -> int:
    found = entry.facts.get(name)
    return abs(found) if isinstance(found, int) else 0


def _after_fill(before: frozenset[str], left: int) -> frozenset[str]:
    if left <= 0 and not before & _RECALLED:
        return _DONE
    return (before - _PENDING) | _DONE | (_SENT if before & _PENDING else frozenset())


def _after_acknowledgement(entry: Entry, before: frozenset[str]) -> frozenset[str]:
    if entry.facts.get("is_refusal"):
        return before
    status = entry.facts.get("ord_status")
    return _DONE if status in _ENDS else (_SENT | _DONE if status == OrdStatus.FILLED.value else _SENT)


def _after_cancel(entry: Entry, _before: frozenset[str]) -> frozenset[str]:
    return _DONE if "account_digest" in entry.facts else _RECALLED


_AFTER: Mapping[EntryKind, Callable[[Entry, frozenset[str]], frozenset[str]]] = {
    EntryKind.ACKNOWLEDGEMENT: _after_acknowledgement,
    EntryKind.CANCEL: _after_cancel,
    EntryKind.CANCEL_REQUEST: lambda _entry, _before: _RECALLED,
    EntryKind.REPLACE_REQUEST: lambda _entry, _before: _SENT,
    EntryKind.EXPIRY: lambda _entry, _before: _DONE | _RECALLED,
}
