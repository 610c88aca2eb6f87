"""Given runs and samples of a log are replayed, nothing is written, and old policies do not get in the way."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

from adapters.lake.lake import Lake
from adapters.log_folder import log_folder_to_read
from api.use_cases.activation import ActivationRequest, activated
from api.use_cases.policies import candidate
from api.use_cases.replaying import replayed, replayed_sample
from governance.entries import EntryKind
from governance.environment import environment_here
from nodes.vocabulary.canonical import digest_text
from tests.api.use_cases.homes import FIRST_ON, POLICY, copied_home, desk_at, records, told


def test_replay_writes_nothing(ran: Path) -> None:
    store = log_folder_to_read(ran).store
    before = told(store)
    replayed_sample(store, 3)
    assert told(store) == before


def test_old_decisions_replay_after_the_policy_changed(ran: Path, lake: Lake, tmp_path: Path) -> None:
    with desk_at(copied_home(ran, tmp_path / "home"), lake) as opened:
        digest = opened.desk.active.generation.policy_digest
        text = POLICY.read_text(encoding="utf-8").replace("version: 1", "version: 2", 1)
        text = text.replace("supersedes: null", f"supersedes: {digest_text(digest)}")
        second = candidate(text.replace("n_selected: 3", "n_selected: 2").encode(), "v2.yaml")
        activated(
            opened.desk.store, ActivationRequest(second, "risk", environment_here(), datetime(2030, 1, 1, tzinfo=UTC))
        )
        reports = replayed_sample(opened.desk.store, 5)
    assert all(report.is_identical for report in reports)


def test_a_sample_is_spread_over_the_whole_log(ran: Path) -> None:
    store = log_folder_to_read(ran).store
    reports = replayed_sample(store, 3)
    plans = [report for report in reports if report.decision_id is None]
    assert len(plans) == 3
    assert plans[0].subject == f"session {FIRST_ON}"
    numbers = [report.sequence for report in plans]
    assert numbers == sorted(set(numbers))


def test_progress_is_told_run_by_run(ran: Path) -> None:
    store = log_folder_to_read(ran).store
    told_of: list[tuple[str, int, int]] = []
    replayed(store, records(store, EntryKind.PLAN)[:3], lambda *told_now: told_of.append(told_now))
    assert told_of == [("replays", 1, 3), ("replays", 2, 3), ("replays", 3, 3)]
