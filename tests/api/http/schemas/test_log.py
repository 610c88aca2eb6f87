from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import msgspec
import pytest

from api.http.schemas.log import entry_page, entry_view, log_view, plain
from api.use_cases.finding import RecordPage
from api.use_cases.reading import LogState
from governance.entries import Entry, EntryKind, entry_id
from governance.merkle import leaf_hash
from governance.rows import Record
from nodes.vocabulary.instants import instant_ns

AT = datetime(2026, 11, 23, 14, 30, tzinfo=UTC)


def record(**facts: Any) -> Record:
    data = Entry(EntryKind.FILL, "paper", AT, AT, facts).data
    ns = instant_ns(AT)
    return Record(7, entry_id(data), "fill", ns, ns, facts.get("decision_id"), data, leaf_hash(data))


@pytest.mark.parametrize(
    ("value", "written"),
    [
        (b"\x01\xff", "01ff"),
        (Decimal("1.50"), "1.50"),
        (AT, "2026-11-23T14:30:00Z"),
        (date(2026, 11, 23), "2026-11-23"),
        ((1, (b"\x02",)), [1, ["02"]]),
        ({"a": Decimal(1)}, {"a": "1"}),
        (None, None),
        (True, True),
        (0.5, 0.5),
        ("x", "x"),
    ],
)
def test_facts_are_written_in_the_types_of_json(value: Any, written: Any) -> None:
    assert plain(value) == written


def test_an_entry_is_written_whole() -> None:
    view = entry_view(record(decision_id=b"\x0a" * 32, fill_price_usd=Decimal("12.3400")))
    told = msgspec.json.decode(msgspec.json.encode(view))
    assert (told["sequence"], told["kind"], told["decision_id"]) == (7, "fill", "0a" * 32)
    assert told["facts"]["fill_price_usd"] == "12.3400"
    assert told["recorded_at"] == "2026-11-23T14:30:00Z"


def test_a_page_says_after_which_entry_the_next_begins() -> None:
    page = entry_page(RecordPage((record(),), 8), 20, "cursor")
    assert (page.next_after, page.next_cursor, page.size) == (7, "cursor", 20)
    assert entry_page(RecordPage((), None), 20, None).next_after is None


def test_an_empty_log_has_no_key_and_no_checkpoint() -> None:
    view = log_view(LogState("paper", 0, bytes(32), None, None, None))
    assert (view.verifier_key, view.checkpoint, view.recorded_at, view.root) == (None, None, None, "0" * 64)
