"""Statements over the driver's own cursor: parameters find their places, errors become ours."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial

import pytest
from sqlalchemy import bindparam, create_engine, insert, select

from adapters.sql.dialect import is_one_of
from adapters.sql.session import MAX_GROWN, Grown, Prepared, Session, prepared
from adapters.sql.tables import ACCOUNTS, ANSWERS, METADATA
from nodes.vocabulary.errors import EdgeError

_ENGINE = create_engine("sqlite://")
_ROWS = [("desk", str(number), b"request", b"decision", b"body", b"seal") for number in range(3)]
_INSERT = prepared(insert(ANSWERS), _ENGINE.dialect, ANSWERS.columns.keys())


@pytest.fixture
def session() -> Iterator[Session]:
    """An empty database in memory."""
    engine = create_engine("sqlite://")
    METADATA.create_all(engine)
    connection = engine.raw_connection()
    yield Session(connection, engine.dialect, "log.db")
    connection.close()
    engine.dispose()


def test_many_rows_go_in_by_the_order_of_their_columns(session: Session) -> None:
    session.insert(_INSERT, _ROWS)
    assert session.rows(prepared(select(ANSWERS), _ENGINE.dialect)) == _ROWS


@pytest.mark.parametrize("n_rows", [1, 2, MAX_GROWN - 1, MAX_GROWN, 2 * MAX_GROWN + 7])
def test_any_number_of_rows_goes_in_and_is_found_by_its_keys(session: Session, n_rows: int) -> None:
    rows = [("desk", f"{number:04}", b"request", b"decision", b"body", b"seal") for number in range(n_rows)]
    session.insert(_INSERT, rows)
    wanted = Grown(partial(_by_key))
    found = session.found(wanted, [(row[1],) for row in rows] + [("none",)])
    assert sorted(found) == [(row[1],) for row in rows]


def _by_key(n_keys: int) -> Prepared:
    return prepared(select(ANSWERS.c.key).where(is_one_of((ANSWERS.c.key,), n_keys)), _ENGINE.dialect)


def test_parameters_find_their_places_by_name(session: Session) -> None:
    session.insert(_INSERT, _ROWS)
    wanted = select(ANSWERS.c.key).where(ANSWERS.c.account_id == bindparam("who"), ANSWERS.c.key == bindparam("which"))
    assert session.rows(prepared(wanted, _ENGINE.dialect), which="1", who="desk") == [("1",)]


def test_an_update_says_how_many_rows_it_met(session: Session) -> None:
    statement = Prepared(str(ACCOUNTS.update().values(content=b"").compile(dialect=_ENGINE.dialect)), ("content",))
    assert session.n_changed(statement, content=b"new") == 0


def test_an_error_of_the_driver_leaves_as_ours(session: Session) -> None:
    with pytest.raises(EdgeError, match=r"log\.db: OperationalError: near .*; look at the database"):
        session.rows(Prepared("SELEC", ()))
