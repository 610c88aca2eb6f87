"""What a FIX peer has said and what it was asked, in a file of its own: nothing that arrived is lost with the process.

A message counts as received once the engine has handed it over, and is not sent again after that. So each report of a
trade stays here until it is in the log. What orders stand like can be asked for again; the log alone is the authority.
"""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

from adapters.brokers.fix44 import fields as fix
from adapters.brokers.standing import Standing
from nodes.vocabulary.errors import EdgeError
from nodes.vocabulary.executions import ExecutionReport, OrdStatus

_SCHEMA = """
CREATE TABLE IF NOT EXISTS orders (
    cl_ord_id TEXT PRIMARY KEY, symbol TEXT NOT NULL DEFAULT '', side TEXT NOT NULL DEFAULT '',
    n_cancels INTEGER NOT NULL DEFAULT 0, carried INTEGER NOT NULL DEFAULT 0, status TEXT, cum INTEGER, leaves INTEGER,
    text TEXT, broker_id TEXT
) STRICT;
CREATE TABLE IF NOT EXISTS trades (
    place INTEGER PRIMARY KEY, exec_id TEXT NOT NULL, cl_ord_id TEXT NOT NULL, message TEXT NOT NULL,
    is_heard INTEGER NOT NULL DEFAULT 0, UNIQUE (exec_id, cl_ord_id)
) STRICT;
"""


class Kept:
    """The file. For any number of threads."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._lock = threading.RLock()
        with self._translated():
            self._rows = sqlite3.connect(path, isolation_level=None, check_same_thread=False)
            self._rows.execute("PRAGMA journal_mode=WAL")
            self._rows.execute("PRAGMA synchronous=FULL")
            self._rows.executescript(_SCHEMA)

    def close(self) -> None:
        """Let go of the file."""
        with self._lock:
            self._rows.close()

    def asked(self, cl_ord_id: str, symbol: str, side: str) -> None:
        """An order is about to be sent."""
        self._do(
            "INSERT INTO orders (cl_ord_id, symbol, side) VALUES (?, ?, ?) "
            "ON CONFLICT (cl_ord_id) DO UPDATE SET symbol = excluded.symbol, side = excluded.side",
            cl_ord_id,
            symbol,
            side,
        )

    def about(self, cl_ord_id: str) -> dict[int, str]:
        """Symbol and side of an order that was sent; {} of one that was not."""
        found = self._do("SELECT symbol, side FROM orders WHERE cl_ord_id = ?", cl_ord_id)
        return {fix.SYMBOL: found[0][0], fix.SIDE: found[0][1]} if found and found[0][0] else {}

    def next_cancel(self, cl_ord_id: str) -> int:
        """A number that no cancel request of the order has had."""
        self._do(
            "INSERT INTO orders (cl_ord_id, n_cancels) VALUES (?, 1) "
            "ON CONFLICT (cl_ord_id) DO UPDATE SET n_cancels = n_cancels + 1",
            cl_ord_id,
        )
        return int(self._do("SELECT n_cancels FROM orders WHERE cl_ord_id = ?", cl_ord_id)[0][0])

    def told(self, said: fix.Fields, message: str) -> Standing:
        """Take an execution report in, durably, in one step. Returns how its order stands now."""
        with self._lock, self._translated():
            self._rows.execute("BEGIN IMMEDIATE")
            try:
                found = self._told(said, message)
            except BaseException:
                self._rows.execute("ROLLBACK")
                raise
            self._rows.execute("COMMIT")
            return found

    def _told(self, said: fix.Fields, message: str) -> Standing:
        name = fix.concerned(said)
        if said.get(fix.EXEC_TYPE) == OrdStatus.REPLACED.value:
            self._do(
                "INSERT INTO orders (cl_ord_id, carried) VALUES (?, ?) "
                "ON CONFLICT (cl_ord_id) DO UPDATE SET carried = excluded.carried",
                name,
                fix.standing(said, 0).cum_shares,
            )
            self._stands(Standing(said.get(fix.ORIG_CL_ORD_ID, ""), OrdStatus.REPLACED))
        if said.get(fix.EXEC_TYPE) == OrdStatus.PENDING_REPLACE.value:  # so far it is the old order that it tells of
            name = said.get(fix.ORIG_CL_ORD_ID, name)
        is_known = fix.execution(said) is not None and not self._is_new_trade(said.get(fix.EXEC_ID, ""), name, message)
        found = replace(fix.standing(said, self._carried(name)), cl_ord_id=name)
        before = self.standing(name)
        if before is not None and (is_known or before.status is OrdStatus.REPLACED):
            return before
        self._stands(found)
        return found

    def _is_new_trade(self, exec_id: str, name: str, message: str) -> bool:
        """Whether a trade was not told before: FIX lets a peer give an ExecID out again on another day."""
        kept = "INSERT OR IGNORE INTO trades (exec_id, cl_ord_id, message) VALUES (?, ?, ?) RETURNING place"
        return bool(self._do(kept, exec_id, name, message))

    def standing(self, cl_ord_id: str) -> Standing | None:
        """How the peer last said that an order stands; None when it never did."""
        found = self._do(_STANDING_OF, cl_ord_id)
        return _standing(found[0]) if found else None

    def lost(self, cl_ord_id: str) -> Standing | None:
        """How an order stands of which the peer knows nothing; None when it never said anything of it.

        What it had taken once has traded, or may have: it is over, and not to be sent again.
        """
        found = self.standing(cl_ord_id)
        if found is None or not found.is_open:
            return found
        self._stands(replace(found, status=OrdStatus.CANCELED, leaves_shares=0, text="the peer knows it no more"))
        return self.standing(cl_ord_id)

    def open_orders(self) -> tuple[Standing, ...]:
        """The orders that the peer last said to be open."""
        return tuple(each for each in map(_standing, self._do(_STANDINGS)) if each.is_open)

    def trades(self) -> tuple[ExecutionReport, ...]:
        """What was not heard yet, as it came."""
        rows = self._do("SELECT message FROM trades WHERE is_heard = 0 ORDER BY place")
        found = (fix.execution(fix.fields(message)) for (message,) in rows)
        return tuple(each for each in found if each is not None)

    def heard(self, exec_ids: Sequence[str]) -> None:
        """These are in the log."""
        for exec_id in exec_ids:
            self._do("UPDATE trades SET is_heard = 1 WHERE exec_id = ?", exec_id)

    def _carried(self, cl_ord_id: str) -> int:
        found = self._do("SELECT carried FROM orders WHERE cl_ord_id = ?", cl_ord_id)
        return int(found[0][0]) if found else 0

    def _stands(self, found: Standing) -> None:
        """An order that is replaced has traded as much as was said before."""
        cum = None if found.status is OrdStatus.REPLACED else found.cum_shares
        self._do(
            "INSERT INTO orders (cl_ord_id, status, cum, leaves, text, broker_id) VALUES (?, ?, ?, ?, ?, ?) "
            "ON CONFLICT (cl_ord_id) DO UPDATE SET status = excluded.status, cum = coalesce(excluded.cum, cum), "
            "leaves = excluded.leaves, text = excluded.text, broker_id = excluded.broker_id",
            found.cl_ord_id,
            found.status.value,
            cum,
            found.leaves_shares,
            found.text,
            found.broker_id,
        )

    def _do(self, statement: str, *values: object) -> list[tuple[Any, ...]]:
        with self._lock, self._translated():
            return self._rows.execute(statement, values).fetchall()

    @contextmanager
    def _translated(self) -> Iterator[None]:
        try:
            yield
        except sqlite3.Error as error:
            message = f"FIX file {self._path}: {error}; look at its disk and rights, then start again"
            raise EdgeError(message, reason="unavailable") from error


_STANDINGS = "SELECT cl_ord_id, status, cum, leaves, text, broker_id FROM orders WHERE status IS NOT NULL"
_STANDING_OF = f"{_STANDINGS} AND cl_ord_id = ?"


def _standing(row: tuple[Any, ...]) -> Standing:
    cl_ord_id, status, cum, leaves, text, broker_id = row
    return Standing(cl_ord_id, OrdStatus(status), cum or 0, leaves, text, broker_id)
