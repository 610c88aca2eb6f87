"""The log: durable appends through the group-commit writer, beside one commit an entry and the disk's own fdatasync."""

from __future__ import annotations

import time
from concurrent.futures import Future
from datetime import UTC, datetime
from functools import partial
from pathlib import Path

from adapters.sql.sqlite import sqlite_log
from adapters.sql.store import SqlLog
from governance.entries import Entry, EntryKind
from governance.ports import Transaction
from governance.rows import Appended
from governance.writer import Writer
from tests.benchmarks.timing import Row, fdatasync_us, figure_us

ORIGIN = "research/benchmark"
AT = datetime(2005, 1, 3, 21, tzinfo=UTC)
MIN_APPENDS_S = 10_000
BODY = b"".join(number.to_bytes(8, "big") for number in range(150))
"""As long as the trace of an order run of a hundred nodes."""


def rows(folder: Path, n_entries: int) -> list[Row]:
    """Appends a second, grouped and alone, and the disk's fdatasync."""
    sync_us = fdatasync_us(folder, 200)
    grouped, with_bodies = (
        _grouped_s(folder / name, n_entries, bodies=name == "bodies") for name in ("plain", "bodies")
    )
    alone = _alone_s(folder / "alone", min(n_entries, 500))
    return [
        Row(
            "durable log appends, group commit",
            f"{grouped:,.0f}/s",
            f"a commit an entry: {alone:,.0f}/s",
            f"{grouped / alone:.0f}x",
            f"over {MIN_APPENDS_S:,}/s",
            grouped > MIN_APPENDS_S,
        ),
        Row("durable log appends, a body of its own each", f"{with_bodies:,.0f}/s"),
        Row("fdatasync of 4 KiB on this machine's disk", figure_us(sync_us)),
    ]


def _log(folder: Path) -> SqlLog:
    folder.mkdir()
    return sqlite_log(folder / "log.sqlite", ORIGIN)


def _grouped_s(folder: Path, n_entries: int, *, bodies: bool) -> float:
    """Entries a second from the first submission to the last acknowledgement."""
    log = _log(folder)
    append = _append_with_body if bodies else _append
    started = time.perf_counter()
    with Writer(log) as writer:
        futures: list[Future[Appended]] = [writer.submit(partial(append, number)) for number in range(n_entries)]
        sequences = [future.result().sequence for future in futures]
    took_s = time.perf_counter() - started
    log.close()
    assert sequences == list(range(n_entries))
    return n_entries / took_s


def _alone_s(folder: Path, n_entries: int) -> float:
    log = _log(folder)
    started = time.perf_counter()
    for number in range(n_entries):
        with log.transaction() as transaction:
            _append(number, transaction)
    took_s = time.perf_counter() - started
    log.close()
    return n_entries / took_s


def _append(number: int, transaction: Transaction, bodies: tuple[bytes, ...] = ()) -> Appended:
    decision_id = number.to_bytes(32, "big")
    facts = {
        "decision_id": decision_id,
        "symbol": "AAPL",
        "verdict": "pass",
        "order_shares": number,
        "key": str(number),
    }
    return transaction.append(Entry(EntryKind.DECISION, ORIGIN, AT, AT, facts, bodies))


def _append_with_body(number: int, transaction: Transaction) -> Appended:
    return _append(number, transaction, (transaction.put_body(number.to_bytes(8, "big") + BODY),))
