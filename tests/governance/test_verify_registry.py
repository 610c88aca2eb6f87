"""Verification of the registry: whoever changes a row behind the log's back is found, whatever the row."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from sqlalchemy import text

from adapters.log_folder import LogFolder, log_folder
from governance.entries import Entry, EntryKind
from governance.findings import Report
from governance.models import Stage
from nodes.vocabulary.canonical import digest
from tests.governance.examples import NOON, ORIGIN
from tests.governance.model_examples import FAMILY, advanced, champion, model


@pytest.fixture
def folder(tmp_path: Path) -> LogFolder:
    """A log with two versions, the second of them champion after the first."""
    found = log_folder(tmp_path, ORIGIN)
    first, second = model(found.store, 1), model(found.store, 2)
    advanced(found.store, first, Stage.SHADOW, Stage.CHALLENGER)
    champion(found.store, first)
    champion(found.store, second)
    return found


def _report(folder: LogFolder) -> Report:
    return folder.verification()


def _forged(folder: LogFolder, *statements: str) -> list[str]:
    """What is found after some statements of someone who first removes the triggers."""
    with folder.store._engine.begin() as connection:
        laws = connection.execute(text("SELECT name FROM sqlite_master WHERE type = 'trigger'")).scalars().all()
        for name in laws:
            connection.execute(text(f"DROP TRIGGER {name}"))
        for statement in statements:
            connection.execute(text(statement))
    return [f"{found.place}: {found.what}" for found in _report(folder).findings]


def test_an_honest_registry_is_intact_and_counted(folder: LogFolder) -> None:
    report = _report(folder)
    assert report.findings == ()
    assert (report.counts["registry rows"], report.counts["trials"]) == (2 + 2 + 6, 3)


@pytest.mark.parametrize(
    ("statement", "want"),
    [
        ("UPDATE model_versions SET n_trials = 2 WHERE version = 1", "differs from what the entries say in n_trials"),
        ("DELETE FROM model_versions WHERE version = 2", "the entries say there is one"),
        ("UPDATE model_evidence SET value = 0.5 WHERE version = 1 AND name = 'dsr_frac'", "differs .* in value"),
        ("INSERT INTO model_evidence VALUES ('meta-label', 1, 'extra', 1.0)", "that no entry says"),
        ("UPDATE model_stages SET stage = 'retired' WHERE version = 2", "differs .* in stage"),
        ("UPDATE trials SET settings = x'00' WHERE number = 2", "trials meta-label 2: does not fit its chain"),
        ("DELETE FROM trials WHERE number = 2", "trials meta-label 3: follows trial 1: some were taken out"),
        ("DELETE FROM trials WHERE number = 3", "trials meta-label 3: is missing, meta-label v. rests on it"),
    ],
)
def test_a_row_that_was_changed_is_found(folder: LogFolder, statement: str, want: str) -> None:
    assert any(re.search(want, found) for found in _forged(folder, statement))


def test_a_run_that_names_another_champion_than_there_was_is_found(folder: LogFolder) -> None:
    named = {FAMILY: digest("another")}
    with folder.store.transaction() as transaction:
        transaction.append(Entry(EntryKind.PLAN, ORIGIN, NOON, NOON, {"champions": named}))
    (found,) = _report(folder).findings
    assert "names champions meta-label" in found.what


def test_a_run_that_names_the_champion_is_no_finding(folder: LogFolder) -> None:
    with folder.store.transaction() as transaction:
        named = {row.family: row.model_digest for row in transaction.registry.champions()}
        transaction.append(Entry(EntryKind.PLAN, ORIGIN, NOON, NOON, {"champions": named}))
    assert _report(folder).is_intact
