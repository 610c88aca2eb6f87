"""Rows: what an entry's row gives back, and seals."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from governance.rows import Record, seal
from nodes.vocabulary.errors import LogError
from tests.governance.examples import decision

_COLUMNS = st.tuples(st.text(max_size=3), st.binary(max_size=3), st.integers(0, 3))


def _record(data: bytes) -> Record:
    return Record(0, bytes(32), "decision", 0, 0, None, data, bytes(32))


def test_a_row_gives_back_its_entry() -> None:
    assert _record(decision(4).data).entry == decision(4)


def test_a_row_whose_bytes_are_no_entry_says_so() -> None:
    with pytest.raises(LogError, match="are no log entry"):
        _ = _record(b"rot").entry


@given(_COLUMNS, _COLUMNS)
def test_rows_share_a_seal_only_when_every_column_is_equal(one: tuple[object, ...], other: tuple[object, ...]) -> None:
    assert (seal("accounts", one) == seal("accounts", other)) == (one == other)


def test_equal_columns_of_two_tables_have_different_seals() -> None:
    assert seal("accounts", ("desk",)) != seal("answers", ("desk",))


def test_the_seal_is_frozen() -> None:
    """Every stored row carries one: a change here makes all of them findings."""
    assert (
        seal("accounts", ("desk", b"state")).hex() == "ec1ca5becceb8150f6e7a451adef2211d01f95f56136c7dd3fbd6c52feddab32"
    )
