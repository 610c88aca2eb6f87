"""Verification of impact reports that proposals and activations rest on: each is there, and is the one they name."""

from __future__ import annotations

from governance.findings import Notebook, shown
from governance.impact_report import impact_faults
from governance.ports import LogReader
from governance.verify_entries import Learned
from nodes.vocabulary.errors import LogError

_RESTORE = "restore it from a copy"


def check_impacts(reader: LogReader, origin: str, seen: Learned, notes: Notebook) -> None:
    """Hold every report that an entry names to what the entry says of it."""
    for sequence, facts in seen.impacts:
        place, ref = f"impact report of entry {sequence}", facts.get("impact_ref")
        if not isinstance(ref, bytes) or ref not in seen.bodies or "policy_digest" not in facts:
            notes.find(place, f"is named by no body of the entry, but by {shown(ref)}", _RESTORE)
            continue
        try:
            faults = impact_faults(facts, reader.body(ref), origin)
        except LogError as error:
            notes.find(place, str(error), _RESTORE)
            continue
        for fault in faults:
            notes.find(place, fault, _RESTORE)
