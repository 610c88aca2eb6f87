"""Verification of executions: each is in a log once, and what corrects or takes one back agrees with it.

A report of an execution is never edited. That it was wrong, or never was, is a CORRECTION of its own, with the
ExecType (150) of a TRADE_CORRECT or a TRADE_CANCEL. It names the execution that it is about (ExecRefID, 19) and repeats
what that said, so that a reader needs no other entry to know what changed.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from governance.entries import Entry, EntryKind
from nodes.vocabulary.executions import ExecType

CANCEL, CORRECT = ExecType.TRADE_CANCEL.value, ExecType.TRADE_CORRECT.value
EXECUTION_FACTS = ("fill_shares", "fill_price_usd", "commission_usd", "sell_fee_usd", "venue_fee_usd")
"""What an execution says of money; a correction repeats it of the execution it is about, each with `OLD` before it."""
OLD = "old_"


class Executed(NamedTuple):
    """An execution as its entry says it.

    Attributes:
        decision_id: the decision that it fills.
        money: its EXECUTION_FACTS.
    """

    decision_id: bytes | None
    money: tuple[Any, ...]


@dataclass(slots=True)
class LearnedExecutions:
    """The executions of a log so far.

    Attributes:
        standing: those that stand, by ExecID.
        seen: every ExecID that was used.
    """

    standing: dict[str, Executed] = field(default_factory=dict)
    seen: set[str] = field(default_factory=set)

    def fault(self, entry: Entry) -> str:
        """Take an entry in; what is wrong with it, "" when nothing is or it tells of no execution."""
        facts = entry.facts
        exec_id = facts.get("exec_id")
        corrects = entry.kind is EntryKind.CORRECTION and "exec_ref_id" in facts
        if entry.kind is not EntryKind.FILL and not corrects:
            return ""
        if not isinstance(exec_id, str):
            return "its correction has no exec_id" if corrects else ""
        if exec_id in self.seen:
            return f"execution {exec_id} is in the log already"
        self.seen.add(exec_id)
        fault = self._about(entry) if corrects else ""
        if facts.get("exec_type") != CANCEL:
            self.standing[exec_id] = Executed(entry.decision_id, _money(facts, ""))
        return fault

    def _about(self, entry: Entry) -> str:
        """What is wrong with the execution that a correction is about, which stands no more from here on."""
        if entry.facts.get("exec_type") not in {CANCEL, CORRECT}:
            return f"its correction is of type {entry.facts.get('exec_type')!r}, expected {CANCEL} or {CORRECT}"
        named = str(entry.facts.get("exec_ref_id"))
        before = self.standing.pop(named, None)
        if before is None:
            return f"it is about execution {named}, which does not stand"
        if before.decision_id != entry.decision_id:
            return f"execution {named} belongs to another decision"
        if before.money != _money(entry.facts, OLD):
            return f"execution {named} did not say what it repeats of it"
        return ""


def _money(facts: Mapping[str, Any], prefix: str) -> tuple[Any, ...]:
    return tuple(facts.get(f"{prefix}{name}") for name in EXECUTION_FACTS)
