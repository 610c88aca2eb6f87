"""Health of a server: what is down, what is only worse than it should be, and what nobody has to wait for."""

from __future__ import annotations

import shutil
import sqlite3
import time
from dataclasses import replace
from pathlib import Path
from typing import NamedTuple

import pytest

from adapters.lake.lake import Lake
from adapters.telemetry.observed import AppendWatch
from api.use_cases.background import Background
from api.use_cases.health import Check, Health, State, worst
from api.use_cases.proposals import policy_status
from api.use_cases.reloading import submitted_candidate
from api.use_cases.reloads import Source
from tests.api.use_cases.policies_at import CASES, active_digest, version
from tests.api.use_cases.policies_at import service_at as policies_service
from tests.api.use_cases.services import service_at


class _Usage(NamedTuple):
    """As `shutil.disk_usage` answers."""

    total: int
    used: int
    free: int


def _states(health: Health) -> dict[str, State]:
    return {check.name: check.state for check in health.checks()}


@pytest.mark.parametrize(
    ("states", "whole"),
    [
        ((State.OK, State.OK), State.OK),
        ((State.OK, State.DEGRADED), State.DEGRADED),
        ((State.DEGRADED, State.DOWN, State.OK), State.DOWN),
        ((), State.OK),
    ],
)
def test_a_server_is_as_well_as_the_worst_of_what_it_depends_on(states: tuple[State, ...], whole: State) -> None:
    assert worst(tuple(Check("name", state, "detail") for state in states)) is whole


def test_a_server_with_all_it_needs_is_well_and_a_watched_folder_that_went_is_told(tmp_path: Path, lake: Lake) -> None:
    with service_at(tmp_path / "home", lake) as service:
        folder = tmp_path / "policies"
        folder.mkdir()
        well = _states(Health(service, AppendWatch(), tmp_path / "home", folder))
        folder.rmdir()
        without = _states(Health(service, AppendWatch(), tmp_path / "home", folder))
    assert set(well.values()) == {State.OK}
    assert without["policy-folder"] is State.DEGRADED


def test_a_log_that_another_process_holds_delays_no_probe(tmp_path: Path, lake: Lake) -> None:
    with service_at(tmp_path / "home", lake) as service:
        holder = sqlite3.connect(tmp_path / "home" / "log.db", isolation_level=None)
        holder.execute("BEGIN IMMEDIATE")
        began_s = time.monotonic()
        states = _states(Health(service, AppendWatch(), tmp_path / "home"))
        took_s = time.monotonic() - began_s
        holder.close()
    assert states["log-readable"] is State.OK
    assert took_s < 5


def test_a_failed_append_takes_the_server_out_of_service(tmp_path: Path, lake: Lake) -> None:
    watch = AppendWatch()
    with service_at(tmp_path / "home", lake) as service:
        health = Health(service, watch, tmp_path / "home")
        watch.ended(is_durable=False)
        assert _states(health)["log-writable"] is State.DOWN
        watch.ended(is_durable=True)
        assert _states(health)["log-writable"] is State.OK


def test_a_policy_that_waits_for_its_first_order_only_is_no_complaint(tmp_path: Path, lake: Lake) -> None:
    """A generation is changed in an append; until an order comes, everything is as it should be."""
    with policies_service(tmp_path / "home", lake) as service:
        submitted_candidate(service, version(2, active_digest(service)), "v2.yaml", "a", Source.API, cases=CASES)
        checks = Health(service, AppendWatch(), tmp_path / "home").checks()
        assert policy_status(service).is_ready
    (found,) = [check for check in checks if check.name == "generation"]
    assert found.state is State.OK
    assert "the next order is decided by sha256:" in found.detail


def _raise() -> None:
    raise ZeroDivisionError


@pytest.mark.parametrize(("name", "state"), [("dispatching", State.DOWN), ("taking_up", State.DEGRADED)])
def test_a_thread_of_the_server_that_fails_is_seen(tmp_path: Path, lake: Lake, name: str, state: State) -> None:
    """Without a dispatcher no order gets out; without the watch the last good policy decides on."""
    with service_at(tmp_path / "home", lake) as service:
        work = Background("work")
        health = Health(replace(service, **{name: work}), AppendWatch(), tmp_path / "home")  # type: ignore[arg-type]
        assert _states(health)["work"] is State.OK
        work.round(_raise)
        assert _states(health)["work"] is state
        work.round(lambda: None)
        assert _states(health)["work"] is State.OK


@pytest.mark.parametrize(("free_mib", "state"), [(10, State.DOWN), (100, State.DEGRADED), (10_000, State.OK)])
def test_room_on_the_disk_is_told_before_it_ends(
    tmp_path: Path, lake: Lake, monkeypatch: pytest.MonkeyPatch, free_mib: int, state: State
) -> None:
    with service_at(tmp_path / "home", lake) as service:
        monkeypatch.setattr(shutil, "disk_usage", lambda _path: _Usage(0, 0, free_mib * 1024**2))
        assert _states(Health(service, AppendWatch(), tmp_path / "home"))["disk"] is state
