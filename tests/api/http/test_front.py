"""The front answers plain orders itself; every other byte goes to the server behind it and comes back."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from adapters.telemetry.telemetry import Telemetry
from api.http import front as front_module
from api.http.edge import Call, Edge
from api.http.front import MAX_UNREAD_BYTES, Front
from api.http.replies import Reply

PLACE = ("POST", "/orders")
GET = b"GET /plan HTTP/1.1\r\nHost: here\r\n\r\n"


def order(body: bytes = b"{}", *more: bytes) -> bytes:
    lines = [b"POST /orders HTTP/1.1", b"Host: here", b"Content-Length: %d" % len(body), *more]
    return b"\r\n".join([*lines, b"", body])


@dataclass
class Both:
    """A front, and a server behind it that remembers what it hears and answers in its own words."""

    folder: Path
    gate: asyncio.Event = field(default_factory=asyncio.Event)
    heard: list[bytes] = field(default_factory=list)
    answer: bytes = b"HTTP/1.1 200 OK\r\ncontent-length: 6\r\n\r\nbehind"
    port: int = 0
    talks: set[asyncio.Task[Any]] = field(default_factory=set)

    async def execute(self, call: Call) -> Reply:
        await self.gate.wait()
        return Reply(200, b"front:" + (call.content or b""))

    async def behind(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.talks.add(talk := asyncio.ensure_future(self._talk(reader, writer)))
        await talk
        self.talks.discard(talk)

    async def _talk(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while data := await reader.read(65_536):
            self.heard.append(data)
            writer.write(self.answer)
        writer.close()
        await writer.wait_closed()

    @asynccontextmanager
    async def client(self) -> AsyncIterator[tuple[asyncio.StreamReader, asyncio.StreamWriter]]:
        reader, writer = await asyncio.open_connection("127.0.0.1", self.port)
        yield reader, writer
        writer.close()
        with suppress(ConnectionError):
            await writer.wait_closed()


async def _no_app(*_message: object) -> None:
    raise AssertionError


def run(folder: Path, case: Callable[[Both, Front], Awaitable[None]]) -> None:
    """A case against both."""

    async def ran() -> None:
        both = Both(folder)
        both.gate.set()
        server = await asyncio.start_unix_server(both.behind, folder / "s")
        edge = Edge(_no_app, {PLACE: both.execute}, Telemetry(), {}, has_tls=False)
        front = Front(edge, folder / "s", 1000)
        await front.open("127.0.0.1", 0, 16)
        both.port = front.port
        async with asyncio.timeout(10):
            await case(both, front)
            await front.close()
            if both.talks:
                await asyncio.wait(both.talks)
        server.close()

    asyncio.run(ran())


async def answered(reader: asyncio.StreamReader) -> tuple[bytes, bytes]:
    """Head and body of the next answer."""
    head = await reader.readuntil(b"\r\n\r\n")
    length = next(line for line in head.split(b"\r\n") if line.startswith(b"content-length"))
    return head, await reader.readexactly(int(length.partition(b":")[2]))


def test_a_plain_order_is_answered_by_the_front_with_every_header(tmp_path: Path) -> None:
    async def case(both: Both, _front: Front) -> None:
        async with both.client() as (reader, writer):
            writer.write(order(b"{}", b"traceparent: 00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"))
            head, body = await answered(reader)
        assert body == b"front:{}"
        assert b"x-content-type-options: nosniff\r\n" in head
        assert b"traceparent: 00-4bf92f3577b34da6a3ce929d0e0e4736-" in head
        assert not both.heard

    run(tmp_path, case)


def test_an_order_in_pieces_is_put_together(tmp_path: Path) -> None:
    async def case(both: Both, _front: Front) -> None:
        async with both.client() as (reader, writer):
            for byte in order(b'{"x": 1}'):
                writer.write(bytes([byte]))
                await writer.drain()
                await asyncio.sleep(0)
            assert (await answered(reader))[1] == b'front:{"x": 1}'

    run(tmp_path, case)


def test_orders_sent_ahead_are_answered_in_their_order(tmp_path: Path) -> None:
    async def case(both: Both, _front: Front) -> None:
        async with both.client() as (reader, writer):
            writer.write(b"".join(order(b"%d" % number) for number in range(50)))
            assert [(await answered(reader))[1] for _ in range(50)] == [b"front:%d" % number for number in range(50)]

    run(tmp_path, case)


def test_a_client_that_sends_more_than_it_may_is_heard_later(tmp_path: Path) -> None:
    async def case(both: Both, _front: Front) -> None:
        both.gate.clear()
        n_orders = 4 * MAX_UNREAD_BYTES // len(order(b"1" * 1000))
        async with both.client() as (reader, writer):
            writer.write(order(b"1" * 1000) * n_orders)
            await asyncio.sleep(0.05)
            both.gate.set()
            for _ in range(n_orders):
                assert (await answered(reader))[1] == b"front:" + b"1" * 1000

    run(tmp_path, case)


def test_any_other_request_goes_to_the_server_behind_as_it_is(tmp_path: Path) -> None:
    async def case(both: Both, _front: Front) -> None:
        async with both.client() as (reader, writer):
            writer.write(GET)
            assert (await answered(reader))[1] == b"behind"
            writer.write(order())
            assert (await answered(reader))[1] == b"behind"
        assert both.heard == [GET, order()]

    run(tmp_path, case)


def test_a_connection_may_begin_with_orders_and_go_on_with_something_else(tmp_path: Path) -> None:
    async def case(both: Both, _front: Front) -> None:
        async with both.client() as (reader, writer):
            writer.write(order() + GET)
            assert (await answered(reader))[1] == b"front:{}"
            assert (await answered(reader))[1] == b"behind"
        assert both.heard == [GET]

    run(tmp_path, case)


@pytest.mark.parametrize("extra", [b"Transfer-Encoding: chunked", b"Content-Length: 9", b"Expect: 100-continue"])
def test_an_order_that_is_not_plain_is_left_to_the_server_behind(tmp_path: Path, extra: bytes) -> None:
    """SEC-17: one reader for whatever could be read in two ways."""

    async def case(both: Both, _front: Front) -> None:
        async with both.client() as (reader, writer):
            writer.write(order(b"{}", extra))
            assert (await answered(reader))[1] == b"behind"
        assert both.heard == [order(b"{}", extra)]

    run(tmp_path, case)


def test_an_order_that_never_becomes_whole_is_left_to_the_server_behind(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(front_module, "SWEEP_S", 0.02)

    async def case(both: Both, _front: Front) -> None:
        async with both.client() as (reader, writer):
            writer.write(order()[:-1])
            assert (await answered(reader))[1] == b"behind"
        assert both.heard == [order()[:-1]]

    run(tmp_path, case)


def test_a_client_whose_tunnel_leads_nowhere_is_let_go(tmp_path: Path) -> None:
    async def case(both: Both, _front: Front) -> None:
        (both.folder / "s").unlink()
        async with both.client() as (reader, writer):
            writer.write(GET)
            assert await reader.read() == b""

    run(tmp_path, case)


def test_what_was_begun_is_answered_before_the_front_closes(tmp_path: Path) -> None:
    async def case(both: Both, front: Front) -> None:
        both.gate.clear()
        async with both.client() as (reader, writer), both.client() as (idle, _):
            writer.write(order())
            await asyncio.sleep(0.05)
            closing = asyncio.create_task(front.close())
            assert await idle.read() == b""
            assert not closing.done()
            both.gate.set()
            head, body = await answered(reader)
            await closing
        assert (b"connection: close" in head, body) == (True, b"front:{}")

    run(tmp_path, case)


def test_a_client_that_hangs_up_is_forgotten(tmp_path: Path) -> None:
    async def case(both: Both, front: Front) -> None:
        both.gate.clear()
        async with both.client() as (_, writer):
            writer.write(order())
            await asyncio.sleep(0.05)
            assert len(front.connections) == 1
        await asyncio.sleep(0.05)
        assert not front.connections
        both.gate.set()

    run(tmp_path, case)
