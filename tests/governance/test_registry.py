"""The registry inside an append: rows follow from entries, champions change by compare-and-swap, trials are counted."""

from __future__ import annotations

import contextlib
from dataclasses import replace
from pathlib import Path

import pytest

from adapters.sql.sqlite import sqlite_log
from adapters.sql.store import SqlLog
from governance.models import Stage, early_stage
from governance.registration import Act, Coronation, crowned, moved, registered
from nodes.vocabulary.errors import EdgeError, LogError
from tests.governance.examples import ORIGIN
from tests.governance.model_examples import FAMILY, GOOD, act, advanced, champion, content, model, stage, tried


@pytest.fixture
def log(tmp_path: Path) -> SqlLog:
    """An empty log."""
    return sqlite_log(tmp_path / "log.db", ORIGIN)


def test_a_version_takes_its_trial_count_from_the_ledger(log: SqlLog) -> None:
    """SIG-02: N is read, never typed."""
    tried(log, 4)
    with log.transaction() as transaction:
        row = registered(transaction, content(4), act())
        newest = transaction.registry.newest_trial(FAMILY)
    assert newest is not None
    assert (row.version, row.n_trials, row.trials_digest) == (1, 4, newest.chain)


@pytest.mark.parametrize("n_trials", [1, 5])
def test_figures_that_were_deflated_by_another_count_are_refused(log: SqlLog, n_trials: int) -> None:
    tried(log, 4)
    with (
        pytest.raises(LogError, match=f"judged by {n_trials} trials, the ledger holds 4; judge it by all"),
        log.transaction() as transaction,
    ):
        registered(transaction, content(n_trials), act())


def test_the_same_model_registered_again_is_the_version_that_it_was(log: SqlLog) -> None:
    first, again = model(log), model(log)
    assert again == first
    with log.reader() as reader:
        assert [row.version for row in reader.registry.models()] == [1]


def test_a_version_passes_through_the_stages_in_turn(log: SqlLog) -> None:
    assert advanced(log, model(log), Stage.SHADOW, Stage.CHALLENGER).stage == "challenger"


def test_a_stage_cannot_be_left_out(log: SqlLog) -> None:
    with pytest.raises(EdgeError, match="meta-label v1 is candidate and cannot become challenger; take the stages"):
        advanced(log, model(log), Stage.CHALLENGER)


def test_no_version_becomes_champion_by_a_move(log: SqlLog) -> None:
    with pytest.raises(EdgeError, match="is challenger and cannot become champion"):
        advanced(log, model(log), Stage.SHADOW, Stage.CHALLENGER, Stage.CHAMPION)


def test_a_move_from_a_stage_that_it_has_left_is_refused(log: SqlLog) -> None:
    found = model(log)
    before = stage(log, found)
    advanced(log, found, Stage.SHADOW)
    with (
        pytest.raises(EdgeError, match="meta-label v1 is shadow, expected candidate"),
        log.transaction() as transaction,
    ):
        moved(transaction, before, Stage.SHADOW, act())


def test_a_promotion_takes_the_crown_of_the_champion(log: SqlLog) -> None:
    first, second = model(log, 1), model(log, 2)
    champion(log, first)
    champion(log, second)
    assert (stage(log, first).stage, stage(log, second).stage) == ("retired", "champion")


def test_a_rollback_in_the_same_transaction_as_its_promotion_leaves_one_champion(log: SqlLog) -> None:
    first, second = model(log, 1), model(log, 2)
    champion(log, first)
    with log.transaction() as transaction:
        for each, dethroned in ((second, first), (first, second)):
            papers = transaction.put_body(b"card"), transaction.put_body(b"memo")
            before = transaction.registry.champion(FAMILY)
            assert before is not None
            assert before.version == dethroned.version
            crowned(transaction, Coronation(each, GOOD, *papers, before), act())
    assert (stage(log, first).stage, stage(log, second).stage) == ("champion", "retired")


def test_a_promotion_over_another_champion_than_expected_is_refused(log: SqlLog) -> None:
    first, second = model(log, 1), model(log, 2)
    champion(log, first)
    with log.transaction() as transaction, pytest.raises(EdgeError, match="is meta-label v1, expected none; look at"):
        crowned(transaction, Coronation(second, GOOD, first.artefact_ref, first.evidence_ref, None), act())


def test_a_version_without_the_figures_is_refused_before_the_database_does(log: SqlLog) -> None:
    found = model(log, evidence={"dsr_frac": 0.9})
    with (
        pytest.raises(EdgeError, match="has no spa_p_frac, pbo_frac, without which none becomes champion"),
        log.transaction() as transaction,
    ):
        crowned(transaction, Coronation(found, {"dsr_frac": 0.9}, b"", b"", None), act())


def test_a_row_without_its_entry_is_refused(log: SqlLog) -> None:
    found = model(log)
    before = stage(log, found)
    with pytest.raises(LogError, match="has no entry; append its model-stage"), log.transaction() as transaction:
        transaction.registry.move(early_stage(found, Stage.SHADOW, 0), before)


def test_a_row_that_is_not_what_its_content_says_is_refused(log: SqlLog) -> None:
    found = model(log)
    with pytest.raises(LogError, match="was to be registered, expected version 2"), log.transaction() as transaction:
        transaction.registry.register(found._replace(n_trials=9), ())


def test_champions_are_known_inside_the_append_that_crowns_them_and_after(log: SqlLog) -> None:
    found = model(log)
    with log.transaction() as transaction:
        assert transaction.registry.champions() == ()
    champion(log, found)
    with log.transaction() as transaction:
        assert [row.name for row in transaction.registry.champions()] == ["meta-label v1"]


def test_nothing_stays_of_a_coronation_that_fails(log: SqlLog) -> None:
    found = model(log)
    papers = (found.artefact_ref, found.evidence_ref)
    with log.transaction() as transaction:
        with contextlib.suppress(RuntimeError), transaction.savepoint():
            crowned(transaction, Coronation(found, GOOD, *papers, None), act())
            raise RuntimeError
        assert transaction.registry.champion(FAMILY) is None
    assert stage(log, found).stage == "candidate"


def test_an_act_says_who_why_and_what_else() -> None:
    told = replace(act(why="drift"), said={"gate": 1}, cites=(b"c",))
    assert isinstance(told, Act)
    assert (told.principal, told.why, told.said, told.cites) == ("ada", "drift", {"gate": 1}, (b"c",))
