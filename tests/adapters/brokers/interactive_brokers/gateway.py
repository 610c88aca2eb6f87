"""A local IB gateway: enough of the TWS socket protocol, server version 157, for ib_async to trade through it.

Each message is a length of four bytes and fields that end in a zero byte. Orders outlive a connection; tests say when
something trades and how the gateway behaves.

Source: IBKR Campus, TWS API documentation; field orders as ib_async's own decoder reads them.
"""

from __future__ import annotations

import asyncio
import struct
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

ACCOUNT = "DU123"
_VERSION = 157
_PLACE, _CANCEL, _OPEN, _EXECUTIONS, _ALL_OPEN, _POSITIONS, _START, _COMPLETED = 3, 4, 5, 7, 16, 61, 71, 99
_DONE = {"Filled", "Cancelled", "Inactive"}


@dataclass
class Order:
    """An order at the gateway, in the words of its message."""

    order_id: int
    client_id: int
    perm_id: int
    symbol: str
    action: str
    shares: int
    limit: str
    tif: str
    account: str
    ref: str
    good_till: str
    status: str = "Submitted"
    filled: int = 0


@dataclass
class Gateway:
    """What the gateway knows, and how it behaves.

    Attributes:
        orders: as they came.
        executions: rows of executions, as they were told.
        is_silent: whether a new order is taken without a word.
        refuses: the message of error 201 with which new orders are refused; "" when they are taken.
        pays: whether a commission follows each execution.
    """

    orders: list[Order] = field(default_factory=list)
    executions: list[dict[str, Any]] = field(default_factory=list)
    positions: dict[str, int] = field(default_factory=dict)
    is_silent: bool = False
    refuses: str = ""
    pays: bool = True
    cancels_slowly: bool = False
    n_placed: int = 0
    writers: list[asyncio.StreamWriter] = field(default_factory=list)
    loop: asyncio.AbstractEventLoop | None = None

    def of(self, ref: str) -> Order:
        return next(order for order in self.orders if order.ref == ref)

    def traded(self, ref: str, shares: int, price: float, exec_id: str) -> None:
        """Some of an order trades, or an execution is put right by one whose id has a higher last number."""
        order = self.of(ref)
        is_new = not any(row["exec_id"].rpartition(".")[0] == exec_id.rpartition(".")[0] for row in self.executions)
        if is_new:
            order.filled += shares
            order.status = "Filled" if order.filled == order.shares else order.status
        row = {"order": order, "exec_id": exec_id, "shares": shares, "price": price, "at": datetime.now(UTC)}
        self.executions.append(row)
        self.tell(lambda say: self._execution(say, row, -1))
        self.tell(lambda say: self._status(say, order))

    def ended(self, ref: str, status: str = "Cancelled") -> None:
        order = self.of(ref)
        order.status = status
        self.tell(lambda say: self._status(say, order))

    def tell(self, what: Callable[[Say], object]) -> None:
        """Say something to every client, from the test's thread."""
        for writer in self.writers:
            assert self.loop is not None
            self.loop.call_soon_threadsafe(what, Say(writer))

    def drop(self) -> None:
        """Every connection is cut."""
        for writer in self.writers:
            assert self.loop is not None
            self.loop.call_soon_threadsafe(writer.close)

    def heard(self, say: Say, client: int, said: list[str]) -> None:
        """Answer a message."""
        answers: dict[int, Callable[[], None]] = {
            _PLACE: lambda: self._place(say, client, said),
            _CANCEL: lambda: self._cancel(say, int(said[2])),
            _OPEN: lambda: self._tell_open(say),
            _ALL_OPEN: lambda: self._tell_open(say),
            _COMPLETED: lambda: self._tell_completed(say),
            _EXECUTIONS: lambda: self._tell_executions(say, int(said[2])),
            _POSITIONS: lambda: self._tell_positions(say),
        }
        answers[int(said[0])]()

    def _cancel(self, say: Say, order_id: int) -> None:
        order = next(each for each in self.orders if each.order_id == order_id)
        if order.status not in _DONE:
            order.status = "PendingCancel" if self.cancels_slowly else "Cancelled"
            self._status(say, order)

    def _tell_open(self, say: Say) -> None:
        for order in self.orders:
            if order.status not in _DONE:
                self._open(say, order)
                self._status(say, order)
        say(53, 1)

    def _tell_completed(self, say: Say) -> None:
        for order in self.orders:
            if order.status in _DONE:
                self._completed(say, order)
        say(102)

    def _tell_executions(self, say: Say, request: int) -> None:
        for row in self.executions:
            self._execution(say, row, request)
        say(55, 1, request)

    def _tell_positions(self, say: Say) -> None:
        for symbol, shares in self.positions.items():
            say(61, 3, ACCOUNT, 0, symbol, "STK", "", 0, "", "", "", "USD", symbol, symbol, shares, 190.0)
        say(62, 1)

    def _place(self, say: Say, client: int, said: list[str]) -> None:
        self.n_placed += 1
        action, shares, _, limit, _, tif, _, account = said[16:24]
        order = Order(
            order_id=int(said[1]),
            client_id=client,
            perm_id=9000 + len(self.orders),
            symbol=said[3],
            action=action,
            shares=int(float(shares)),
            limit=limit,
            tif=tif,
            account=account,
            ref=said[26],
            good_till=said[38],
        )
        if self.refuses:
            say(4, 2, order.order_id, 201, self.refuses)
            return
        self.orders.append(order)
        if not self.is_silent:
            self._open(say, order)
            self._status(say, order)

    def _status(self, say: Say, order: Order) -> None:
        left = order.shares - order.filled
        say(3, order.order_id, order.status, order.filled, left, 0.0, order.perm_id, 0, 0.0, order.client_id, "", 0.0)

    def _execution(self, say: Say, row: dict[str, Any], request: int) -> None:
        order, name = row["order"], row["exec_id"]
        side = "BOT" if order.action == "BUY" else "SLD"
        at = f"{row['at']:%Y%m%d-%H:%M:%S}"
        contract = (0, order.symbol, "STK", "", 0, "", "", "NYSE", "USD", order.symbol, order.symbol)
        told = (order.account or ACCOUNT, "NYSE", side, row["shares"], row["price"], order.perm_id, order.client_id, 0)
        say(11, request, order.order_id, *contract, name, at, *told, order.filled, 190.0, order.ref, "", "", "", 1)
        if self.pays:
            say(59, 1, name, 0.35, "USD", "", "", "")

    def _open(self, say: Say, order: Order) -> None:
        head = (5, order.order_id, *_terms(order), order.client_id, order.perm_id, *[""] * 9)
        state = ("", "", order.status, *[""] * 16)
        say(*head, *[""] * 36, *_NO_LEGS, "", "", "", "", 0, "", *state, 0, *[""] * 16)

    def _completed(self, say: Say, order: Order) -> None:
        head = (101, *_terms(order), order.perm_id, *[""] * 8)
        say(*head, *[""] * 28, *_NO_LEGS, "", "", "", 0, "", "", order.status, "", "", 0, *[""] * 15)


_NO_LEGS = (0, 0, 0, "", "", "", "")
"""Neither legs nor prices of legs nor parameters, no scale and no hedge."""


def _terms(order: Order) -> tuple[object, ...]:
    """Contract and order, as open and completed orders begin."""
    contract = (0, order.symbol, "STK", "", 0, "", "", "SMART", "USD", order.symbol, order.symbol)
    about = (order.action, order.shares, "LMT", order.limit, 0.0, order.tif, "", order.account, "", 0, order.ref)
    return (*contract, *about)


class Say:
    """Sends one message: its fields in turn."""

    def __init__(self, writer: asyncio.StreamWriter) -> None:
        self._writer = writer

    def __call__(self, *said: object) -> None:
        body = "".join(f"{each}\0" for each in said).encode()
        self._writer.write(struct.pack(">I", len(body)) + body)


@contextmanager
def served(gateway: Gateway) -> Iterator[str]:
    """The gateway on a port of its own; its address."""
    loop = asyncio.new_event_loop()
    gateway.loop = loop

    async def met(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with suppress(asyncio.IncompleteReadError, ConnectionError):
            await reader.readexactly(4)  # "API" and a zero byte
            await _message(reader)
            say, client = Say(writer), 0
            say(_VERSION, "20261123 15:00:00 UTC")
            gateway.writers.append(writer)
            while True:
                said = (await _message(reader)).split("\0")
                if int(said[0]) == _START:
                    client = int(said[2])
                    say(15, 1, ACCOUNT)
                    say(9, 1, 1 + max((order.order_id for order in gateway.orders), default=0))
                else:
                    gateway.heard(say, client, said)
        if writer in gateway.writers:
            gateway.writers.remove(writer)
        writer.close()

    server = asyncio.run_coroutine_threadsafe(asyncio.start_server(met, "127.0.0.1", 0), loop)
    thread = threading.Thread(target=loop.run_forever, daemon=True)
    thread.start()
    listening = server.result(5.0)
    try:
        yield f"127.0.0.1:{listening.sockets[0].getsockname()[1]}"
    finally:
        asyncio.run_coroutine_threadsafe(_closed(listening, gateway), loop).result(5.0)
        loop.call_soon_threadsafe(loop.stop)
        thread.join(2.0)
        loop.close()


async def _closed(listening: asyncio.Server, gateway: Gateway) -> None:
    listening.close()
    for writer in gateway.writers:
        writer.close()
    others = asyncio.all_tasks() - {asyncio.current_task()}
    await asyncio.wait(others, timeout=2.0) if others else None


async def _message(reader: asyncio.StreamReader) -> str:
    (length,) = struct.unpack(">I", await reader.readexactly(4))
    return (await reader.readexactly(length)).decode()
