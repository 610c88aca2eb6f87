"""The gate of short sales."""

from __future__ import annotations

from dataclasses import fields

from dataflows.borrowing import BORROW, BorrowSnapshot
from dataflows.gates import GATES, gate_snapshot


def test_the_gate_knows_nothing_that_it_is_not_told() -> None:
    assert GATES["borrow"] is BORROW
    empty = gate_snapshot(BORROW, {})
    assert {getattr(empty, each.name) for each in fields(BorrowSnapshot)} == {None}
