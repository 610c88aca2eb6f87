"""INF-05: shadows score every session, what they say is stored, and nothing that decides reads it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from adapters.models.drawing import Drawing, named
from adapters.models.onnx_runtime import Scorer
from api.bootstrap import OpenDesk, open_service
from api.use_cases.main_job import sessions_run
from api.use_cases.market import advanced_session, opened_market
from api.use_cases.model_desk import ModelDesk, serving_desk
from api.use_cases.model_registration import registered_model
from api.use_cases.model_work import Asked
from api.use_cases.promotions import moved_model
from api.use_cases.shadows import shadow_history, shadow_replay, shadow_scored
from governance.entries import Entry, EntryKind
from governance.models import ModelContent, ModelRow, Stage
from governance.registration import REFERENCE
from governance.verify_registry import LearnedRegistry
from nodes.kernels.arrays import array
from nodes.vocabulary.errors import LogError
from tests.api.use_cases.homes import records
from tests.api.use_cases.model_markets import (
    FAMILY,
    championed_home,
    model_desk,
    planted_lake,
    planted_settings,
    traded,
    trading_desk,
)
from tests.nodes.kernels.onnx.models import constant_model

NAMES = ("week_reversal_frac", "month_reversal_frac")
DAYS = 2
DECIDING = {EntryKind.PLAN.value, EntryKind.DECISION.value, EntryKind.FILL.value, EntryKind.EXPIRY.value}


def shadow(desk: ModelDesk, artefact: bytes, stage: Stage = Stage.SHADOW) -> ModelRow:
    """A version in the shadow, or a challenger, with the first one's reference."""
    with desk.store.reader() as reader:
        first = reader.registry.models(FAMILY)[0]
        facts = reader.records(first.sequence, first.sequence + 1)[0].entry.facts
        reference = reader.body(facts[REFERENCE])
    content = ModelContent(FAMILY, artefact, first.data_digest, first.code_digest, first.policy_digest,
                           NAMES, {"spa_p_frac": 0.9}, first.n_trials, {}, reference)  # fmt: skip
    row = registered_model(desk, content, "quant", "another one")
    for each in (Stage.SHADOW, stage)[: 1 if stage is Stage.SHADOW else 2]:
        moved_model(desk, Asked(FAMILY, row.version, "ada", "let us see"), each)
    return row


def line_model(weight: float) -> bytes:
    """A model that says a multiple of its first feature."""
    drawing = Drawing(len(NAMES))
    weighted = drawing.operation("Mul", "features", drawing.constant(np.array([weight, 0.0])))
    return named(drawing.model(drawing.row_sums(weighted)), NAMES)


@contextmanager
def shadowed(home: Path, artefact: bytes, stage: Stage = Stage.SHADOW) -> Iterator[OpenDesk]:
    """A home that trades its champion, with one version beside it."""
    with model_desk(home) as desk:
        shadow(desk, artefact, stage)
    with trading_desk(home) as opened:
        yield opened


def decided(opened: OpenDesk) -> list[Any]:
    """What a log says of what decided and of what followed from it, apart from when it learned it."""
    return [
        (record.kind, record.entry.as_of, record.entry.facts)
        for record in records(opened.folder.store)
        if record.kind in DECIDING
    ]


@pytest.fixture(scope="module")
def alone(tmp_path_factory: pytest.TempPathFactory) -> list[Any]:
    """What the champion decides without any shadow."""
    with trading_desk(championed_home(tmp_path_factory.mktemp("alone") / "home")) as opened:
        sessions_run(opened.desk, traded()[:DAYS], lambda *_: None)
        return decided(opened)


@given(
    weight=st.sampled_from([0.0, 1.0, -1.0, 1e300, -1e300, float("nan"), float("inf")]),
    stage=st.sampled_from([Stage.SHADOW, Stage.CHALLENGER]),
)
@settings(max_examples=3, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_no_decision_order_or_position_depends_on_what_a_shadow_says(
    tmp_path_factory: pytest.TempPathFactory, alone: list[Any], weight: float, stage: Stage
) -> None:
    """INF-05, the property: every digest of every plan and decision is the same with a shadow as without."""
    home = championed_home(tmp_path_factory.mktemp("shadowed") / "home")
    with shadowed(home, line_model(weight), stage) as opened:
        sessions_run(opened.desk, traded()[:DAYS], lambda *_: None)
        assert decided(opened) == alone
        said = records(opened.folder.store, EntryKind.SHADOW)
        assert [record.entry.facts["session_on"] for record in said] == list(traded()[:DAYS])


def test_a_shadow_says_what_the_runtime_says_and_cites_the_plan_that_decided(tmp_path: Path) -> None:
    with shadowed(championed_home(tmp_path / "home"), line_model(2.0)) as opened:
        sessions_run(opened.desk, traded()[:DAYS], lambda *_: None)
        store = opened.folder.store
        plans = {record.entry.facts["session_on"]: record.entry_id for record in records(store, EntryKind.PLAN)}
        with store.reader() as reader:
            history = shadow_history(reader, FAMILY, 2, 10)
            replays = [shadow_replay(reader, record) for record in records(store, EntryKind.SHADOW)]
        assert [each.session_on for each in history] == list(reversed(traded()[:DAYS]))
        assert replays == ["identical"] * DAYS
        for record in records(store, EntryKind.SHADOW):
            assert record.entry.cites == (plans[record.entry.facts["session_on"]],)
        assert opened.folder.verification().is_intact
        scorer = Scorer(line_model(2.0), NAMES)
    assert set(history[0].scores) == set(planted_lake().universe)
    assert all(value is not None for value in history[0].scores.values())
    assert np.isfinite(scorer.scores(np.array([[0.01, 0.02]]), NAMES)).all()


def test_a_session_is_scored_once_however_often_it_is_asked_for(tmp_path: Path) -> None:
    with shadowed(championed_home(tmp_path / "home"), line_model(1.0)) as opened:
        sessions_run(opened.desk, traded()[:1], lambda *_: None)
        again = shadow_scored(opened.desk, traded()[0])
        assert [each.version for each in again] == [2]
        assert len(records(opened.folder.store, EntryKind.SHADOW)) == 1


def test_a_shadow_that_cannot_score_says_why_and_holds_nobody_up(tmp_path: Path) -> None:
    with shadowed(championed_home(tmp_path / "home"), b"no model at all") as opened:
        sessions_run(opened.desk, traded()[:1], lambda *_: None)
        (record,) = records(opened.folder.store, EntryKind.SHADOW)
        with opened.folder.store.reader() as reader:
            (said,) = shadow_history(reader, FAMILY, 2, 1)
            assert shadow_replay(reader, record) == "identical"
    assert (said.scores, bool(said.reason)) == ({}, True)
    assert len(decided(opened)) > 1


def test_a_market_that_is_served_is_scored_as_it_moves_on(tmp_path: Path) -> None:
    with open_service(planted_settings(championed_home(tmp_path / "home")), lake=planted_lake()) as service:
        shadow(serving_desk(service), constant_model(0.5, NAMES))
        opened_market(service, "assay")
        advanced_session(service, "alice")
        with service.store.reader() as reader:
            history = shadow_history(reader, FAMILY, 2, 10)
    assert [each.session_on for each in history] == [traded()[1], traded()[0]]
    assert set(history[0].scores.values()) == {0.5}


def test_an_entry_of_another_kind_is_no_scoring(tmp_path: Path) -> None:
    with trading_desk(championed_home(tmp_path / "home")) as opened, opened.folder.store.reader() as reader:
        genesis = reader.records(0, 1)[0]
        with pytest.raises(LogError, match="entry 0 is a genesis without a shadow's trace"):
            shadow_replay(reader, genesis)


def test_a_version_that_left_the_shadow_is_scored_no_more(tmp_path: Path) -> None:
    home = championed_home(tmp_path / "home")
    with model_desk(home) as desk:
        row = shadow(desk, line_model(1.0))
        moved_model(desk, Asked(FAMILY, row.version, "ada", "enough"), Stage.RETIRED)
    with trading_desk(home) as opened:
        assert shadow_scored(opened.desk, traded()[0]) == ()


def test_scores_are_those_of_the_study_s_own_features(tmp_path: Path) -> None:
    """One definition: a shadow reads the features that it was trained on, whatever the trading policy says."""
    with shadowed(championed_home(tmp_path / "home"), line_model(1.0)) as opened:
        (said,) = shadow_scored(opened.desk, traded()[0])
        panel = opened.desk.lake.session_window(opened.desk.lake.calendar.close(traded()[0]), 20).panel
    for (name,), part in panel.partition_by("symbol", as_dict=True).items():
        closes = array(part["close_usd"])
        assert said.scores[str(name)] == pytest.approx(closes[-1] / closes[-6] - 1.0, abs=0.02)


def test_a_shadow_entry_of_a_version_that_is_none_is_a_finding(tmp_path: Path) -> None:
    seen = LearnedRegistry()
    with shadowed(championed_home(tmp_path / "home"), line_model(1.0)) as opened:
        sessions_run(opened.desk, traded()[:1], lambda *_: None)
        for record in records(opened.folder.store):
            seen.learn(record.sequence, record.entry)
            if record.kind == EntryKind.SHADOW.value:
                assert seen.impostors == []
                entry = record.entry
                facts = {**entry.facts, "version": 1}
                seen.learn(record.sequence, Entry(entry.kind, entry.origin, entry.as_of, entry.recorded_at, facts))
    assert len(seen.impostors) == 1
