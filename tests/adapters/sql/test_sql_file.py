"""A small file beside the log: made with its folder, all of a change or nothing, faults that name the file."""

from __future__ import annotations

from pathlib import Path

import pytest
from sqlalchemy import Column, Integer, MetaData, Table, insert, select

from adapters.sql.sql_file import SqlFile
from nodes.vocabulary.errors import AssayError

TABLES = MetaData()
NUMBERS = Table("numbers", TABLES, Column("number", Integer, primary_key=True))


def numbers(place: Path) -> list[int]:
    with SqlFile(place, TABLES) as found, found._reading() as connection:
        return list(connection.execute(select(NUMBERS.c.number)).scalars())


def test_what_was_written_is_there_when_the_file_is_opened_again(tmp_path: Path) -> None:
    place = tmp_path / "new" / "numbers.db"
    with SqlFile(place, TABLES) as found, found._writing() as connection:
        connection.execute(insert(NUMBERS).values(number=7))
    assert numbers(place) == [7]


def test_a_change_that_fails_leaves_nothing_of_itself(tmp_path: Path) -> None:
    place = tmp_path / "numbers.db"
    twice = [{"number": 7}, {"number": 7}]
    found = SqlFile(place, TABLES)
    with pytest.raises(AssayError, match=r"numbers\.db"), found._writing() as connection:
        connection.execute(insert(NUMBERS), twice)
    found.close()
    assert numbers(place) == []


def test_a_file_that_is_no_database_is_named(tmp_path: Path) -> None:
    place = tmp_path / "numbers.db"
    place.write_bytes(b"this is no database at all" * 100)
    with pytest.raises(AssayError, match=r"numbers\.db"):
        SqlFile(place, TABLES)
