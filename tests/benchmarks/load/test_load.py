"""The load's own arithmetic: when requests leave, and what is said of when they were answered."""

from __future__ import annotations

import asyncio
from pathlib import Path

from tests.benchmarks.load.client import Outcome, Phase, Share, Spec, due_instants, requests
from tests.benchmarks.load.figures import figures
from tests.benchmarks.load.policy import written
from tests.benchmarks.load.stages import Stages, bench

SPEC = Spec("127.0.0.1", 1, "/", ("t1", "t2"), ("a", "b"), (Share("IBM", 3, 5),), (Phase(10, 1),), "run")


def test_arrivals_are_fixed_ahead_by_their_seed_and_keep_to_their_phases() -> None:
    instants = due_instants((Phase(100, 2), Phase(1000, 1)), 5)
    assert instants == due_instants((Phase(100, 2), Phase(1000, 1)), 5)
    assert instants == sorted(instants)
    early = sum(instant < 2 for instant in instants)
    assert 150 < early < 250
    assert 850 < len(instants) - early < 1150


def test_no_two_requests_share_a_key_and_sizes_keep_to_their_bounds() -> None:
    made = requests(SPEC, 40)
    keys = {request.partition(b"idempotency-key: ")[2].partition(b"\r")[0] for request in made}
    sizes = {request.partition(b'"qty":"')[2].partition(b'"')[0] for request in made}
    assert len(keys) == 40
    assert sizes == {b"3", b"4", b"5"}


def test_latency_counts_from_the_intended_start_and_silence_is_an_error() -> None:
    """A server that stalls is charged for those who waited to be sent (no coordinated omission)."""
    outcomes = [Outcome(0.0, 0.0, 0.5, 200, "x", "pass"), Outcome(0.1, 0.5, 0.6, 200, "y", "deny"), Outcome(0.2)]
    found = figures(outcomes, 0.0, 1.0)
    assert (found.n_requests, found.n_errors, found.achieved_s, found.offered_s) == (3, 1, 2.0, 3.0)
    assert round(found.p50_ms) == 500
    assert found.verdicts == {"pass": 1, "deny": 1}


def test_the_policy_under_load_is_the_shipped_one_with_room_for_many_orders(tmp_path: Path) -> None:
    text = written(tmp_path, 2, "sha256:" + "0" * 64).read_text("utf-8")
    assert "version: 2" in text
    assert "max_day_orders_count: 1000000}" in text
    assert "max_order_notional_usd: 150000}" in text


def test_the_stages_of_an_order_take_it_from_request_to_answer(tmp_path: Path) -> None:
    """What is measured stage by stage is what a client gets: an answer of 200 with a decision that is in the log."""

    async def measured() -> tuple[Stages, list[bytes], int]:
        with bench(tmp_path, n_clients=3, n_orders=6, n_accounts=2) as made:
            stages = await made.round(2)
            with made.store.reader() as reader:
                n_entries = reader.head().size
        return stages, [connection.transport.answer for connection in made.connections], n_entries  # type: ignore[attr-defined]

    stages, answers, n_entries = asyncio.run(measured())
    assert set(stages.us) == {"front", "begin", "decide", "commit", "answer", "beside"}
    assert all(answer.startswith(b"HTTP/1.1 200 OK") for answer in answers)
    assert (stages.n_orders, n_entries > 6) == (6, True)
