"""The life of an order, told from entries: the shapes that no service test brings about."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from api.use_cases.order_life import _lived, _order_shares
from governance.entries import Entry, EntryKind
from governance.rows import OrderState, OutboundOrder
from nodes.vocabulary.executions import OrdStatus
from nodes.vocabulary.instants import EPOCH
from tests.api.http.schemas.test_account import _answer

ROW = OutboundOrder(
    cl_ord_id="ABC", account_id="paper", decision_id=b"\x01" * 32, order_shares=100, order=b"", state=OrderState.SENT
)


def entry(kind: EntryKind, **facts: Any) -> Entry:
    return Entry(kind, "paper", EPOCH, EPOCH, facts)


def fill(shares: int) -> Entry:
    return entry(EntryKind.FILL, fill_shares=shares, fill_price_usd=Decimal("10.00"), reason="filled")


def lived(*entries: Entry, shares: int = 100) -> Any:
    return _lived(list(enumerate(entries)), shares)


def test_a_late_fill_after_a_cancel_is_told_as_one() -> None:
    life, events = lived(
        entry(EntryKind.DECISION), entry(EntryKind.CANCEL, canceled_shares=100, reason="taken back"), fill(30)
    )
    assert [event.taken for event in events] == ["", "applied", "late-fill"]
    assert (life.status, life.cum_shares, life.ended_shares) == (OrdStatus.CANCELED, 30, 70)


def test_the_same_report_twice_is_told_as_a_duplicate() -> None:
    word = entry(EntryKind.ACKNOWLEDGEMENT, exec_id="ABC-0", exec_type="0")
    _, events = lived(entry(EntryKind.DECISION), word, word)
    assert events[-1].taken == "duplicate"


def test_an_order_is_for_as_many_shares_as_a_split_has_left_it() -> None:
    answer = _answer(100)
    assert _order_shares(answer, [fill(150), entry(EntryKind.EXPIRY, expired_shares=50)], ROW) == 200
    assert _order_shares(answer, [fill(150)], ROW, left=50) == 200
    assert _order_shares(answer, [fill(200)], ROW) == 200
    assert _order_shares(answer, [fill(10)], ROW._replace(state=OrderState.DONE)) == 10
    assert _order_shares(answer, [fill(10)], ROW) == 100
    assert _order_shares(answer, [entry(EntryKind.EXPIRY, expired_shares=0)], ROW) == 100


def test_a_sale_is_counted_like_a_purchase() -> None:
    life, _ = lived(entry(EntryKind.DECISION), fill(-60))
    assert (life.cum_shares, life.leaves_shares) == (60, 40)
