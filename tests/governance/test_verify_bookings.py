"""Verification reads what JOURNAL entries book; an account of books alone has no state to agree with."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from adapters.log_folder import log_folder
from governance.bookings import booking_facts
from governance.entries import Entry, EntryKind, genesis_entry
from nodes.vocabulary.bookings import Origin, PaidIn

AT = datetime(2026, 11, 20, 12, tzinfo=UTC)
PAID = booking_facts(PaidIn(Origin("", "demo", AT, AT), Decimal(5), "USD"))


@pytest.mark.parametrize(
    ("facts", "found"),
    [
        (PAID, ()),
        ({**PAID, "amount": "5"}, ("book nothing",)),
        ({"account_id": 7}, ("book nothing",)),
    ],
)
def test_a_journal_entry_that_books_nothing_is_found(tmp_path: Path, facts: dict[str, Any], found: tuple[str]) -> None:
    folder = log_folder(tmp_path, "paper")
    with folder.store.transaction() as transaction:
        transaction.append(genesis_entry("paper", folder.key.text, AT))
        transaction.append(Entry(EntryKind.JOURNAL, "paper", AT, AT, facts))
    folder.checkpoint()
    findings = folder.verification().findings
    assert len(findings) == len(found)
    assert all(text in str(finding) for text, finding in zip(found, findings, strict=True))
