"""What happens to a version: one entry each, with what it rests on, and the rows that follow."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from adapters.sql.sqlite import sqlite_log
from adapters.sql.store import SqlLog
from governance.models import Stage
from governance.registration import Coronation, registered
from nodes.vocabulary.canonical import decode
from nodes.vocabulary.errors import EdgeError, LogError
from tests.governance.examples import ORIGIN
from tests.governance.model_examples import GOOD, act, advanced, champion, content, model, tried


@pytest.fixture
def log(tmp_path: Path) -> SqlLog:
    return sqlite_log(tmp_path / "log.db", ORIGIN)


def test_a_registration_archives_artefact_and_evidence(log: SqlLog) -> None:
    row = model(log)
    with log.reader() as reader:
        entry = reader.records(row.sequence, row.sequence + 1)[0].entry
        assert reader.body(row.artefact_ref) == b"onnx 1"
        assert decode(reader.body(row.evidence_ref)) == {"evidence": GOOD, "details": {"trainer": "forest"}}
    assert set(entry.bodies) == {row.artefact_ref, row.evidence_ref}
    assert (entry.kind.value, entry.facts["principal"], entry.facts["evidence"]) == ("model", "ada", GOOD)


def test_without_a_trial_nothing_is_registered(log: SqlLog) -> None:
    with (
        pytest.raises(LogError, match="was judged by 3 trials, the ledger holds 0") as caught,
        log.transaction() as transaction,
    ):
        registered(transaction, content(), act())
    assert caught.value.reason == "stale-trials"


def test_versions_count_up_within_a_family(log: SqlLog) -> None:
    tried(log)
    assert [model(log, number).version for number in (1, 2, 3)] == [1, 2, 3]


def test_an_act_of_retirement_and_one_of_moving_are_told_apart(log: SqlLog) -> None:
    row = model(log)
    advanced(log, row, Stage.SHADOW, Stage.RETIRED)
    with log.reader() as reader:
        kinds = [record.kind for record in reader.records(0, 99)]
        last = reader.records(2, 3)[0].entry
    assert kinds == ["model", "model-stage", "retirement"]
    assert (last.facts["stage"], last.facts["before"]) == ("retired", "shadow")


def test_a_rollback_is_an_entry_of_its_own_kind(log: SqlLog) -> None:
    first, second = model(log, 1), model(log, 2)
    champion(log, first)
    champion(log, second)
    row = champion(log, first, is_rollback=True)
    with log.reader() as reader:
        entry = reader.records(row.sequence, row.sequence + 1)[0].entry
    assert (entry.kind.value, entry.facts["dethroned"], entry.facts["stage"]) == ("rollback", 2, "champion")


def test_a_coronation_without_figures_says_which(log: SqlLog) -> None:
    row = model(log)
    coronation = Coronation(row, {"spa_p_frac": 0.1}, b"c", b"m", None)
    with pytest.raises(EdgeError, match="meta-label v1 has no dsr_frac, pbo_frac, without which"):
        coronation.row(5)
    assert replace(coronation, evidence=GOOD).row(5).stage == "champion"
