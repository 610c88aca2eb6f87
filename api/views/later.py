"""What became of a decision, one sentence an entry: fills, expiries, refusals, corrections."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from api.views.shown import scalar_text
from governance.entries import EntryKind
from governance.rows import Record
from nodes.vocabulary.instants import instant_text

Facts = Mapping[str, Any]


def later_sentences(history: Iterable[Record]) -> tuple[tuple[str, str], ...]:
    """Pairs of instant and sentence for the entries that concern a decision, its own left out."""
    entries = [record.entry for record in history if record.kind != EntryKind.DECISION.value]
    return tuple((instant_text(entry.as_of), _sentence(entry.kind, entry.facts)) for entry in entries)


def _sentence(kind: EntryKind, facts: Facts) -> str:
    writer = _SENTENCES.get(kind)
    return writer(facts) if writer is not None else f"{kind.value.replace('_', ' ')} recorded"


def _fill(facts: Facts) -> str:
    shares = facts["fill_shares"]
    price = scalar_text(facts["fill_price_usd"], "UsdPerShare")
    where = f" at {facts['venue']}" if facts.get("venue") else ""
    known = facts.get("trading_cost_usd")
    cost = "" if known is None else f", estimated trading cost {scalar_text(known, 'Usd')}"
    return f"{'bought' if shares > 0 else 'sold'} {abs(shares):,} at {price}{where}{cost}"


def _correction(facts: Facts) -> str:
    if "exec_ref_id" not in facts:
        return "correction recorded"
    if not facts["fill_shares"]:
        return f"execution {facts['exec_ref_id']} never was: {facts['reason']}"
    price = scalar_text(facts["fill_price_usd"], "UsdPerShare")
    return f"execution {facts['exec_ref_id']} was of {abs(facts['fill_shares']):,} at {price}: {facts['reason']}"


def _expiry(facts: Facts) -> str:
    return f"{abs(facts['expired_shares']):,} shares expired: {facts['reason']}"


def _refusal(facts: Facts) -> str:
    return f"not sent: {facts['reason']}"


_SENTENCES: Mapping[EntryKind, Callable[[Facts], str]] = {
    EntryKind.FILL: _fill,
    EntryKind.CORRECTION: _correction,
    EntryKind.EXPIRY: _expiry,
    EntryKind.REFUSAL: _refusal,
}
