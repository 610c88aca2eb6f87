"""What is left of an order is told by the log alone: fills, what corrected them, and splits."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from adapters.sql.sqlite import sqlite_log
from adapters.sql.store import SqlLog
from api.use_cases.standing_orders import split_ratio, standing_order, told_entries, traded_since
from governance.entries import Entry, EntryKind
from governance.rows import OutboundOrder
from nodes.vocabulary.canonical import encode
from nodes.vocabulary.orders import PendingOrder
from tests.governance.examples import NOON, ORIGIN

OLD, NEW = b"\x07" * 32, b"\x08" * 32
LIMIT = Decimal("27.60")


def sent(shares: int) -> OutboundOrder:
    order = {
        "order_key": "key",
        "decision_id": OLD,
        "symbol": "IBM",
        "order_shares": shares,
        "limit_price_usd": LIMIT,
        "estimated_spread_bps": 4.0,
        "volatility_frac": 0.02,
    }
    return OutboundOrder("ID", "desk", OLD, shares, encode({**order, "route": ()}))


def entry(kind: EntryKind, decision_id: bytes | None = OLD, **facts: Any) -> Entry:
    known = {} if decision_id is None else {"decision_id": decision_id}
    return Entry(kind, ORIGIN, NOON, NOON, {"account_id": "desk", **known, **facts})


def decided(decision_id: bytes = OLD) -> Entry:
    return entry(EntryKind.DECISION, decision_id, action="act")


def fill(shares: int) -> Entry:
    return entry(EntryKind.FILL, fill_shares=shares)


def corrected(old: int, new: int) -> Entry:
    return entry(EntryKind.CORRECTION, exec_ref_id="x", old_fill_shares=old, fill_shares=new)


def split(new: int, old: int, **changes: str) -> Entry:
    facts = {"symbol": "IBM", "new_shares": new, "old_shares": old, **changes}
    return entry(EntryKind.CORPORATE_ACTION, None, **facts)


DIVIDEND = entry(EntryKind.CORPORATE_ACTION, None, symbol="IBM", dividend_usd=Decimal(1))


@pytest.fixture
def log(tmp_path: Path) -> SqlLog:
    return sqlite_log(tmp_path / "log.db", ORIGIN)


def written(log: SqlLog, entries: Sequence[Entry]) -> None:
    with log.transaction() as transaction:
        for each in entries:
            transaction.append(each)


@pytest.mark.parametrize(
    ("shares", "told", "left"),
    [
        (100, (), (100, "27.60")),
        (100, (fill(30),), (70, "27.60")),
        (-100, (fill(-30), fill(-20)), (-50, "27.60")),
        (100, (fill(30), corrected(30, 20)), (80, "27.60")),
        (100, (fill(100), corrected(100, 0)), (100, "27.60")),
        (100, (fill(100),), None),
        (100, (split(2, 1), fill(50)), (150, "13.80")),
        (100, (fill(50), split(2, 1)), (100, "13.80")),
        (-100, (split(1, 3),), (-33, "82.80")),
        (100, (split(1, 200),), None),
        (100, (split(2, 1, symbol="MSFT"), split(2, 1, account_id="other"), DIVIDEND), (100, "27.60")),
    ],
)
def test_what_is_left_of_an_order_is_its_size_less_what_stands(
    log: SqlLog, shares: int, told: tuple[Entry, ...], left: tuple[int, str] | None
) -> None:
    """API-STR-03."""
    written(log, [split(7, 1), decided(), *told])
    with log.transaction() as transaction, log.reader() as reader:
        found = standing_order(reader, transaction, sent(shares))
        transaction.append(decided(NEW))
    assert (None if found is None else (found.order_shares, str(found.limit_price_usd))) == left


def test_what_the_append_itself_has_said_counts_too(log: SqlLog) -> None:
    written(log, [decided()])
    with log.transaction() as transaction, log.reader() as reader:
        transaction.append(fill(40))
        found = standing_order(reader, transaction, sent(100))
        assert len(told_entries(reader, transaction, OLD)) == 2
    assert isinstance(found, PendingOrder)
    assert found.order_shares == 60


def test_splits_count_from_the_decision_on(log: SqlLog) -> None:
    written(log, [split(7, 1), decided(), split(2, 1), split(1, 3)])
    with log.reader() as reader:
        assert str(split_ratio(reader, sent(100), "IBM")) == "2/3"
        assert split_ratio(reader, sent(100), "MSFT") == 1


@pytest.mark.parametrize(
    ("told", "has_traded"),
    [
        ((fill(30), decided(NEW)), False),
        ((decided(NEW), fill(30)), True),
        ((decided(NEW), fill(30), corrected(30, 0)), False),
        ((fill(30), decided(NEW), corrected(30, 20)), False),
        ((fill(30),), False),
    ],
)
def test_an_order_has_traded_since_another_was_decided_by_what_stands(
    log: SqlLog,
    told: tuple[Entry, ...],
    has_traded: bool,  # noqa: FBT001  # a case
) -> None:
    written(log, [decided(), *told])
    with log.reader() as reader:
        assert traded_since(reader, sent(100), NEW) is has_traded
