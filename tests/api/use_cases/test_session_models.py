"""A champion inside decisions: what it says is traded, archived and computed again; what keeps it out denies."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from adapters.models.onnx_runtime import Scorer
from api.bootstrap import OpenDesk, open_desk, open_service
from api.use_cases.main_job import sessions_run
from api.use_cases.market import opened_market
from api.use_cases.model_desk import ModelDesk, serving_desk
from api.use_cases.model_registration import registered_model
from api.use_cases.model_watch import watched_model
from api.use_cases.model_work import Asked
from api.use_cases.promotions import automatic_promotion, moved_model, rolled_back_model
from api.use_cases.replaying import replayed, replayed_sample
from api.use_cases.service import Service
from dataflows.engine.recorded import RecordedRun, recorded_run
from governance.entries import Entry, EntryKind
from governance.models import ModelContent, ModelRow, Stage, early_stage
from governance.registration import REFERENCE
from governance.replay import ReplayOutcome
from governance.rows import Record
from governance.verify_registry import CHAMPIONS, SCORED_BY, LearnedRegistry
from nodes.kernels.arrays import array
from nodes.vocabulary.absent import Absent
from nodes.vocabulary.canonical import digest_text
from nodes.vocabulary.errors import LogError, PolicyError
from nodes.vocabulary.verdict import Verdict
from tests.api.use_cases.homes import records
from tests.api.use_cases.model_markets import (
    FAMILY,
    STUDIED,
    championed_home,
    planted_lake,
    planted_settings,
    sessions,
    studied,
    traded,
    trading_desk,
)
from tests.api.use_cases.services import ordered
from tests.nodes.kernels.onnx.models import constant_model

NAMES = ("week_reversal_frac", "month_reversal_frac")


@pytest.fixture(scope="module")
def ran(tmp_path_factory: pytest.TempPathFactory) -> Iterator[OpenDesk]:
    """A home whose champion traded for twenty sessions."""
    with trading_desk(championed_home(tmp_path_factory.mktemp("ran") / "home")) as opened:
        sessions_run(opened.desk, traded(), lambda *_: None)
        yield opened


@contextmanager
def serving(home: Path) -> Iterator[Service]:
    """A service that trades the model, after its first session."""
    with open_service(planted_settings(home), lake=planted_lake()) as service:
        opened_market(service, "assay")
        yield service


def _run(opened: OpenDesk, record: Record) -> RecordedRun:
    with opened.folder.store.reader() as reader:
        facts = record.entry.facts
        return recorded_run(reader.body(facts["trace_ref"]), reader.body(facts["session_manifest_ref"]))


def _champion(opened: OpenDesk) -> ModelRow:
    with opened.folder.store.reader() as reader:
        return reader.registry.models(FAMILY)[0]


def another(desk: ModelDesk, artefact: bytes) -> ModelRow:
    """A further version with the figures of the first, ready to be promoted."""
    with desk.store.reader() as reader:
        first = reader.registry.models(FAMILY)[0]
        facts = reader.records(first.sequence, first.sequence + 1)[0].entry.facts
        figures = {row.name: row.value for row in reader.registry.evidence(FAMILY, 1)}
        reference = reader.body(facts[REFERENCE])
    content = ModelContent(FAMILY, artefact, first.data_digest, first.code_digest, first.policy_digest,
                           NAMES, figures, first.n_trials, {}, reference)  # fmt: skip
    row = registered_model(desk, content, "quant", "another one")
    for stage in (Stage.SHADOW, Stage.CHALLENGER):
        moved_model(desk, Asked(FAMILY, row.version, "ada", "it was tested"), stage)
    return row


def without_body(home: Path, ref: bytes) -> None:
    """A body is lost, as by a failing disk."""
    (file,) = home.rglob("log.db")
    with sqlite3.connect(file) as database:
        for (name,) in database.execute("SELECT name FROM sqlite_master WHERE type='trigger'").fetchall():
            database.execute(f'DROP TRIGGER "{name}"')
        assert database.execute("DELETE FROM bodies WHERE ref = ?", (ref,)).rowcount == 1


def test_the_champion_scores_every_session_and_its_digest_is_in_trace_and_entry(ran: OpenDesk) -> None:
    """Issue 5, ONNX: digest in traces."""
    champion, plans = _champion(ran), records(ran.folder.store, EntryKind.PLAN)
    assert len(plans) == len(traded())
    for plan in plans:
        assert plan.entry.facts[CHAMPIONS] == {FAMILY: champion.model_digest}
        assert plan.entry.facts[SCORED_BY] == {FAMILY: champion.artefact_digest}
    assert _run(ran, plans[0]).values["model_digest"] == digest_text(champion.artefact_digest)


def test_what_decides_is_what_the_runtime_says_of_the_same_features(ran: OpenDesk) -> None:
    """SVC-ANL-01 to 03: parity holds where it counts."""
    values = _run(ran, records(ran.folder.store, EntryKind.PLAN)[-1]).values
    with ran.folder.store.reader() as reader:
        scorer = Scorer(reader.body(_champion(ran).artefact_ref), NAMES)
    rows = np.column_stack([array(values["model_features"][name]["latest"]) for name in NAMES])
    np.testing.assert_allclose(array(values["model_score"]["latest"]), scorer.scores(rows, NAMES), rtol=1e-12)


def test_a_planted_edge_that_the_gate_let_in_earns_out_of_sample(ran: OpenDesk) -> None:
    """Issue 5, journey 2: what was found before the first traded session holds after it, in the scores that traded."""
    lake, found = planted_lake(), []
    for plan in records(ran.folder.store, EntryKind.PLAN)[:-1]:
        values, session_on = _run(ran, plan).values, plan.entry.facts["session_on"]
        today, later = (lake.bars_on(day) for day in (session_on, lake.calendar.after(session_on)))
        scores = dict(zip(values["symbols"].to_list(), values["model_score"]["latest"].to_list(), strict=True))
        moves = [later[name]["close_usd"] / today[name]["close_usd"] for name in scores]
        found.append(np.corrcoef(list(scores.values()), moves)[0, 1])
    assert np.mean(found) / (np.std(found, ddof=1) / np.sqrt(len(found))) > 3.0
    assert {record.entry.facts["action"] for record in records(ran.folder.store, EntryKind.DECISION)} >= {"act"}


def test_sessions_and_decisions_replay_bit_for_bit_and_the_log_verifies(ran: OpenDesk) -> None:
    assert {report.outcome for report in replayed_sample(ran.folder.store, 3)} == {ReplayOutcome.IDENTICAL}
    assert ran.folder.verification().is_intact


def test_the_evaluator_is_archived_with_the_generation(ran: OpenDesk) -> None:
    """Replay needs no runtime of models: the sources say how the bytes are scored."""
    assert {"nodes.models.score", "nodes.kernels.onnx.scoring", "nodes.kernels.onnx.trees"} <= set(
        ran.desk.active.generation.session.sources
    )


def _impostors(opened: OpenDesk, kind: EntryKind, **forged: Any) -> int:
    """How many findings there are when the entries of a kind say something else."""
    seen = LearnedRegistry()
    for record in records(opened.folder.store):
        entry = record.entry
        if entry.kind is kind:
            facts = {**entry.facts, **forged}
            entry = Entry(kind, entry.origin, entry.as_of, entry.recorded_at, facts, entry.bodies, entry.cites)
        seen.learn(record.sequence, entry)
    return len(seen.impostors)


def test_a_run_that_names_another_model_than_the_champion_is_a_finding(ran: OpenDesk) -> None:
    assert _impostors(ran, EntryKind.FILL) == 0
    assert _impostors(ran, EntryKind.PLAN, scored_by={FAMILY: bytes(32)}) == len(traded())


def test_a_decision_on_a_plan_of_a_champion_that_was_taken_back_is_a_finding(ran: OpenDesk) -> None:
    """No decision mixes two models, and whoever verifies the log need not take our word for it."""
    seen, retired = LearnedRegistry(), False
    for record in records(ran.folder.store):
        entry = record.entry
        if entry.kind is EntryKind.DECISION and not retired:
            (place,) = (each for each, row in seen.stages.items() if row.stage == Stage.CHAMPION.value)
            seen.stages[place] = early_stage(seen.stages[place], Stage.RETIRED, record.sequence)
            retired = True
        if entry.kind is EntryKind.DECISION:
            seen.learn(record.sequence, entry)
            assert seen.impostors[-1][0] == record.sequence
            return
        seen.learn(record.sequence, entry)


def test_a_family_without_a_champion_gives_no_score_and_an_order_is_denied(tmp_path: Path) -> None:
    """A model that research refused decides nothing: absence denies what adds risk."""
    with serving(tmp_path / "home") as service:
        plan = service.day_plans.known("paper", _trace(service))
        assert plan is not None
        assert {row.composite_score for row in plan.rows.values()} == {None}
        answer = ordered(service, symbol="S01", order_shares=10).answer
        assert answer.verdict == Verdict.DENY.label
        assert "composite_score is absent" in str(answer.reasons)
        run = _run_of(service)
    assert run.values["model"] == Absent("model", "family small-study has no champion")
    assert run.values["composite_score"] == run.values["model"]


def test_a_champion_whose_study_saw_later_sessions_scores_nothing(tmp_path: Path) -> None:
    """PIT-02, lookahead: a score that knows what came of a decision decides nothing."""
    last_on = sessions()[STUDIED - 1]
    early = sessions()[STUDIED - 3 : STUDIED + 1]
    with trading_desk(championed_home(tmp_path / "home")) as opened:
        sessions_run(opened.desk, early, lambda *_: None)
        found = {
            plan.entry.facts["session_on"]: _run(opened, plan).values["model"]
            for plan in records(opened.folder.store, EntryKind.PLAN)
        }
    kept_out = [
        Absent("model", f"{FAMILY} v1 was made of sessions up to {last_on}, which follow {day}") for day in early
    ]
    assert [found[day] for day in early[:2]] == kept_out[:2]
    assert not any(isinstance(found[day], Absent) for day in early[2:])


def test_features_made_with_other_parameters_keep_the_champion_out(tmp_path: Path) -> None:
    """DESIGN, one definition: a feature of the same name and another window is another feature."""
    home = championed_home(tmp_path / "home")
    settings = planted_settings(home)
    text = settings.policy.read_text(encoding="utf-8")
    settings.policy.write_text(text.replace("week_sessions: 5", "week_sessions: 6"), encoding="utf-8")
    with open_desk(settings, lake=planted_lake()) as opened:
        sessions_run(opened.desk, traded()[:1], lambda *_: None)
        (plan,) = records(opened.folder.store, EntryKind.PLAN)
        reason = "small-study v1 was trained with week_sessions 5, the policy says 6"
        assert _run(opened, plan).values["model"] == Absent("model", reason)
        assert SCORED_BY not in plan.entry.facts
        assert [report.outcome for report in replayed(opened.folder.store, [plan])] == [ReplayOutcome.IDENTICAL]


def test_a_feature_that_the_policy_hands_over_and_nothing_gives_is_a_fault(tmp_path: Path) -> None:
    settings = planted_settings(tmp_path / "home")
    text = settings.policy.read_text(encoding="utf-8")
    settings.policy.write_text(text.replace("[week_reversal_frac,", "[week_revrsal_frac,"), encoding="utf-8")
    with pytest.raises(PolicyError, match="unknown feature week_revrsal_frac; did you mean week_reversal_frac"):
        open_desk(settings, lake=planted_lake()).__enter__()


def test_a_promotion_and_a_rollback_under_orders_lose_none_and_mix_none(tmp_path: Path) -> None:
    """Journey 3 and INF-04: each order rests on a plan that the champion named in its entry has scored."""
    with serving(championed_home(tmp_path / "home")) as service, ThreadPoolExecutor(4) as pool:
        desk = serving_desk(service)
        second = another(desk, constant_model(0.5, NAMES))
        orders = [pool.submit(ordered, service, f"a{number}", symbol="S01") for number in range(15)]
        assert automatic_promotion(desk, Asked(FAMILY, 2, "ada", "it was tested")).champion == 2
        orders += [pool.submit(ordered, service, f"b{number}", symbol="S01") for number in range(15)]
        assert rolled_back_model(desk, Asked(FAMILY, 1, "oncall", "it says the same of all")).champion == 1
        orders += [pool.submit(ordered, service, f"c{number}", symbol="S01") for number in range(10)]
        assert len({order.result().answer.decision_id for order in orders}) == 40
        found = records(service.store)
    plans = {record.entry_id: record.entry.facts for record in found if record.kind == EntryKind.PLAN.value}
    decisions = [record.entry for record in found if record.kind == EntryKind.DECISION.value]
    assert len(decisions) == 40
    for decision in decisions:
        (cited,) = (plans[each] for each in decision.cites if each in plans)
        assert cited[CHAMPIONS] == decision.facts[CHAMPIONS]
    assert decisions[-1].facts[CHAMPIONS] != {FAMILY: second.model_digest}


def test_a_version_whose_bytes_are_gone_is_neither_traded_nor_promoted_nor_gone_back_to(tmp_path: Path) -> None:
    home = championed_home(tmp_path / "home")
    with serving(home) as service:
        desk = serving_desk(service)
        another(desk, constant_model(0.5, NAMES))
        automatic_promotion(desk, Asked(FAMILY, 2, "ada", "it was tested"))
        with service.store.reader() as reader:
            first, second = reader.registry.models(FAMILY)
        without_body(home, first.artefact_ref)
        with pytest.raises(LogError, match=f"body {first.artefact_ref.hex()} is not stored"):
            rolled_back_model(desk, Asked(FAMILY, 1, "oncall", "it says the same of all"))
        without_body(home, second.artefact_ref)
        figures = {"live_sessions": 300, "live_drawdown_frac": 0.9}
        denied = watched_model(desk, Asked(FAMILY, 2, "assay", "watched"), figures)
        assert (denied.state, denied.champion) == ("retired", None)


def test_a_replay_without_the_models_bytes_names_what_is_missing(tmp_path: Path) -> None:
    home = championed_home(tmp_path / "home")
    with trading_desk(home) as opened:
        sessions_run(opened.desk, traded()[:1], lambda *_: None)
        (plan,) = records(opened.folder.store, EntryKind.PLAN)
        slices = [ref for ref in plan.entry.bodies if ref not in plan.entry.facts.values()]
        without_body(home, slices[-1])
        (report,) = replayed(opened.folder.store, [plan])
    assert report.outcome is ReplayOutcome.CANNOT_RUN
    (missing,) = report.missing
    assert missing.startswith(f"body {slices[-1].hex()}, a slice of its snapshot or the exported model of small-study")


def test_the_study_saw_none_of_the_traded_sessions() -> None:
    assert max(studied().panel["session_on"].to_list()) < traded()[0]


def _trace(service: Service) -> bytes:
    plans = records(service.store, EntryKind.PLAN)
    found: bytes = plans[-1].entry.facts["trace_digest"]
    return found


def _run_of(service: Service) -> Any:
    (plan,) = records(service.store, EntryKind.PLAN)
    with service.store.reader() as reader:
        facts = plan.entry.facts
        return recorded_run(reader.body(facts["trace_ref"]), reader.body(facts["session_manifest_ref"]))


def test_a_champion_whose_row_was_changed_scores_nothing(tmp_path: Path) -> None:
    """Somebody who writes into the registry cannot slip another model in: it denies, and verification finds the row."""
    home = championed_home(tmp_path / "home")
    (file,) = home.rglob("log.db")
    with sqlite3.connect(file) as database:
        for (name,) in database.execute("SELECT name FROM sqlite_master WHERE type='trigger'").fetchall():
            database.execute(f'DROP TRIGGER "{name}"')
        database.execute("UPDATE model_versions SET artefact_digest = ?", (bytes(32),))
    with trading_desk(home) as opened:
        sessions_run(opened.desk, traded()[:1], lambda *_: None)
        (plan,) = records(opened.folder.store, EntryKind.PLAN)
        absent = _run(opened, plan).values["model"]
        assert isinstance(absent, Absent)
        assert "registry says of small-study v1 something else than its digest" in absent.reason
        assert records(opened.folder.store, EntryKind.DECISION) == []
        assert not opened.folder.verification().is_intact
