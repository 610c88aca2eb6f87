"""A backtest that trains its model as it goes: what it learns, what it may not have seen, what the gate keeps out."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import date
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np
import polars as pl
import pytest

from adapters.files.keys import log_signer
from adapters.lake.lake import Lake
from adapters.log_folder import KEY
from api.bootstrap import OpenDesk, open_desk
from api.use_cases.backtest_retraining import RetrainingAsked, TrainingGround, Walked, checked_walk, walked_run
from api.use_cases.backtest_run import RunEntries, run_entries, trial_run
from api.use_cases.desk import environment_bytes
from api.use_cases.leak_audit import bars_snapshot
from api.use_cases.model_desk import ModelDesk
from api.use_cases.replaying import replayed_sample
from dataflows.audit.made_up_markets import MadeUpMarket
from dataflows.backtest.shared import SharedSessions
from governance.entries import EntryKind
from governance.replay import ReplayOutcome
from nodes.vocabulary.errors import EdgeError, PolicyError
from tests.api.use_cases.model_markets import FAMILY, planted_lake, planted_settings, study_policy, traded
from tests.dataflows.backtest.test_retraining import retraining_text
from tests.dataflows.research.small import MemoryFits

MARKET = MadeUpMarket(n_shares=16, n_sessions=535, reversal_frac=0.4, seed=3)
"""Its edge is such that the gate lets the first version in, keeps the second out, and lets the third in."""
STEP = 10
REWRITTEN_FROM = 17
"""Place of the first traded session that is another one in the other market: inside the second of three stretches."""


STUDY = study_policy().replace("n_blocks: 6", "n_blocks: 10")


def silent(_what: str, _done: int, _total: int) -> None:
    """Progress that nobody reads."""


def asked(**changes: Any) -> RetrainingAsked:
    text = retraining_text(study=f"{FAMILY} v1", every=STEP, embargo=0, **changes)
    return RetrainingAsked(text, "retraining.yaml", STUDY, "small.yaml")


def ground(opened: OpenDesk, *, is_direct: bool = True) -> TrainingGround:
    desk = opened.desk
    models = ModelDesk(
        store=desk.store,
        append=lambda work: desk.writer.submit(work).result(),
        clock=desk.clock,
        environment=environment_bytes(desk.environment),
        salt_key=desk.salt_key,
        signer=log_signer(opened.folder.path / KEY, desk.store.origin),
        is_direct=is_direct,
    )
    facts = bars_snapshot(desk.lake)
    return TrainingGround(models, lambda _day: facts, MemoryFits())


@contextmanager
def trading(home: Path, lake: Lake, **changes: Any) -> Iterator[OpenDesk]:
    with open_desk(planted_settings(home, **changes), lake=lake) as opened:
        yield opened


def other_future() -> Lake:
    """The planted market up to a session, and another one from there on: every price and volume rewritten."""
    lake, from_on = planted_lake(MARKET), traded()[REWRITTEN_FROM]
    draws = np.random.default_rng(11)
    parts = []
    for part in lake.panel.partition_by("symbol", maintain_order=True):
        factor = np.where(
            part["session_on"].to_numpy() >= np.datetime64(from_on), draws.uniform(0.5, 2.0, len(part)), 1.0
        )
        prices = [pl.Series(name, part[name].to_numpy() * factor) for name in _PRICES]
        parts.append(part.with_columns(*prices, (part["volume_shares"] * factor).cast(part["volume_shares"].dtype)))
    return replace(lake, panel=pl.concat(parts))


_PRICES = ("open_usd", "high_usd", "low_usd", "close_usd")


@dataclass(frozen=True)
class Ran:
    """What a walk left behind: its trainings, and each decision and session trace by session."""

    walked: Walked
    decisions: Mapping[date, tuple[tuple[Any, ...], ...]]
    traces: Mapping[date, bytes]


@dataclass(frozen=True)
class Proved:
    """What can be said of a walk's log: a trial beside it, replays, verification."""

    ran: Ran
    trial: Mapping[date, tuple[tuple[Any, ...], ...]]
    outcomes: frozenset[ReplayOutcome]
    is_intact: bool


def by_session(run: RunEntries) -> dict[date, tuple[tuple[Any, ...], ...]]:
    found: dict[date, list[tuple[Any, ...]]] = {}
    for entry in run.of_kind(EntryKind.DECISION):
        facts = entry.facts
        said = (facts["symbol"], facts["decision_id"], facts["trace_digest"], facts["action"], facts["order_shares"])
        found.setdefault(facts["session_on"], []).append(said)
    return {day: tuple(rows) for day, rows in found.items()}


def ran(opened: OpenDesk, shared: SharedSessions) -> Ran:
    desk = opened.desk
    walked = walked_run(desk, ground(opened), checked_walk(asked()), traded(), (shared, silent))
    with desk.store.reader() as reader:
        run = run_entries(reader, desk.account_id)
        traces = {each.facts["session_on"]: each.facts["trace_digest"] for each in run.of_kind(EntryKind.PLAN)}
    return Ran(walked, by_session(run), traces)


@cache
def proved() -> Proved:
    with TemporaryDirectory() as folder, trading(Path(folder) / "home", planted_lake(MARKET)) as opened:
        shared = SharedSessions(opened.desk.active.session.plan)
        found = ran(opened, shared)
        trial = trial_run(opened.desk, traded(), shared, silent, found.walked.actives)
        outcomes = frozenset(report.outcome for report in replayed_sample(opened.desk.store, 3))
        return Proved(found, by_session(trial), outcomes, opened.folder.verification().is_intact)


def test_each_stretch_is_scored_by_what_was_trained_at_the_close_before_it() -> None:
    """ML-01, INF-03: three trainings, each on the past alone, each through the gate, in the run's own log."""
    trained = proved().ran.walked.trained
    assert [(each.first_on, each.last_on) for each in trained] == [
        (traded()[at], traded()[at + STEP - 1]) for at in (0, STEP, 2 * STEP)
    ]
    assert all(each.studied_to == each.trained_on < each.first_on for each in trained)
    assert [each.model for each in trained] == [f"{FAMILY} v{number}" for number in (1, 2, 3)]
    assert [each.n_trials for each in trained] == [2, 4, 6]
    assert [each.action for each in trained] == ["act", "deny", "act"]
    assert [each.scored_by for each in trained] == [f"{FAMILY} v{number}" for number in (1, 1, 3)]
    assert [bool(each.reasons) for each in trained] == [False, True, False]


def test_the_log_of_a_walk_verifies_and_its_runs_replay() -> None:
    """Champions change inside the log, and each run names the one in force."""
    assert proved().is_intact
    assert proved().outcomes == {ReplayOutcome.IDENTICAL}


def test_a_trial_under_the_same_assumptions_decides_the_same_under_the_same_ids() -> None:
    assert proved().trial == proved().ran.decisions
    assert proved().trial


def test_a_future_that_is_rewritten_leaves_what_was_decided_before_it_bit_for_bit(tmp_path: Path) -> None:
    """ML-01: what is decided up to a session, trainings included, knows nothing of what comes after."""
    with trading(tmp_path / "home", other_future()) as opened:
        other = ran(opened, SharedSessions(opened.desk.active.session.plan))
    one = proved().ran
    before, after = traded()[:REWRITTEN_FROM], traded()[REWRITTEN_FROM:]
    assert [one.traces[day] for day in before] == [other.traces[day] for day in before]
    assert [one.decisions.get(day) for day in before] == [other.decisions.get(day) for day in before]
    assert one.walked.trained[:2] == other.walked.trained[:2]
    assert not any(one.traces[day] == other.traces[day] for day in after)
    assert one.walked.trained[2] != other.walked.trained[2]


def test_a_walk_that_broke_off_goes_on_where_it_did(tmp_path: Path) -> None:
    """Decided sessions are not decided again, and their trainings are told from the log."""
    home, sessions = tmp_path / "home", traded()[: STEP + 2]
    with trading(home, planted_lake(MARKET)) as opened:
        shared = SharedSessions(opened.desk.active.session.plan)
        first = walked_run(opened.desk, ground(opened), checked_walk(asked()), sessions[:STEP], (shared, silent))
    with trading(home, planted_lake(MARKET)) as opened:
        shared = SharedSessions(opened.desk.active.session.plan)
        whole = walked_run(opened.desk, ground(opened), checked_walk(asked()), sessions, (shared, silent))
        with opened.desk.store.reader() as reader:
            run = by_session(run_entries(reader, opened.desk.account_id))
        trial = trial_run(opened.desk, sessions, shared, silent, whole.actives)
    assert whole.trained[0] == first.trained[0]
    assert run == {day: rows for day, rows in proved().ran.decisions.items() if day in sessions}
    assert by_session(trial) == run


def test_what_cannot_be_trained_is_refused_before_anything_is_run(tmp_path: Path) -> None:
    shared_progress = (SharedSessions(_plan(tmp_path)), silent)
    with trading(tmp_path / "home", planted_lake(MARKET)) as opened:
        for changes, is_direct, said in (
            ({"gate": "promotion-us-equities v2"}, True, "promotes by promotion-us-equities v2"),
            ({}, False, "none of research"),
        ):
            walk = checked_walk(asked(**changes))
            with pytest.raises(EdgeError, match=said):
                walked_run(opened.desk, ground(opened, is_direct=is_direct), walk, traded(), shared_progress)
        other = replace(checked_walk(asked()), family="another")
        with pytest.raises(EdgeError, match="trades small-study, the study trains another"):
            walked_run(opened.desk, ground(opened), other, traded(), shared_progress)
        assert opened.desk.store.origin.startswith("research/")


def _plan(tmp_path: Path) -> Any:
    with trading(tmp_path / "other", planted_lake(MARKET)) as opened:
        return opened.desk.active.session.plan


def test_a_study_of_another_name_or_with_faults_is_refused() -> None:
    with pytest.raises(EdgeError, match=r"trains by study small-study v1, small\.yaml is small-study v2"):
        checked_walk(replace_study(STUDY.replace("version: 1", "version: 2")))
    with pytest.raises(PolicyError, match=r"small\.yaml"):
        checked_walk(replace_study(STUDY.replace("n_trials: 1", "n_trials: -1")))


def replace_study(study: str) -> RetrainingAsked:
    found = asked()
    return RetrainingAsked(found.policy, found.file, study, found.study_file)
