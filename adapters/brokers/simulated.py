"""The simulated broker: a database file of its own that knows each order by its ClOrdID, and fills it by the simulator.

Each call is one transaction, and saying it again changes nothing: a caller that died between asking and noting the
answer asks again and is told the same. An order that is taken back before it came is remembered as taken back, so that
a late hand-over cannot bring it to life.

An order that is good until later works in several sessions, and can be taken back between them. All orders of a symbol
share the cap on a session's volume, of whichever account they are, in the order in which the broker is asked of them.
"""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, replace
from datetime import date
from pathlib import Path
from typing import Any

from nodes.kernels.fills import Execution, LimitOrder, SessionMarket, SimulatedFill
from nodes.kernels.session_fills import simulated_fill
from nodes.vocabulary.canonical import decode, encode
from nodes.vocabulary.errors import EdgeError
from nodes.vocabulary.executions import Acknowledgement, ExecType, OrdStatus
from nodes.vocabulary.trading import TimeInForce

_SCHEMA = """
CREATE TABLE IF NOT EXISTS orders (
    cl_ord_id TEXT PRIMARY KEY, shares INTEGER NOT NULL, terms BLOB, is_canceled INTEGER NOT NULL
) STRICT;
CREATE TABLE IF NOT EXISTS executions (
    cl_ord_id TEXT NOT NULL, session_on TEXT NOT NULL, fill BLOB NOT NULL, PRIMARY KEY (cl_ord_id, session_on)
) STRICT;
CREATE TABLE IF NOT EXISTS traded (
    cl_ord_id TEXT NOT NULL, session_on TEXT NOT NULL, symbol TEXT NOT NULL, shares INTEGER NOT NULL,
    auction_shares INTEGER NOT NULL, is_closing INTEGER NOT NULL, carried_shares INTEGER NOT NULL,
    PRIMARY KEY (cl_ord_id, session_on)
) STRICT;
CREATE INDEX IF NOT EXISTS traded_by_session ON traded (session_on, symbol);
CREATE VIEW IF NOT EXISTS ended AS
    SELECT cl_ord_id FROM executions WHERE NOT EXISTS (
        SELECT 1 FROM traded WHERE traded.cl_ord_id = executions.cl_ord_id
        AND traded.session_on = executions.session_on AND traded.carried_shares <> 0
    );
CREATE VIEW IF NOT EXISTS moved AS
    SELECT cl_ord_id FROM ended UNION SELECT cl_ord_id FROM traded WHERE shares <> 0;
"""
"""`ended` are orders that did not work on after a session, `moved` these and those that have traded."""
_PATIENCE_S = 10.0


class SimulatedBroker:
    """A broker in a file. May be used from several threads and processes at once."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._lock = threading.Lock()
        with self._translated():
            self._connection = sqlite3.connect(path, timeout=_PATIENCE_S, isolation_level=None, check_same_thread=False)
            self._connection.execute("PRAGMA journal_mode=WAL")
            self._connection.execute("PRAGMA synchronous=FULL")
            self._connection.executescript(_SCHEMA)

    def close(self) -> None:
        """Let go of the file."""
        self._connection.close()

    def handed_over(self, orders: Sequence[tuple[str, int, bytes]]) -> tuple[Acknowledgement, ...]:
        """Take orders: ClOrdID, shares and the order's bytes of each. Those that are known already stay as they are."""
        with self._transaction():
            self._connection.executemany("INSERT OR IGNORE INTO orders VALUES (?, ?, ?, 0)", orders)
            return tuple(self._word(cl_ord_id) for cl_ord_id, _, _ in orders)

    def exchanged(self, orders: Sequence[tuple[str, int, bytes, tuple[str, ...]]]) -> tuple[Acknowledgement, ...]:
        """Take orders, each in the place of others, in one step; refused in the place of one that has traded."""
        with self._transaction():
            return tuple(self._exchanged(*order) for order in orders)

    def _exchanged(self, cl_ord_id: str, shares: int, terms: bytes, older: tuple[str, ...]) -> Acknowledgement:
        if self._row("SELECT 1 FROM orders WHERE cl_ord_id = ?", cl_ord_id) is None:
            places = ", ".join("?" * len(older))
            traded = f"SELECT 1 FROM moved WHERE cl_ord_id IN ({places}) LIMIT 1"  # noqa: S608  # only marks
            if self._row(traded, *older) is not None:
                return Acknowledgement(cl_ord_id, f"{cl_ord_id}-8", ExecType.REJECTED, OrdStatus.REJECTED, 0, 0)
            self._cancel(older)
            self._connection.execute("INSERT INTO orders VALUES (?, ?, ?, 0)", (cl_ord_id, shares, terms))
        return self._word(cl_ord_id)

    def taken_back(self, cl_ord_ids: Sequence[str]) -> tuple[Acknowledgement, ...]:
        """Cancel orders, those that have yet to come included. What a session has executed stays as it is."""
        with self._transaction():
            self._cancel(cl_ord_ids)
            return tuple(self._word(cl_ord_id) for cl_ord_id in cl_ord_ids)

    def _cancel(self, cl_ord_ids: Sequence[str]) -> None:
        self._connection.executemany(
            "INSERT INTO orders VALUES (?, 0, NULL, 1) ON CONFLICT (cl_ord_id) DO UPDATE SET is_canceled = 1 "
            "WHERE NOT EXISTS (SELECT 1 FROM ended WHERE ended.cl_ord_id = orders.cl_ord_id)",
            [(cl_ord_id,) for cl_ord_id in cl_ord_ids],
        )

    def executed(
        self, cl_ord_id: str, session_on: date, order: LimitOrder, market: SessionMarket
    ) -> SimulatedFill | None:
        """What a session made of an order; None when the broker does not have it, or had to give it back.

        The order is as corporate actions have left it. Asked again, the answer stays the first one.
        """
        with self._transaction():
            known = self._row("SELECT is_canceled FROM orders WHERE cl_ord_id = ?", cl_ord_id)
            if known is None:
                return None
            place = (cl_ord_id, session_on.isoformat())
            kept = self._row("SELECT fill FROM executions WHERE cl_ord_id = ? AND session_on = ?", *place)
            if kept is not None:
                return _ended(_kept_fill(kept[0])) if known[0] else _kept_fill(kept[0])
            if known[0]:
                return None
            is_closing = order.instructions.time_in_force is TimeInForce.CLS
            fill = simulated_fill(order, self._shared(market, place[1], order.symbol, is_closing=is_closing))
            self._connection.execute("INSERT INTO executions VALUES (?, ?, ?)", (*place, encode(asdict(fill))))
            shares = (abs(fill.filled_shares), abs(fill.auction_shares), is_closing, fill.carried_shares)
            self._connection.execute("INSERT INTO traded VALUES (?, ?, ?, ?, ?, ?, ?)", (*place, order.symbol, *shares))
            return fill

    def _shared(self, market: SessionMarket, session: str, symbol: str, *, is_closing: bool) -> SessionMarket:
        """The market as the orders that were executed in it before leave it to the next one."""
        asked = (
            "SELECT coalesce(sum(shares), 0), coalesce(sum(auction_shares) FILTER (WHERE is_closing = ?), 0) "
            "FROM traded WHERE session_on = ? AND symbol = ?"
        )
        row = self._row(asked, is_closing, session, symbol) or (0, 0)
        return replace(market, used_shares=row[0], used_auction_shares=row[1])

    def n_orders(self) -> int:
        """How many orders the broker has or had."""
        row = self._row("SELECT count(*) FROM orders")
        return 0 if row is None else int(row[0])

    def _word(self, cl_ord_id: str) -> Acknowledgement:
        row = self._row("SELECT shares, is_canceled FROM orders WHERE cl_ord_id = ?", cl_ord_id)
        shares, is_canceled = row or (0, 1)
        if is_canceled:
            return Acknowledgement(cl_ord_id, f"{cl_ord_id}-4", ExecType.CANCELED, OrdStatus.CANCELED, 0, 0)
        return Acknowledgement(cl_ord_id, f"{cl_ord_id}-0", ExecType.NEW, OrdStatus.NEW, shares, 0)

    def _row(self, statement: str, *values: object) -> tuple[Any, ...] | None:
        found: tuple[Any, ...] | None = self._connection.execute(statement, values).fetchone()
        return found

    @contextmanager
    def _transaction(self) -> Iterator[None]:
        """A transaction that has the file to itself from its start."""
        with self._lock, self._translated():
            self._connection.execute("BEGIN IMMEDIATE")
            try:
                yield
            except BaseException:
                self._connection.execute("ROLLBACK")
                raise
            self._connection.execute("COMMIT")

    @contextmanager
    def _translated(self) -> Iterator[None]:
        try:
            yield
        except sqlite3.Error as error:
            message = f"broker file {self._path}: {error}; look at its disk and rights, then try again"
            raise EdgeError(message, reason="log-unavailable") from error


def _ended(fill: SimulatedFill) -> SimulatedFill:
    """What a session made of an order that was taken back since: what went on working then ended."""
    return replace(fill, expired_shares=fill.expired_shares + fill.carried_shares, carried_shares=0)


def _kept_fill(data: bytes) -> SimulatedFill:
    content: dict[str, Any] = decode(data)
    executions = tuple(Execution(**each) for each in content["executions"])
    return SimulatedFill(**{**content, "executions": executions})
