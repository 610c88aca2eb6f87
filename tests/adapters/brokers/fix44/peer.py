"""A FIX 4.4 acceptor by QuickFIX: takes orders, reports what a test says, and sends again what was missed."""

from __future__ import annotations

import socket
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from adapters.brokers.extra import broker_library
from adapters.brokers.fix44 import fields as fix
from tests.adapters.brokers.fix44.needed import require_quickfix

require_quickfix()
quickfix = broker_library("quickfix", "fix")

US, PEER = "ASSAY", "BROKER"


def free_port() -> int:
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        port: int = found.getsockname()[1]
        return port


def session_file(folder: Path, port: int, **more: str) -> Path:
    """Our side of the session, as an operator writes it."""
    said = {"SenderCompID": US, "TargetCompID": PEER, "SocketConnectHost": "127.0.0.1", "SocketConnectPort": str(port)}
    file = folder / "fix.cfg"
    file.write_text("[SESSION]\n" + "".join(f"{name}={value}\n" for name, value in {**said, **more}.items()))
    return file


@dataclass
class Order:
    """An order at the peer.

    Attributes:
        said: the message that brought it.
        status: OrdStatus (39).
        cum: CumQty (14), of those included that it replaced.
    """

    said: dict[int, str]
    status: str = "0"
    cum: int = 0

    @property
    def shares(self) -> int:
        return int(self.said[fix.ORDER_QTY])


@dataclass
class Book:
    """What the peer has, and how it behaves.

    Attributes:
        orders: by ClOrdID.
        received: every message of the application, in turn.
        logons: what each logon said.
        is_silent: whether it answers no new order.
        refuses: the reason with which orders, replaces and cancels are refused; "" when they are taken.
        pends: whether a replacement is told to be pending first.
        forgets: orders that it says to know nothing of.
        reports: ExecIDs given out.
    """

    orders: dict[str, Order] = field(default_factory=dict)
    received: list[dict[int, str]] = field(default_factory=list)
    logons: list[dict[int, str]] = field(default_factory=list)
    is_silent: bool = False
    refuses: str = ""
    pends: bool = False
    forgets: set[str] = field(default_factory=set)
    reports: int = 0

    def kinds(self) -> str:
        """The types of what was received."""
        return "".join(each[fix.MSG_TYPE] for each in self.received)


class Peer:
    """The acceptor. Its book outlives it: a new one with the same folder and port goes on where it was."""

    def __init__(self, folder: Path, port: int, book: Book) -> None:
        folder.mkdir(exist_ok=True)
        dictionary = Path(sys.prefix) / "share" / "quickfix" / "FIX44.xml"
        config = folder / "acceptor.cfg"
        config.write_text(
            "[DEFAULT]\nConnectionType=acceptor\nStartTime=00:00:00\nEndTime=00:00:00\nHeartBtInt=30\n"
            f"UseDataDictionary=Y\nDataDictionary={dictionary}\nFileStorePath={folder}/store\nSocketReuseAddress=Y\n"
            f"SocketAcceptPort={port}\n[SESSION]\nBeginString=FIX.4.4\nSenderCompID={PEER}\nTargetCompID={US}\n"
        )
        self.book = book
        self._answers = _Answers(book, self)
        self._settings = quickfix.SessionSettings(str(config))
        self._stores = quickfix.FileStoreFactory(self._settings)
        self._acceptor = quickfix.SocketAcceptor(self._answers, self._stores, self._settings)
        self._acceptor.start()

    def close(self) -> None:
        self._acceptor.stop()
        self._acceptor = None

    def traded(self, name: str, shares: int, price: str, **more: str) -> str:
        """Some of an order trades. Returns the ExecID; kept for the other side when it is away."""
        order = self.book.orders[name]
        order.cum += shares
        order.status = "2" if order.cum == order.shares else "1"
        said = {
            fix.LAST_QTY: str(shares),
            fix.LAST_PX: price,
            fix.LAST_MKT: "XNYS",
            fix.COMMISSION: "0.35",
            fix.COMM_TYPE: "3",
        }
        return self.report(name, "F", said | {int(tag): value for tag, value in more.items()})

    def report(self, name: str, kind: str, more: dict[int, str] | None = None) -> str:
        """An execution report on an order as it stands."""
        order = self.book.orders[name]
        self.book.reports += 1
        exec_id = f"{name}-{self.book.reports}"
        left = 0 if order.status in {"2", "4", "8"} else order.shares - order.cum
        said = {
            fix.ORDER_ID: f"P-{name}",
            fix.EXEC_ID: exec_id,
            fix.EXEC_TYPE: kind,
            fix.ORD_STATUS: order.status,
            fix.SYMBOL: order.said[fix.SYMBOL],
            fix.SIDE: order.said[fix.SIDE],
            fix.LEAVES_QTY: str(left),
            fix.CUM_QTY: str(order.cum),
            6: "190",
            fix.TRANSACT_TIME: "20261123-15:00:00.123",
            fix.CL_ORD_ID: name,
        }
        self.send("8", said | (more or {}))
        return exec_id

    def send(self, kind: str, said: dict[int, str]) -> None:
        message = quickfix.Message()
        message.getHeader().setField(quickfix.MsgType(kind))
        for tag, value in said.items():
            message.setField(tag, value)
        quickfix.Session.sendToTarget(message, quickfix.SessionID("FIX.4.4", PEER, US))


class _Answers(quickfix.Application):  # type: ignore[name-defined, misc]  # it ships no types
    """What the peer does with each message."""

    def __init__(self, book: Book, peer: Peer) -> None:
        super().__init__()
        self._book, self._peer = book, peer

    def onCreate(self, session_id: Any) -> None:  # noqa: N802  # QuickFIX's name
        """The session is there."""

    def onLogon(self, session_id: Any) -> None:  # noqa: N802  # QuickFIX's name
        """Both sides are there."""

    def onLogout(self, session_id: Any) -> None:  # noqa: N802  # QuickFIX's name
        """The other side is gone."""

    def toAdmin(self, message: Any, session_id: Any) -> None:  # noqa: N802  # QuickFIX's name
        """A message of the session goes out."""

    def toApp(self, message: Any, session_id: Any) -> None:  # noqa: N802  # QuickFIX's name
        """A message of ours goes out."""

    def fromAdmin(self, message: Any, session_id: Any) -> None:  # noqa: ARG002, N802  # QuickFIX's name
        """A message of the session came."""
        said = fix.fields(message.toString())
        if said[fix.MSG_TYPE] == "A":
            self._book.logons.append(said)

    def fromApp(self, message: Any, session_id: Any) -> None:  # noqa: ARG002, N802  # QuickFIX's name
        """An order, a cancel, a replace or a question."""
        said = fix.fields(message.toString())
        self._book.received.append(said)
        answers: dict[str, Callable[[dict[int, str]], None]] = {
            "D": self._new,
            "F": self._cancel,
            "G": self._replace,
            "H": self._status,
        }
        answers[said[fix.MSG_TYPE]](said)

    def _new(self, said: dict[int, str]) -> None:
        name = said[fix.CL_ORD_ID]
        is_known = name in self._book.orders
        order = self._book.orders.setdefault(name, Order(said))
        if is_known:
            why = {fix.ORDER_ID: "NONE", fix.ORD_STATUS: "8", fix.ORD_REJ_REASON: "6"}
            self._peer.report(name, "8", why)
        elif self._book.refuses:
            order.status = "8"
            self._peer.report(name, "8", {fix.TEXT: self._book.refuses, fix.ORD_REJ_REASON: "3"})
        elif not self._book.is_silent:
            self._peer.report(name, "0")

    def _cancel(self, said: dict[int, str]) -> None:
        name = said[fix.ORIG_CL_ORD_ID]
        order = self._book.orders[name]
        if self._book.refuses or order.status in {"2", "4"}:
            self._refuse(said, order, "1")
            return
        order.status = "4"
        self._peer.report(name, "4", {fix.CL_ORD_ID: said[fix.CL_ORD_ID], fix.ORIG_CL_ORD_ID: name})

    def _replace(self, said: dict[int, str]) -> None:
        old, name = said[fix.ORIG_CL_ORD_ID], said[fix.CL_ORD_ID]
        before = self._book.orders[old]
        if self._book.pends:
            self._peer.report(old, "E", {fix.CL_ORD_ID: name, fix.ORIG_CL_ORD_ID: old, fix.ORD_STATUS: "E"})
        if self._book.refuses or before.status in {"2", "4"}:
            self._refuse(said, before, "2")
            return
        before.status = "5"
        self._book.orders[name] = Order(said, "1" if before.cum else "0", before.cum)
        self._peer.report(name, "5", {fix.ORIG_CL_ORD_ID: old})

    def _refuse(self, said: dict[int, str], order: Order, to: str) -> None:
        why = {fix.CXL_REJ_TO: to, fix.TEXT: self._book.refuses or "too late", 102: "0"}
        about = {tag: said[tag] for tag in (fix.CL_ORD_ID, fix.ORIG_CL_ORD_ID)}
        self._peer.send("9", {fix.ORDER_ID: "P", fix.ORD_STATUS: order.status, **about, **why})

    def _status(self, said: dict[int, str]) -> None:
        name = said[fix.CL_ORD_ID]
        if name in self._book.orders and name not in self._book.forgets:
            self._peer.report(name, "I")
            return
        none = {
            fix.ORDER_ID: "NONE",
            fix.EXEC_ID: "0",
            fix.EXEC_TYPE: "I",
            fix.ORD_STATUS: "8",
            fix.ORD_REJ_REASON: "5",
        }
        about = {tag: said[tag] for tag in (fix.CL_ORD_ID, fix.SYMBOL, fix.SIDE)}
        self._peer.send("8", {**none, **about, fix.LEAVES_QTY: "0", fix.CUM_QTY: "0", 6: "0"})


def until(is_true: Callable[[], bool], patience_s: float = 15.0) -> None:
    ends_s = time.monotonic() + patience_s
    while not is_true():
        assert time.monotonic() < ends_s
        time.sleep(0.02)
