"""What is done to a server, and what must come of it."""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path

import msgspec

from tests.benchmarks.load.checks import Held, acknowledged, held
from tests.benchmarks.load.client import Phase, Result, Share, Spec
from tests.benchmarks.load.figures import Figures, figures
from tests.benchmarks.load.policy import written
from tests.benchmarks.load.server import HOST, ORDERS, Place, Server, children, cpu_s, served, wait_for_orders, warm
from tests.benchmarks.timing import Row

TARGET_S = 2000
TARGET_P99_MS = 25.0
LEAD_IN = Phase(200, 2)
"""Load before the clock starts: connections, caches and branch predictors of a server that has been running."""
SHARES = (Share("AAPL", 5, 9), Share("GOOG", 4, 6), Share("IBM", 13, 20), Share("MSFT", 92, 140))
"""Orders of about 2,500 to 5,000 USD at the prices of the first session."""
_N_PRINCIPALS = 4


@dataclass(frozen=True)
class Extent:
    """How much is done.

    Attributes:
        rate_s: orders a second.
        seconds: how long each scenario lasts.
        n_accounts: how many accounts share the orders.
    """

    rate_s: float = TARGET_S
    seconds: float = 60.0
    n_accounts: int = 100


@dataclass(frozen=True)
class Outcome:
    """What a scenario came to.

    Attributes:
        figures: of the clients.
        held: of the log.
        cpu_us: processor time of the server for one order.
        client_cpu_us: that of the client.
    """

    figures: Figures
    held: Held
    cpu_us: float
    client_cpu_us: float
    notes: str = ""

    @property
    def is_met(self) -> bool:
        """Whether the target for durable decisions was met, with a log that is whole."""
        whole = not self.held.complaints and not self.figures.n_errors
        return whole and self.figures.p99_ms < TARGET_P99_MS

    def row(self, what: str, *, target: str = "", is_met: bool | None = None) -> Row:
        """The line of the table."""
        complaints = "; ".join(self.held.complaints) or "log whole, every answer in it once"
        client_share = self.client_cpu_us * self.figures.offered_s / 1e6
        beside = (
            f"server {self.cpu_us:.0f} us CPU an order, client {self.client_cpu_us:.0f} us, "
            f"{client_share:.0%} of a core; {complaints}"
        )
        return Row(what, f"{self.figures}{self.notes}", beside, "", target, is_met)


@dataclass
class Bench:
    """A server under load, on a home of its own.

    Attributes:
        folder: where everything is kept.
        extent: how much is done.
        workers: how many processes serve.
        environment: further settings of the server.
    """

    folder: Path
    extent: Extent
    workers: int = 1
    environment: dict[str, str] = field(default_factory=dict)
    _n_runs: int = 0

    @property
    def place(self) -> Place:
        """Where the server keeps its things."""
        accounts = tuple(f"desk-{number}" for number in range(self.extent.n_accounts))
        return Place(self.folder / "home", self.folder / "policies", accounts, self.workers, self.environment)

    @contextmanager
    def server(self) -> Iterator[Server]:
        """A server that decides orders."""
        self.folder.mkdir(parents=True, exist_ok=True)
        if not self.place.policies.exists():
            written(self.place.policies)
        with served(self.place) as server:
            wait_for_orders(server)
            warm(server)
            yield server

    def held(self, result: Result, *, is_whole: bool = True) -> Held:
        """What the log holds, held against what the clients were told."""
        database_url = self.environment.get("ASSAY_DATABASE_URL")
        return held(self.place.home, acknowledged(result.outcomes), database_url, is_whole=is_whole)

    def begun(self, server: Server, phases: tuple[Phase, ...], **changes: object) -> Run:
        """A client at work on the server."""
        self._n_runs += 1
        tokens = tuple(self.place.token(f"client-{number}") for number in range(_N_PRINCIPALS))
        spec = Spec(
            host=HOST,
            port=server.port,
            path=ORDERS,
            tokens=tokens,
            accounts=self.place.accounts,
            shares=SHARES,
            phases=phases,
            run_id=f"run-{self._n_runs}",
            seed=self._n_runs,
        )
        return Run(server, msgspec.structs.replace(spec, **changes), self.folder / f"run-{self._n_runs}")


class Run:
    """A client process and the server that it loads."""

    def __init__(self, server: Server, spec: Spec, files: Path) -> None:
        self._server = server
        self._result = files.with_suffix(".result")
        files.with_suffix(".spec").write_bytes(msgspec.json.encode(spec))
        self._cpu_s = self._server_cpu_s()
        self.began_s = time.time()
        arguments = ["-m", "tests.benchmarks.load.client", str(files.with_suffix(".spec")), str(self._result)]
        self.process = subprocess.Popen([sys.executable, *arguments])  # noqa: S603  # this Python, this repository

    def result(self) -> tuple[Result, float, float]:
        """What the client saw, and processor microseconds an order of the server and of the client."""
        assert self.process.wait() == 0
        result = msgspec.json.decode(self._result.read_bytes(), type=Result)
        n_orders = max(1, len(result.outcomes))
        used_s = self._server_cpu_s() - self._cpu_s
        return result, used_s / n_orders * 1e6, result.client_cpu_s / n_orders * 1e6

    def _server_cpu_s(self) -> float:
        return sum(cpu_s(number) for number in children(self._server.process.pid))


def steady(bench: Bench, rate_s: float | None = None) -> Outcome:
    """Load at one rate."""
    wanted_s = rate_s or bench.extent.rate_s
    with bench.server() as server:
        run = bench.begun(server, (LEAD_IN, Phase(wanted_s, bench.extent.seconds)))
        result, cpu_us, client_us = run.result()
        server.stop()
    found = bench.held(result)
    return Outcome(figures(result.outcomes, LEAD_IN.seconds), found, cpu_us, client_us)


def saturation(bench: Bench, rates_s: tuple[float, ...]) -> tuple[float, Outcome]:
    """The highest of some rates, rising, at which p99 keeps under the target, and what came of all of them."""
    seconds = bench.extent.seconds / len(rates_s)
    best_s = 0.0
    with bench.server() as server:
        run = bench.begun(server, (LEAD_IN, *(Phase(rate_s, seconds) for rate_s in rates_s)))
        result, cpu_us, client_us = run.result()
        server.stop()
    for number, rate_s in enumerate(rates_s):
        step = figures(result.outcomes, LEAD_IN.seconds + number * seconds, LEAD_IN.seconds + (number + 1) * seconds)
        if step.n_errors or step.p99_ms >= TARGET_P99_MS:
            break
        best_s = rate_s
    found = bench.held(result, is_whole=False)
    return best_s, Outcome(figures(result.outcomes, LEAD_IN.seconds), found, cpu_us, client_us)


def reload_under_load(bench: Bench) -> tuple[Figures, Figures, Outcome]:
    """A new version of the policy in mid-load: the 5 s before it, the 5 s around it, and all."""
    seconds = max(bench.extent.seconds, 16.0)
    before_s, at_s = LEAD_IN.seconds + seconds / 2 - 7.5, LEAD_IN.seconds + seconds / 2
    with bench.server() as server:
        first = policy_digest(server)
        run = bench.begun(server, (LEAD_IN, Phase(bench.extent.rate_s, seconds)))
        time.sleep(max(0.0, run.began_s + at_s - time.time()))
        changed_at_s = time.time()
        now = datetime.now(UTC).replace(microsecond=0)
        activated(server, written(bench.place.policies, 2, first, now))
        took_s = time.time() - changed_at_s
        result, cpu_us, client_us = run.result()
        server.stop()
    at_s = changed_at_s - result.began_at_unix_s
    found = bench.held(result)
    all_of_it = Outcome(
        figures(result.outcomes, LEAD_IN.seconds), found, cpu_us, client_us, f"; active after {took_s:.1f} s"
    )
    before = figures(result.outcomes, before_s, before_s + 5.0)
    around = figures(result.outcomes, at_s - 1.0, at_s + 4.0)
    if found.n_generations != 2:  # the one before and the one after
        complaint = f"{found.n_generations} generations decided, expected 2"
        all_of_it = replace(all_of_it, held=replace(found, complaints=(*found.complaints, complaint)))
    return before, around, all_of_it


def policy_digest(server: Server) -> str:
    """Digest of the policy that the server runs."""
    with server.http as http:
        checks = {check["name"]: str(check["detail"]) for check in http.get("/health").json()["checks"]}
    return checks["generation"].rpartition(", ")[2]


def activated(server: Server, file: Path, within_s: float = 30.0) -> None:
    """Wait until the server runs another policy than it did when the file was written."""
    wanted, until_s = file.stem, time.time() + within_s
    while time.time() < until_s:
        with server.http as http:
            checks = {check["name"]: check["detail"] for check in http.get("/health").json()["checks"]}
        if f" {wanted}," in checks["generation"]:
            return
        time.sleep(0.1)
