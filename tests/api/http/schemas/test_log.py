from __future__ import annotations

import re
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import msgspec

from api.http.schemas.log import entry_page, entry_view, log_view
from api.use_cases.finding import RecordPage
from api.use_cases.reading import LogState
from governance.entries import Entry, EntryKind, entry_id
from governance.merkle import leaf_hash
from governance.rows import Record
from nodes.vocabulary.instants import instant_ns

DIGEST = "sha256:[0-9a-f]{64}"
AT = datetime(2026, 11, 23, 14, 30, tzinfo=UTC)


def record(**facts: Any) -> Record:
    data = Entry(EntryKind.FILL, "paper", AT, AT, facts).data
    ns = instant_ns(AT)
    return Record(7, entry_id(data), "fill", ns, ns, facts.get("decision_id"), data, leaf_hash(data))


def test_an_entry_is_written_whole() -> None:
    view = entry_view(record(decision_id=b"\x0a" * 32, fill_price_usd=Decimal("12.3400")))
    told = msgspec.json.decode(msgspec.json.encode(view))
    assert (told["sequence"], told["kind"], told["decision_id"]) == (7, "fill", "0a" * 32)
    assert told["facts"]["fill_price_usd"] == "12.3400"
    assert told["facts"]["decision_id"] == told["decision_id"]
    assert re.fullmatch(DIGEST, told["entry_id"])
    assert re.fullmatch(DIGEST, told["leaf_hash"])
    assert told["recorded_at"] == "2026-11-23T14:30:00Z"


def test_a_page_says_after_which_entry_the_next_begins() -> None:
    page = entry_page(RecordPage((record(),), 8), 20, "cursor")
    assert (page.next_after, page.next_cursor, page.size) == (7, "cursor", 20)
    assert entry_page(RecordPage((), None), 20, None).next_after is None


def test_an_empty_log_has_no_key_and_no_checkpoint() -> None:
    view = log_view(LogState("paper", 0, bytes(32), None, None, None))
    assert (view.verifier_key, view.checkpoint, view.recorded_at, view.root) == (None, None, None, f"sha256:{'0' * 64}")
