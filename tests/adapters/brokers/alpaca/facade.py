"""A local Alpaca: its documented trading REST API and its stream of trade updates, on a port of this machine.

It works orders as Alpaca says that it does: a client_order_id is taken once, a cancel is asked for and then so, a fill
is an activity. Tests say when something trades, and when it is sick.

Source: https://docs.alpaca.markets/reference and /docs/websocket-streaming, read 2026-11.
"""

from __future__ import annotations

import asyncio
import json
import socket
import threading
import time
import uuid
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from granian.constants import Interfaces
from granian.server.embed import Server
from litestar import Controller, Litestar, Request, Response, WebSocket, delete, get, post, websocket
from litestar.datastructures import State
from litestar.exceptions import WebSocketDisconnect
from litestar.params import FromPath, FromQuery

KEY, SECRET = "PKTEST", "not-a-secret"  # made up
_OPEN = {"new", "accepted", "partially_filled", "pending_cancel"}


@dataclass
class Exchange:
    """What the facade knows, and how it behaves.

    Attributes:
        orders: by Alpaca's own id, in the order in which they came.
        activities: trades, oldest first.
        n_posted: how often an order was posted.
        loses_answers: whether an order is taken and the answer is lost on the way.
        is_down: whether nothing answers.
        refuses: the message with which orders are refused; "" when they are taken.
        is_mute: whether the stream tells nothing.
        cancels_slowly: whether a cancel stays pending until it is let through.
    """

    orders: dict[str, dict[str, Any]] = field(default_factory=dict)
    activities: list[dict[str, Any]] = field(default_factory=list)
    positions: dict[str, int] = field(default_factory=dict)
    n_posted: int = 0
    loses_answers: bool = False
    is_down: bool = False
    refuses: str = ""
    cancels_slowly: bool = False
    is_mute: bool = False
    listening: list[WebSocket[Any, Any, Any]] = field(default_factory=list)
    loop: asyncio.AbstractEventLoop | None = None

    def by_client(self, name: str) -> dict[str, Any] | None:
        return next((order for order in self.orders.values() if order["client_order_id"] == name), None)

    def traded(self, name: str, shares: int, price: str) -> str:
        """Some of an order trades. Returns the activity's id."""
        order = self.by_client(name)
        assert order is not None
        now = datetime.now(UTC)
        filled = int(order["filled_qty"]) + shares
        order["filled_qty"] = str(filled)
        order["status"] = "filled" if filled == int(order["qty"]) else "partially_filled"
        sign = 1 if order["side"] == "buy" else -1
        self.positions[order["symbol"]] = self.positions.get(order["symbol"], 0) + sign * shares
        row = {
            "activity_type": "FILL",
            "id": f"{now:%Y%m%d%H%M%S}{now.microsecond // 1000:03}::{uuid.uuid4()}",
            "transaction_time": now.isoformat().replace("+00:00", "123Z"),  # nine digits, as Alpaca has them
            "type": "fill" if order["status"] == "filled" else "partial_fill",
            "price": price,
            "qty": str(shares),
            "side": order["side"],
            "symbol": order["symbol"],
            "leaves_qty": str(int(order["qty"]) - filled),
            "order_id": order["id"],
            "cum_qty": str(filled),
            "order_status": order["status"],
        }
        self.activities.append(row)
        self.told("fill", order)
        return str(row["id"])

    def ended(self, name: str, status: str) -> None:
        """An order is over."""
        order = self.by_client(name)
        assert order is not None
        order["status"] = status
        self.told(status, order)

    def told(self, event: str, order: dict[str, Any]) -> None:
        """Tell the stream."""
        message = json.dumps({"stream": "trade_updates", "data": {"event": event, "order": order}})
        for each in [] if self.is_mute else self.listening:
            assert self.loop is not None
            asyncio.run_coroutine_threadsafe(each.send_text(message), self.loop)


def _problem(status: int, code: int, message: str) -> Response[dict[str, Any]]:
    return Response({"code": code, "message": message}, status_code=status)


async def _guarded(request: Request[Any, Any, Any]) -> Response[dict[str, Any]] | None:
    exchange = request.app.state.exchange
    exchange.loop = asyncio.get_running_loop()
    if exchange.is_down:
        return _problem(503, 50010000, "service unavailable")
    said = (request.headers.get("apca-api-key-id"), request.headers.get("apca-api-secret-key"))
    return None if said == (KEY, SECRET) else _problem(401, 40110000, "request is not authorized")


class Orders(Controller):
    """Orders."""

    path = "/v2/orders"

    @post("/", status_code=200)
    async def submitted(self, request: Request[Any, Any, Any], state: State) -> Response[dict[str, Any]]:
        exchange, asked = state.exchange, await request.json()
        exchange.n_posted += 1
        if exchange.by_client(asked["client_order_id"]) is not None:
            return _problem(422, 40010001, "client_order_id must be unique")
        if exchange.refuses:
            return _problem(403, 40310000, exchange.refuses)
        now = datetime.now(UTC).isoformat().replace("+00:00", "Z")
        order = {
            "id": str(uuid.uuid4()),
            "client_order_id": asked["client_order_id"],
            "created_at": now,
            "updated_at": now,
            "submitted_at": now,
            "symbol": asked["symbol"],
            "qty": str(int(asked["qty"])),
            "filled_qty": "0",
            "filled_avg_price": None,
            "order_class": "",
            "type": asked["type"],
            "side": asked["side"],
            "time_in_force": asked["time_in_force"],
            "limit_price": str(asked["limit_price"]),
            "stop_price": None if asked.get("stop_price") is None else str(asked["stop_price"]),
            "status": "accepted",
            "extended_hours": False,
        }
        exchange.orders[order["id"]] = order
        return _problem(504, 50010000, "gateway timeout") if exchange.loses_answers else Response(order)

    @get("/", sync_to_thread=False)
    def listed(self, state: State) -> list[dict[str, Any]]:
        return [order for order in state.exchange.orders.values() if order["status"] in _OPEN]

    @get("/{order_id:str}", sync_to_thread=False)
    def one(self, state: State, order_id: FromPath[str]) -> Response[dict[str, Any]]:
        found = state.exchange.orders.get(order_id)
        return _problem(404, 40410000, f"order not found for {order_id}") if found is None else Response(found)

    @delete("/{order_id:str}", status_code=200, sync_to_thread=False)
    def canceled(self, state: State, order_id: FromPath[str]) -> Response[Any]:
        order = state.exchange.orders[order_id]
        if order["status"] not in _OPEN:
            return _problem(422, 42210000, f"order is already in {order['status']!r} state")
        order["status"] = "pending_cancel" if state.exchange.cancels_slowly else "canceled"
        return Response(None, status_code=204)


@get("/v2/orders:by_client_order_id", sync_to_thread=False)
def _named(state: State, client_order_id: FromQuery[str]) -> Response[dict[str, Any]]:
    found = state.exchange.by_client(client_order_id)
    return _problem(404, 40410000, f"order not found for {client_order_id}") if found is None else Response(found)


@get("/v2/positions", sync_to_thread=False)
def _positions(state: State) -> list[dict[str, Any]]:
    held = [(symbol, shares) for symbol, shares in state.exchange.positions.items() if shares]
    return [
        {"symbol": symbol, "qty": str(shares), "side": "long" if shares > 0 else "short"} for symbol, shares in held
    ]


@get("/v2/account/activities/FILL", sync_to_thread=False)
def _activities(
    state: State, after: FromQuery[datetime], page_size: FromQuery[int], page_token: FromQuery[str] = ""
) -> list[dict[str, Any]]:
    rows = state.exchange.activities
    late = [row for row in rows if datetime.fromisoformat(row["transaction_time"]) > after]
    ids = [row["id"] for row in late]
    return late[ids.index(page_token) + 1 if page_token in ids else 0 :][:page_size]


@websocket("/stream")
async def _stream(socket: WebSocket[Any, Any, Any], state: State) -> None:
    exchange = state.exchange
    await socket.accept()
    exchange.loop = asyncio.get_running_loop()
    asked = json.loads(await socket.receive_text())["data"]
    status = "authorized" if (asked["key_id"], asked["secret_key"]) == (KEY, SECRET) else "unauthorized"
    await socket.send_text(json.dumps({"stream": "authorization", "data": {"status": status}}))
    with suppress(WebSocketDisconnect):
        streams = json.loads(await socket.receive_text())["data"]["streams"]
        await socket.send_text(json.dumps({"stream": "listening", "data": {"streams": streams}}))
        exchange.listening.append(socket)
        await socket.receive_text()
    if socket in exchange.listening:
        exchange.listening.remove(socket)


def app(exchange: Exchange) -> Litestar:
    """The facade's application."""
    return Litestar(
        [Orders, _named, _positions, _activities, _stream],
        before_request=_guarded,
        openapi_config=None,
        state=State({"exchange": exchange}, deep_copy=False),
    )


@contextmanager
def served(exchange: Exchange) -> Iterator[str]:
    """The facade on a port of its own; its address."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    server = Server(app(exchange), port=port, interface=Interfaces.ASGI, log_enabled=False)
    thread = threading.Thread(target=lambda: asyncio.run(server.serve()), daemon=True)
    thread.start()
    until_s = time.monotonic() + 10.0
    while time.monotonic() < until_s:
        with suppress(OSError), socket.create_connection(("127.0.0.1", port), 1.0):
            break
        time.sleep(0.02)
    try:
        yield f"http://127.0.0.1:{port}"
    finally:
        server.stop()  # type: ignore[no-untyped-call]  # granian's has no types
        thread.join(0.5)
