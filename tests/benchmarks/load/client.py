"""The open-loop client, a process of its own: `python -m tests.benchmarks.load.client SPEC RESULT`.

Requests leave at instants that were fixed before the first of them (seeded Poisson arrivals), whatever the answers to
the ones before: latency counts from the intended instant, so that a server which stalls is charged for everybody who
would have come meanwhile (no coordinated omission). One thread, one epoll, keep-alive connections, requests encoded
before the clock starts: the client shares the machine with what it measures.
"""

from __future__ import annotations

import select
import socket
import sys
import time
from collections import deque
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

import msgspec
import numpy as np

_CHUNK = 65_536
_DECISION = b'"decision":{"id":"'
_VERDICT = b'"verdict":"'
_LENGTH = b"content-length: "
_GIVE_UP_S = 15.0


class Phase(msgspec.Struct, frozen=True):
    """A stretch of constant load.

    Attributes:
        rate_s: requests a second.
        seconds: how long.
    """

    rate_s: float
    seconds: float


class Share(msgspec.Struct, frozen=True):
    """What orders are for.

    Attributes:
        symbol: the share.
        min_shares: least size of an order.
        max_shares: largest size of an order.
    """

    symbol: str
    min_shares: int
    max_shares: int


class Spec(msgspec.Struct, frozen=True):
    """What to send.

    Attributes:
        host: of the server.
        port: of the server.
        path: of the route.
        tokens: one a principal; orders take turns.
        accounts: accounts that orders are spread over.
        shares: shares that orders are spread over.
        phases: the load.
        run_id: makes the keys of this run its own.
        n_connections: keep-alive connections to begin with.
        max_connections: how many there may be, so that no request waits for another's answer before it is even sent.
        seed: of arrivals and sizes.
    """

    host: str
    port: int
    path: str
    tokens: tuple[str, ...]
    accounts: tuple[str, ...]
    shares: tuple[Share, ...]
    phases: tuple[Phase, ...]
    run_id: str
    n_connections: int = 64
    max_connections: int = 1024
    seed: int = 7


class Outcome(msgspec.Struct, array_like=True):
    """What came of one request.

    Attributes:
        due_s: when it was to leave, after the start.
        sent_s: when it left.
        done_s: when its answer was whole; negative without one.
        status: HTTP status; 0 for a connection that broke, -1 for no answer by the end.
        decision_id: the decision's digits; "" without one.
        verdict: the decision's verdict; "" without one.
    """

    due_s: float
    sent_s: float = -1.0
    done_s: float = -1.0
    status: int = -1
    decision_id: str = ""
    verdict: str = ""


class Result(msgspec.Struct):
    """What a run of the client saw.

    Attributes:
        began_at_s: the start, on the machine's monotonic clock.
        began_at_unix_s: the start, since 1970.
        outcomes: of every request, in order of their due instants.
        client_cpu_s: processor time that the client took.
    """

    began_at_s: float
    began_at_unix_s: float
    outcomes: list[Outcome]
    client_cpu_s: float


@dataclass(slots=True)
class _Connection:
    """A keep-alive connection and the request that is under way on it."""

    socket: socket.socket
    number: int = -1
    received: bytes = b""


def due_instants(phases: tuple[Phase, ...], seed: int) -> list[float]:
    """When requests leave, in seconds after the start: Poisson arrivals, the same for the same seed."""
    rng, start_s, instants = np.random.default_rng(seed), 0.0, list[float]()
    for phase in phases:
        n_expected = int(phase.rate_s * phase.seconds)
        gaps = rng.exponential(1 / phase.rate_s, int(n_expected + 6 * n_expected**0.5 + 10))
        arrivals = start_s + np.cumsum(gaps)
        start_s += phase.seconds
        instants += arrivals[arrivals < start_s].tolist()
    return instants


def requests(spec: Spec, n_requests: int) -> list[bytes]:
    """The requests as they go on the wire."""
    sizes = np.random.default_rng(spec.seed + 1).random(n_requests).tolist()
    made = []
    for number, size in enumerate(sizes):
        account = spec.accounts[number % len(spec.accounts)]
        share = spec.shares[number // len(spec.accounts) % len(spec.shares)]
        qty = share.min_shares + int(size * (share.max_shares - share.min_shares + 1))
        body = b'{"symbol":"%b","qty":"%d","side":"buy","account_id":"%b"}' % (
            share.symbol.encode(),
            qty,
            account.encode(),
        )
        made.append(
            b"POST %b HTTP/1.1\r\nhost: %b:%d\r\nauthorization: Bearer %b\r\ncontent-type: application/json\r\n"
            b"idempotency-key: %b-%d\r\ncontent-length: %d\r\n\r\n%b"
            % (
                spec.path.encode(),
                spec.host.encode(),
                spec.port,
                spec.tokens[number % len(spec.tokens)].encode(),
                spec.run_id.encode(),
                number,
                len(body),
                body,
            )
        )
    return made


class Client:
    """Sends requests at their instants over as many connections as it needs, up to a number."""

    def __init__(self, spec: Spec) -> None:
        self._spec = spec
        self._instants = due_instants(spec.phases, spec.seed)
        self._requests = requests(spec, len(self._instants))
        self._outcomes = [Outcome(due_s) for due_s in self._instants]
        self._epoll = select.epoll()
        self._connections: dict[int, _Connection] = {}
        self._idle: deque[_Connection] = deque()
        self._waiting: deque[int] = deque()
        self._n_open = 0
        self._began_s = 0.0

    def result(self) -> Result:
        """Run to the end."""
        for _ in range(self._spec.n_connections):
            self._connect()
        cpu_s, unix_s = time.process_time(), time.time()
        self._began_s = time.perf_counter()
        self._send_all()
        return Result(self._began_s, unix_s, self._outcomes, time.process_time() - cpu_s)

    def _send_all(self) -> None:
        instants, n_requests, number = self._instants, len(self._instants), 0
        give_up_s = (instants[-1] if instants else 0.0) + _GIVE_UP_S
        while number < n_requests or self._n_open or self._waiting:
            now_s = time.perf_counter() - self._began_s
            while number < n_requests and instants[number] <= now_s:
                self._waiting.append(number)
                number += 1
            while self._waiting and (self._idle or self._is_grown()):
                self._send(self._idle.popleft(), self._waiting.popleft())
            if now_s > give_up_s:
                return
            wait_s = instants[number] - now_s if number < n_requests else 0.05
            for descriptor, _event in self._epoll.poll(max(0.0, min(wait_s, 0.05))):
                self._receive(self._connections[descriptor])

    def _is_grown(self) -> bool:
        """Whether there is one more connection now."""
        if len(self._connections) >= self._spec.max_connections:
            return False
        try:
            self._connect()
        except OSError:
            return False
        return True

    def _connect(self) -> None:
        made = socket.create_connection((self._spec.host, self._spec.port), timeout=5)
        made.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        made.setblocking(False)  # noqa: FBT003  # the socket's signature
        connection = _Connection(made)
        self._connections[made.fileno()] = connection
        self._epoll.register(made.fileno(), select.EPOLLIN)
        self._idle.append(connection)

    def _send(self, connection: _Connection, number: int) -> None:
        connection.number, connection.received = number, b""
        self._n_open += 1
        self._outcomes[number].sent_s = time.perf_counter() - self._began_s
        try:
            connection.socket.send(self._requests[number])
        except OSError:
            self._broken(connection)

    def _receive(self, connection: _Connection) -> None:
        try:
            data = connection.socket.recv(_CHUNK)
        except OSError:
            data = b""
        if not data:
            self._broken(connection)
            return
        received = connection.received = connection.received + data if connection.received else data
        head = received.find(b"\r\n\r\n")
        if head < 0:
            return
        at = received.find(_LENGTH) + len(_LENGTH)
        if len(received) < head + 4 + int(received[at : received.index(b"\r", at)]):
            return
        self._done(connection, received, head)

    def _done(self, connection: _Connection, received: bytes, head: int) -> None:
        outcome = self._outcomes[connection.number]
        outcome.done_s = time.perf_counter() - self._began_s
        outcome.status = int(received[9:12])
        at = received.find(_DECISION, head)
        if at > 0:
            at += len(_DECISION)
            outcome.decision_id = received[at : at + 64].decode()
            at = received.find(_VERDICT, at) + len(_VERDICT)
            outcome.verdict = received[at : received.index(b'"', at)].decode()
        self._n_open -= 1
        connection.number = -1
        self._idle.append(connection)

    def _broken(self, connection: _Connection) -> None:
        """The server closed the connection; what was under way on it failed, another takes its place."""
        descriptor = connection.socket.fileno()
        self._epoll.unregister(descriptor)
        del self._connections[descriptor]
        connection.socket.close()
        if connection.number >= 0:
            outcome = self._outcomes[connection.number]
            outcome.status, outcome.done_s = 0, time.perf_counter() - self._began_s
            self._n_open -= 1
        elif connection in self._idle:
            self._idle.remove(connection)
        try:
            self._connect()
        except OSError:
            time.sleep(0.01)  # the server is away; requests that find no connection fail at the end


def largest_pause_s(outcomes: list[Outcome]) -> float:
    """The longest time between two answers."""
    done = sorted(outcome.done_s for outcome in outcomes if outcome.done_s >= 0)
    return max((after - before for before, after in pairwise(done)), default=0.0)


def main() -> None:
    """Read the spec, run, write the result."""
    spec_file, result_file = map(Path, sys.argv[1:])
    client = Client(msgspec.json.decode(spec_file.read_bytes(), type=Spec))
    result_file.write_bytes(msgspec.json.encode(client.result()))


if __name__ == "__main__":
    main()
