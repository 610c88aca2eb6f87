"""What the database itself refuses of the model registry, asked in raw SQL and on every database that is supported."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from sqlalchemy import create_engine, make_url, text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.schema import DropSchema

from adapters.sql.postgres import DRIVER, postgres_log, schema_name
from adapters.sql.sqlite import sqlite_log
from adapters.sql.store import SqlLog
from governance.models import ModelRow
from tests.governance.examples import ORIGIN
from tests.governance.model_examples import GOOD, champion, model, stage

Kept = tuple[SqlLog, ModelRow, ModelRow]
"""A log with a version that has all figures, and one that lacks one of them."""
_COLUMNS = ("spa_p_frac", "dsr_frac", "pbo_frac", "n_trials", "trials_digest", "card_ref", "memo_ref")


@pytest.fixture(scope="module", params=["sqlite", pytest.param("postgresql", marks=pytest.mark.slow)])
def kept(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Kept]:
    """One log in each database: every test here asks for what is refused, so that nothing in it changes."""
    if request.param == "sqlite":
        log = sqlite_log(tmp_path_factory.mktemp("registry") / "log.db", ORIGIN)
    else:
        url = request.getfixturevalue("postgres_server")
        engine = create_engine(make_url(url).set(drivername=DRIVER))
        with engine.begin() as connection:
            connection.execute(DropSchema(schema_name(ORIGIN), cascade=True, if_exists=True))
        engine.dispose()
        log = postgres_log(url, ORIGIN)
    yield log, model(log), model(log, 2, {"spa_p_frac": 0.01, "dsr_frac": 0.97})
    log.close()


def _crown(log: SqlLog, of: ModelRow, **changes: object) -> None:
    """An UPDATE past all our code that makes a version champion."""
    values: dict[str, object] = {
        **GOOD,
        "n_trials": of.n_trials,
        "trials_digest": of.trials_digest,
        "card_ref": b"card",
        "memo_ref": b"memo",
        **changes,
    }
    assignments = ", ".join(f"{name} = :{name}" for name in values)
    sql = f"UPDATE model_stages SET stage = 'champion', {assignments} WHERE version = :version"  # noqa: S608  # our names
    with log._engine.begin() as connection:
        connection.execute(text(sql), {**values, "version": of.version})


def _run(log: SqlLog, sql: str) -> None:
    with log._engine.begin() as connection:
        connection.execute(text(sql))


def test_a_complete_champion_is_let_in_by_the_database(any_log: SqlLog) -> None:
    found = model(any_log)
    _crown(any_log, found)
    assert stage(any_log, found).stage == "champion"


@pytest.mark.parametrize("name", _COLUMNS)
def test_no_champion_is_let_in_without_figures_ledger_and_papers(kept: Kept, name: str) -> None:
    """SIG-05, GOV-01: not by our code, by the database."""
    log, found, _ = kept
    with pytest.raises(DBAPIError, match=r"(?i)champion"):
        _crown(log, found, **{name: None})
    assert stage(log, found).stage == "candidate"


@pytest.mark.parametrize(
    "changes",
    [
        {"spa_p_frac": 0.001},
        {"dsr_frac": 0.999},
        {"pbo_frac": 0.0},
        {"n_trials": 2},
        {"trials_digest": b"x" * 32},
    ],
    ids=lambda changes: next(iter(changes)),
)
def test_no_champion_is_let_in_with_figures_that_are_not_its_own(kept: Kept, changes: dict[str, object]) -> None:
    log, found, _ = kept
    with pytest.raises(DBAPIError, match="a champion needs SPA, DSR, PBO and trial count"):
        _crown(log, found, **changes)


def test_a_version_without_one_of_the_figures_can_never_be_champion(kept: Kept) -> None:
    log, _, lacking = kept
    with pytest.raises(DBAPIError, match="a champion needs SPA, DSR, PBO"):
        _crown(log, lacking)


@pytest.mark.parametrize(
    "sql",
    [
        "UPDATE trials SET study = 'another'",
        "DELETE FROM trials WHERE number = 1",
        "UPDATE model_versions SET n_trials = 1",
        "DELETE FROM model_versions",
        "UPDATE model_evidence SET value = 0.0",
        "DELETE FROM model_evidence",
        "DELETE FROM model_stages",
    ],
)
def test_nothing_that_was_written_is_changed_or_removed(kept: Kept, sql: str) -> None:
    with pytest.raises(DBAPIError, match=r"only ever added|never removed"):
        _run(kept[0], sql)


def test_a_version_needs_the_ledger_that_counted_its_trials(kept: Kept) -> None:
    digests = "artefact_digest, artefact_ref, data_digest, code_digest, policy_digest, trials_digest"
    copied = f"family, 9, data_digest, {digests}, 1, features, evidence_digest, evidence_ref, 0, 0"
    with pytest.raises(DBAPIError, match="needs the trial ledger"):
        _run(kept[0], f"INSERT INTO model_versions SELECT {copied} FROM model_versions WHERE version = 1")  # noqa: S608


def test_there_is_one_champion_a_family(any_log: SqlLog) -> None:
    first, second = model(any_log, 1), model(any_log, 2)
    champion(any_log, first)
    with pytest.raises(DBAPIError, match=r"(?i)unique"):
        _crown(any_log, second)


@pytest.mark.parametrize("value", ["1.5", "-0.1"])
def test_a_fraction_outside_its_range_is_refused(kept: Kept, value: str) -> None:
    row = f"('meta-label', 9, 'dsr_frac', {value})"
    with pytest.raises(DBAPIError, match="ck_model_evidence_fractions"):
        _run(kept[0], f"INSERT INTO model_evidence VALUES {row}")  # noqa: S608  # our values
