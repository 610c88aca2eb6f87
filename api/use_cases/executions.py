"""Which executions of an order stand, by what the log says of it."""

from __future__ import annotations

from collections.abc import Sequence

from governance.entries import Entry, EntryKind


def standing_executions(entries: Sequence[Entry]) -> list[Entry]:
    """The entries of the executions that stand: fills, and what corrected them in their place; none taken back."""
    found: dict[str, Entry] = {}
    for entry in entries:
        facts = entry.facts
        exec_id = str(facts.get("exec_id", entry.entry_id.hex()))
        if entry.kind is EntryKind.FILL:
            found.setdefault(exec_id, entry)
        elif entry.kind is EntryKind.CORRECTION and "exec_ref_id" in facts:
            found.pop(facts["exec_ref_id"], None)
            if facts["fill_shares"]:
                found[exec_id] = entry
    return list(found.values())
