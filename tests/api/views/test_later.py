from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest

from api.views.later import later_sentences
from governance.entries import Entry, EntryKind
from governance.rows import Record

AT = datetime(2005, 1, 4, 21, tzinfo=UTC)


def record(kind: EntryKind, **facts: Any) -> Record:
    entry = Entry(kind, "research/test", AT, AT, facts)
    return Record(1, entry.entry_id, kind.value, 0, 0, None, entry.data, b"")


@pytest.mark.parametrize(
    ("kind", "facts", "sentence"),
    [
        (
            EntryKind.FILL,
            {"fill_shares": 500, "fill_price_usd": Decimal("64.80"), "trading_cost_usd": Decimal("12.30")},
            "bought 500 at $64.80, estimated trading cost $12.30",
        ),
        (
            EntryKind.FILL,
            {"fill_shares": -500, "fill_price_usd": Decimal("64.8125"), "trading_cost_usd": Decimal(0)},
            "sold 500 at $64.8125, estimated trading cost $0.00",
        ),
        (EntryKind.EXPIRY, {"expired_shares": -100, "reason": "not reached"}, "100 shares expired: not reached"),
        (EntryKind.REFUSAL, {"reason": "no venue"}, "not sent: no venue"),
        (EntryKind.CORRECTION, {}, "correction recorded"),
        (
            EntryKind.FILL,
            {"fill_shares": 30, "fill_price_usd": Decimal("64.80"), "venue": "XNYS"},
            "bought 30 at $64.80 at XNYS",
        ),
        (
            EntryKind.CORRECTION,
            {"exec_ref_id": "x1", "fill_shares": 0, "reason": "error at the venue"},
            "execution x1 never was: error at the venue",
        ),
        (
            EntryKind.CORRECTION,
            {"exec_ref_id": "x1", "fill_shares": -20, "fill_price_usd": Decimal("64.80"), "reason": "price"},
            "execution x1 was of 20 at $64.80: price",
        ),
    ],
)
def test_each_kind_of_entry_is_said_in_a_sentence(kind: EntryKind, facts: dict[str, Any], sentence: str) -> None:
    assert later_sentences([record(kind, **facts)]) == (("2005-01-04T21:00:00Z", sentence),)


def test_the_decision_itself_is_not_what_happened_later() -> None:
    assert later_sentences([record(EntryKind.DECISION)]) == ()
