"""`python -m tests.benchmarks.load.stages`: processor time of an order by stage, without a network and in one thread.

On a machine that others use, answers a second say more about them than about the server; the processor time of a thread
says what an order costs. The stages take turns, a batch at a time as under load, and what is printed is the least of
some rounds. Sockets are left out, and so is the client.

    front      reads requests, lets them in, and puts them before the writer
    begin      takes the log's lock, and looks keys and orders up together
    decide     decides every order of the batch inside the append
    commit     writes the batch and makes it durable
    answer     encodes answers
    beside     other threads meanwhile: orders go to the broker, whose word is appended
"""

from __future__ import annotations

import argparse
import asyncio
import gc
import secrets
import tempfile
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, cast

from rich.console import Console

from api.bootstrap import http_parts, open_service
from api.http.app import app
from api.http.front import Connection, Front
from api.http.routes.orders import MAX_BODY_BYTES
from api.server import COLLECT_AFTER
from api.settings import settings
from api.use_cases.broker import PAUSE_S
from api.use_cases.market import opened_market
from api.use_cases.planning import PLANNER
from api.use_cases.service import Service
from governance.ports import LogStore
from governance.waiting import LoopItem
from governance.writer import Writer
from tests.benchmarks import table
from tests.benchmarks.load.client import Spec, requests
from tests.benchmarks.load.policy import written
from tests.benchmarks.load.scenarios import SHARES
from tests.benchmarks.load.server import HOST, ORDERS, Place
from tests.benchmarks.timing import Effort, Row, figure_us, pace

N_ROUNDS = 4
N_WARM = 10
_N_PRINCIPALS = 4


@dataclass
class HandedWriter:
    """Takes orders as `governance.writer.Writer` does, and leaves it to whoever measures to commit them."""

    waiting: list[LoopItem[Any]] = field(default_factory=list)

    @property
    def n_waiting(self) -> int:
        """How many orders wait: there is always room."""
        return 0

    def submit_to(self, loop: Any, work: Any, put_back: Any = None, place: Any = None) -> Any:
        """Take an order."""
        item: LoopItem[Any] = LoopItem(loop, work, put_back, place)
        self.waiting.append(item)
        return item.future

    def taken(self) -> list[LoopItem[Any]]:
        """All orders that wait."""
        items, self.waiting = self.waiting, []
        return items


class Wire(asyncio.Transport):
    """A client's connection without a network: keeps the last answer."""

    def __init__(self) -> None:
        super().__init__()
        self.answer = b""

    def write(self, data: bytes | bytearray | memoryview) -> None:
        """Take an answer."""
        self.answer = bytes(data)

    def is_closing(self) -> bool:
        """Whether it ends: it stays."""
        return False


@dataclass
class Stages:
    """Processor seconds of the stages of some orders."""

    spent_s: dict[str, float] = field(default_factory=dict)
    n_orders: int = 0

    @contextmanager
    def timed(self, stage: str) -> Iterator[None]:
        """Add what the block takes of this thread to a stage."""
        from_s = time.thread_time()
        yield
        self.spent_s[stage] = self.spent_s.get(stage, 0.0) + time.thread_time() - from_s

    @property
    def us(self) -> dict[str, float]:
        """Microseconds of one order by stage."""
        return {stage: spent_s / self.n_orders * 1e6 for stage, spent_s in self.spent_s.items()}


@dataclass
class Bench:
    """A service with a front and hand-driven commits.

    Attributes:
        store: the log.
        writer: where its orders come to.
        connections: clients.
        orders: requests that have not been sent.
    """

    store: LogStore
    writer: HandedWriter
    connections: list[Connection]
    orders: Iterator[bytes]

    async def batch(self, stages: Stages) -> None:
        """One order of each client, from request to answer."""
        with stages.timed("front"):
            for connection in self.connections:
                connection.data_received(next(self.orders))
            await asyncio.sleep(0)
        items = self.writer.taken()
        stages.n_orders += len(items)
        with ExitStack() as stack:
            with stages.timed("begin"):
                transaction = stack.enter_context(self.store.transaction())
                transaction.expect([item.place for item in items if item.place is not None])
            with stages.timed("decide"):
                for item in items:
                    item.run(transaction)
            with stages.timed("commit"):
                stack.close()
        with stages.timed("answer"):
            for item in items:
                item.resolve()
            await asyncio.gather(*[connection.task for connection in self.connections if connection.task])

    async def round(self, n_batches: int) -> Stages:
        """The stages of some batches."""
        stages, began_s, own_s = Stages(), time.process_time(), time.thread_time()
        for _ in range(n_batches):
            await self.batch(stages)
        await asyncio.sleep(3 * PAUSE_S)  # until the dispatcher has come round
        others_s = time.process_time() - began_s - (time.thread_time() - own_s)
        stages.spent_s["beside"] = others_s
        return stages


@contextmanager
def bench(folder: Path, n_clients: int, n_orders: int, n_accounts: int = 100) -> Iterator[Bench]:
    """A bench on a new home; call it in a running event loop."""
    written(folder / "policies")
    place = Place(folder / "home", folder / "policies", tuple(f"desk-{number}" for number in range(n_accounts)))
    tokens = tuple(place.token(f"client-{number}") for number in range(_N_PRINCIPALS))
    found = settings({name: text for name, text in place.variables.items() if name.startswith("ASSAY_")})
    spec = Spec(HOST, 1, ORDERS, tokens, place.accounts, SHARES, (), f"run-{secrets.token_hex(4)}")
    with open_service(found) as service:
        opened_market(service, PLANNER)
        writer = HandedWriter()
        handed: Service = replace(service, writer=cast("Writer", writer))
        front = Front(app(http_parts(handed, found)).state["edge"], folder / "nowhere", MAX_BODY_BYTES)
        connections = [Connection(front, asyncio.get_running_loop()) for _ in range(n_clients)]
        for connection in connections:
            connection.connection_made(Wire())
        yield Bench(service.store, writer, connections, iter(requests(spec, n_orders)))


async def measured(folder: Path, n_clients: int, n_orders: int) -> dict[str, float]:
    """Microseconds of one order by stage: the least of some rounds."""
    n_batches = max(1, n_orders // N_ROUNDS // n_clients)
    with bench(folder, n_clients, (N_ROUNDS * n_batches + N_WARM) * n_clients) as made:
        await made.round(N_WARM)
        gc.collect()
        gc.freeze()
        gc.set_threshold(*COLLECT_AFTER)  # as the server does once it has started
        rounds = [(await made.round(n_batches)).us for _ in range(N_ROUNDS)]
    return {stage: min(each[stage] for each in rounds) for stage in rounds[0]}


def rows(folder: Path, n_clients: int, n_orders: int) -> Iterator[Row]:
    """The table's rows."""
    yield pace(Effort())
    found = asyncio.run(measured(folder, n_clients, n_orders))
    for stage, spent_us in found.items():
        yield Row(stage, figure_us(spent_us), f"{spent_us / sum(found.values()):.0%} of an order")
    yield Row(f"an order, {n_clients} to a commit", figure_us(sum(found.values())), "without sockets and client")


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--orders", type=int, default=6000, help="how many orders")
    parser.add_argument("--clients", type=int, default=24, help="orders to a commit")
    chosen = parser.parse_args()
    with tempfile.TemporaryDirectory(dir=Path.cwd() / "var") as folder:
        table.printed(list(rows(Path(folder), chosen.clients, chosen.orders)), Console())


if __name__ == "__main__":
    main()
