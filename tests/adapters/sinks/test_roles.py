"""Restatements are out of training's reach, whatever it asks: the database refuses."""

from __future__ import annotations

from pathlib import Path

import pytest
from sqlalchemy import Engine, text
from sqlalchemy.exc import ProgrammingError

from adapters.lake.domains.registry import DOMAINS
from adapters.sinks.roles import ANALYST, TRAINING
from tests.adapters.sinks.databases import PRINTED, RESTATED, filled, rows

pytestmark = pytest.mark.slow


def test_training_cannot_read_a_restatement(tmp_path: Path, database: Engine) -> None:
    """PIT-04: the database refuses it, whatever the query."""
    filled(tmp_path, database)
    assert rows(database, PRINTED, TRAINING) == [("a", 39.0), ("b", 5.0)]
    for query in (
        RESTATED,
        "TABLE restated.assets",
        f"{PRINTED.split(' ORDER', maxsplit=1)[0]} UNION {RESTATED.split(' ORDER', maxsplit=1)[0]}",
    ):
        with pytest.raises(ProgrammingError, match="permission denied for schema restated"):
            rows(database, query, TRAINING)


@pytest.mark.parametrize(
    "statement",
    [
        "GRANT USAGE ON SCHEMA restated TO assay_training",
        "SET LOCAL ROLE assay_analyst",
        "DELETE FROM first_print.assets",
    ],
)
def test_training_can_neither_widen_its_rights_nor_write(tmp_path: Path, database: Engine, statement: str) -> None:
    filled(tmp_path, database)
    with database.begin() as connection:
        connection.execute(text("DROP ROLE IF EXISTS assay_trainer_of_the_test"))
        connection.execute(text("CREATE ROLE assay_trainer_of_the_test NOLOGIN IN ROLE assay_training"))
    with database.connect() as connection:
        connection.execute(text("SET SESSION AUTHORIZATION assay_trainer_of_the_test"))
        with pytest.raises(ProgrammingError, match=r"permission denied|no privileges"):
            connection.execute(text(statement))
        connection.invalidate()


def test_analysts_read_both(tmp_path: Path, database: Engine) -> None:
    filled(tmp_path, database)
    assert rows(database, RESTATED, ANALYST) == [("a", 36.0)]


def test_domain_that_is_added_later_is_out_of_trainings_reach_too(tmp_path: Path, database: Engine) -> None:
    filled(tmp_path, database).prepared([DOMAINS["fundamentals"]])
    assert rows(database, "SELECT * FROM first_print.fundamentals", TRAINING) == []
    with pytest.raises(ProgrammingError, match="permission denied"):
        rows(database, "SELECT * FROM restated.fundamentals", TRAINING)
