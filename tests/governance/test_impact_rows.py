"""Rows of an impact: what they say of a decision, and the bytes that they are kept as."""

from __future__ import annotations

from governance.impact_rows import flip_name, rows_bytes, rows_digest, rows_from_bytes
from tests.governance.test_impact_report import row


def test_kept_rows_read_back() -> None:
    """ENG-06."""
    rows = (row(), row(price=None, symbol="IBM"))
    assert rows_from_bytes(rows_bytes(rows)) == rows
    assert rows_digest(rows_bytes(rows)) == rows_digest(rows_bytes(list(rows))) != rows_digest(rows_bytes(rows[:1]))


def test_shares_are_sent_only_by_decisions_that_act() -> None:
    held = row(("pass", "act", 100), ("review", "hold", 100))
    assert (held.sent_before, held.sent, held.is_flipped, held.flip) == (100, 0, True, "pass>review")
    assert held.flip == flip_name("pass", "review")
