"""Small logs of decisions that a small policy made, and the same policy changed, for the tests of impacts."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, timedelta
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import Any

from adapters.sql.sqlite import sqlite_log
from adapters.sql.store import SqlLog
from dataflows.engine.compile import Generation
from dataflows.engine.run import OrderRun, Runner
from governance.entries import Entry, EntryKind
from governance.ports import LogStore, Transaction
from tests.dataflows.engine import tiny
from tests.governance.examples import NOON, ORIGIN

SMALLER = (("max_participation_frac: 0.05", "max_participation_frac: 0.02"),)
STRICTER = (("max_notional_usd: 100000", "max_notional_usd: 4000"),)
SNAPSHOTS = (
    tiny.order(),
    tiny.order(proposed=6000, close=Decimal(1)),
    tiny.order(proposed=-3000, close=Decimal(20), position=9000),
    tiny.order(proposed=3000, close=Decimal(40)),
    tiny.order(close=None),
    tiny.order(spread=None),
    tiny.order(proposed=4000, close=Decimal(20), spread=70.0),
)
"""Passes; is clipped; is exempt from the clip; is denied; has no price; warns of no spread; warns of a large one."""


@cache
def generation(*changes: tuple[str, str], outputs: tuple[str, ...] = ("spread_word",)) -> Generation:
    """The small policy, changed, compiled."""
    text = tiny.POLICY
    for old, new in changes:
        assert old in text
        text = text.replace(old, new)
    return tiny.generation(text, outputs=outputs)


def log_of(
    path: Path, snapshots: Iterable[tiny.OrderSnapshot], of: Generation | None = None, *, is_salted: bool = False
) -> SqlLog:
    """A log with a decision of each snapshot by a policy, and something else after each."""
    log = sqlite_log(path / "log.db", ORIGIN)
    append_decisions(log, snapshots, of or generation(), is_salted=is_salted)
    return log


def append_decisions(
    log: LogStore, snapshots: Iterable[tiny.OrderSnapshot], of: Generation, *, is_salted: bool = False
) -> None:
    """Append more of them."""
    runner = Runner(of.order, ORIGIN, b"", is_salted=is_salted)
    with log.transaction() as transaction:
        for snapshot in snapshots:
            number = transaction.size
            run = runner.order(snapshot, NOON, (), bytes(32) if is_salted else None)
            transaction.append(_decision(transaction, number, run, of))
            other = Entry(EntryKind.FILL, ORIGIN, NOON, NOON, {"decision_id": number.to_bytes(32, "big")})
            transaction.append(other)


def _decision(transaction: Transaction, number: int, run: OrderRun, of: Generation) -> Entry:
    manifests = {
        "order_manifest_ref": transaction.put_body(of.order.manifest),
        "session_manifest_ref": transaction.put_body(of.session.manifest),
    }
    trace_ref = transaction.put_body(run.trace.body)
    facts: dict[str, Any] = {
        "decision_id": number.to_bytes(32, "big"),
        "symbol": ("AAPL", "IBM")[number // 2 % 2],
        "session_on": date(2020, 1, 6) + timedelta(days=number),
        "verdict": run.decision.verdict.label,
        "action": run.decision.action.value,
        "order_shares": run.decision.order_shares,
        "reasons": tuple(rule.rule_id for rule in run.decision.failed),
        "policy_digest": of.policy_digest,
        "limit_price_usd": Decimal("10.00"),
        "trace_ref": trace_ref,
        **manifests,
    }
    as_of = NOON - timedelta(days=100 - number)
    return Entry(EntryKind.DECISION, ORIGIN, as_of, NOON, facts, (trace_ref, *manifests.values()))
