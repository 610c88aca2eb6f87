"""Executions are verified: once in a log each, and corrected only by entries that agree with them."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest

from governance.entries import Entry, EntryKind
from governance.verify_executions import EXECUTION_FACTS, OLD, LearnedExecutions

AT = datetime(2026, 11, 23, tzinfo=UTC)
MONEY: dict[str, Any] = dict(zip(EXECUTION_FACTS, (100, *map(Decimal, ("10.00", "0.35", "0", "0.30"))), strict=True))
OLD_MONEY: dict[str, Any] = {f"{OLD}{name}": value for name, value in MONEY.items()}
DECISION, OTHER = b"d" * 32, b"e" * 32


def entry(kind: EntryKind, exec_id: str | None, decision_id: bytes = DECISION, **facts: Any) -> Entry:
    known = {} if exec_id is None else {"exec_id": exec_id}
    return Entry(kind, "live", AT, AT, {"decision_id": decision_id, **known, **facts})


def correction(
    exec_id: str | None, about: str, decision_id: bytes = DECISION, exec_type: str = "H", **facts: Any
) -> Entry:
    return entry(EntryKind.CORRECTION, exec_id, decision_id, exec_type=exec_type, exec_ref_id=about, **facts)


def learned() -> LearnedExecutions:
    """A log with one fill, called a-1."""
    found = LearnedExecutions()
    assert found.fault(entry(EntryKind.FILL, "a-1", **MONEY)) == ""
    return found


def test_an_execution_may_be_in_a_log_once() -> None:
    assert learned().fault(entry(EntryKind.FILL, "a-1", **MONEY)) == "execution a-1 is in the log already"
    assert learned().fault(entry(EntryKind.FILL, "a-2", **MONEY)) == ""


def test_a_correction_agrees_with_the_execution_that_it_is_about() -> None:
    log = learned()
    changed = {**MONEY, "fill_price_usd": Decimal("10.01")}
    assert log.fault(correction("b", "a-1", exec_type="G", **changed, **OLD_MONEY)) == ""
    repeated = {f"{OLD}{name}": value for name, value in changed.items()}
    assert log.fault(correction("c", "b", **repeated)) == ""
    assert not log.standing


@pytest.mark.parametrize(
    ("told", "fault"),
    [
        (
            correction("b", "z", **OLD_MONEY),
            "execution z, which does not stand",
        ),
        (
            correction("b", "a-1", OTHER, **OLD_MONEY),
            "belongs to another decision",
        ),
        (correction("b", "a-1"), "did not say what it repeats of it"),
        (correction("b", "a-1", exec_type="8"), "is of type '8', expected H or G"),
        (correction(None, "a-1"), "has no exec_id"),
    ],
)
def test_a_correction_of_what_never_was_is_found(told: Entry, fault: str) -> None:
    assert fault in learned().fault(told)


def test_what_was_taken_back_cannot_be_taken_back_again() -> None:
    log = learned()
    assert log.fault(correction("b", "a-1", **OLD_MONEY)) == ""
    assert "does not stand" in log.fault(correction("c", "a-1", **OLD_MONEY))


def test_entries_that_tell_of_no_execution_are_left_alone() -> None:
    assert learned().fault(entry(EntryKind.ACKNOWLEDGEMENT, "a-1")) == ""
    assert learned().fault(entry(EntryKind.FILL, None)) == ""
    assert learned().fault(entry(EntryKind.CORRECTION, "a-1")) == ""
