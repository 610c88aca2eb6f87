"""Which generation an append runs: only one that is ready, and only under the code that activated it (SGN-09)."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import pytest

from adapters.lake.lake import Lake
from api.use_cases.activation import ActivationRequest, appended_activation
from api.use_cases.desk import ActiveGeneration
from api.use_cases.generations import Generations, UnpreparedError, archived_generation
from api.use_cases.policies import compiled_text
from api.use_cases.reloading import submitted_candidate
from api.use_cases.reloads import Source
from api.use_cases.service import Service
from nodes.vocabulary.errors import EdgeError
from tests.api.use_cases.policies_at import CASES, active_digest, service_at, version


@pytest.fixture
def service(tmp_path: Path, lake: Lake) -> Iterator[Service]:
    with service_at(tmp_path / "home", lake) as opened:
        yield opened


def activate(service: Service, number: int) -> None:
    text = version(number, service.generations.current.generation.policy_digest)
    submitted_candidate(service, text, f"v{number}.yaml", "ann", Source.API, cases=CASES)


def fresh(service: Service, prepared: list[ActiveGeneration]) -> Generations:
    """The generations of another process, which knows the first one only and counts what it compiles."""

    def prepare() -> ActiveGeneration:
        found = archived_generation(service.store, service.environment, "us-equities")
        prepared.append(found)
        return found

    return Generations(service.generations.current, prepare)


def test_another_process_prepares_what_it_finds_once_and_then_runs_it(service: Service) -> None:
    prepared: list[ActiveGeneration] = []
    other = fresh(service, prepared)
    activate(service, 2)
    for _ in range(3):
        with pytest.raises(UnpreparedError, match="has yet to compile; try again") as found:
            service.writer.submit(other.in_force).result(10)
    assert found.value.reason == "generation-changed"
    with ThreadPoolExecutor(4) as pool:
        ready = list(pool.map(lambda _: other.prepared(), range(8)))
    assert len(prepared) == 1
    assert service.writer.submit(other.in_force).result(10) is ready[0]
    assert other.current is ready[0]


def test_a_generation_whose_append_was_not_committed_is_forgotten(service: Service) -> None:
    never = replace(service.generations.current, sequence=99)
    service.generations.keep(never)
    service.generations.forget(99)
    current = service.generations.current
    assert service.writer.submit(service.generations.in_force).result(10) is current


def _ran_and_refused(service: Service, request: ActivationRequest, made: list[ActiveGeneration]) -> None:
    """An append that activates, and runs what it activated, before the disk refuses its commit."""
    generations, current = service.generations, service.generations.current
    with service.store.transaction() as transaction:
        supersedes = current.generation.policy_digest
        made.append(appended_activation(transaction, service.store.origin, request, supersedes))
        generations.keep(made[-1])
        assert generations.in_force(transaction) is made[-1]
        raise EdgeError("the disk refused; try again", reason="log-unavailable")


def test_a_generation_that_orders_ran_before_its_commit_failed_runs_no_more(service: Service) -> None:
    """SGN-09. Its sequence number is free again, and the next activation, of another policy, may get it."""
    generations, current = service.generations, service.generations.current
    chosen = compiled_text(version(2, current.generation.policy_digest), "v2.yaml")
    made: list[ActiveGeneration] = []
    request = ActivationRequest(chosen, "ann", service.environment, service.clock())
    with pytest.raises(EdgeError, match="the disk refused"):
        _ran_and_refused(service, request, made)
    generations.forget(made[0].sequence)
    assert generations.current is current
    assert service.writer.submit(generations.in_force).result(10) is current


def test_a_number_that_a_failed_append_gave_back_does_not_stand_for_its_generation(service: Service) -> None:
    """SGN-09. Another worker activated another policy under the number that this one had believed to be its own."""
    ours = fresh(service, [])
    activate(service, 2)
    theirs = service.writer.submit(service.generations.in_force).result(10)
    ours.keep(replace(ours.current, sequence=theirs.sequence))
    with pytest.raises(UnpreparedError, match="has yet to compile"):
        service.writer.submit(ours.in_force).result(10)
    assert ours.prepared().generation.policy_digest == theirs.generation.policy_digest


def test_only_the_newest_and_the_running_generation_are_kept(service: Service) -> None:
    running = service.generations.current
    for sequence in (7, 8, 9):
        service.generations.keep(replace(running, sequence=sequence))
    assert sorted(service.generations._ready) == [running.sequence, 9]  # what takes up memory


def test_a_policy_activated_under_other_libraries_does_not_run_here(service: Service) -> None:
    elsewhere = replace(service.environment, libraries={**service.environment.libraries, "numpy": "9.9.9"})
    with pytest.raises(
        EdgeError, match=r"under other code or libraries than this process runs \(environment_digest diff"
    ):
        archived_generation(service.store, elsewhere, "us-equities")


def test_a_strategy_that_nothing_runs_cannot_be_prepared(service: Service) -> None:
    with pytest.raises(EdgeError, match="runs no policy for 'elsewhere'; activate one"):
        archived_generation(service.store, service.environment, "elsewhere")


def test_the_running_generation_is_that_of_the_log(service: Service) -> None:
    activate(service, 2)
    assert service.writer.submit(service.generations.in_force).result(10) is service.generations.current
    assert active_digest(service) != b""
