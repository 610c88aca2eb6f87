"""An account is kept in parts that grow: it is read back whole, and writing it costs what is new in it."""

from __future__ import annotations

import pytest

from adapters.sql.sqlite import sqlite_log
from adapters.sql.store import SqlLog
from governance.accounts import AccountPart, AccountRow, account_change, whole_content
from governance.rows import account_digest
from nodes.vocabulary.chain import CHAIN_START, chained
from nodes.vocabulary.errors import LogError
from tests.governance.examples import ORIGIN, Parted, decision

_PARTS = [b"one", b"two", b"three"]


@pytest.fixture
def log(any_log: SqlLog) -> SqlLog:
    """An empty log."""
    return any_log


def _saved(log: SqlLog, number: int, state: Parted | bytes) -> None:
    with log.transaction() as transaction:
        transaction.append(decision(number))
        transaction.save_account("desk", state)


def _content(log: SqlLog) -> bytes:
    with log.reader() as reader:
        found = reader.account("desk")
        assert found is not None
        return found.content


@pytest.mark.parametrize(
    "states",
    [
        [_PARTS[:1], _PARTS],
        [_PARTS, _PARTS],
        [_PARTS, _PARTS[:1]],
        [_PARTS, []],
        [[], _PARTS],
        [_PARTS, [b"other", *_PARTS]],
        [_PARTS, [b"one", b"TWO", b"three", b"four"]],
    ],
)
def test_an_account_is_read_back_as_it_was_saved_last(log: SqlLog, states: list[list[bytes]]) -> None:
    for number, parts in enumerate(states):
        _saved(log, number, Parted(parts))
        assert _content(log) == bytes(Parted(parts))
    with log.reader() as reader:
        assert reader.n_account_parts() == len(states[-1])


def test_a_state_without_parts_replaces_one_that_has_some(log: SqlLog) -> None:
    _saved(log, 0, Parted(_PARTS))
    _saved(log, 1, b"plain")
    assert _content(log) == b"plain"


def test_only_parts_that_are_new_are_written() -> None:
    first = account_change("desk", Parted(_PARTS[:2]), None)
    assert [part.place for part in first.parts] == [0, 1]
    second = account_change("desk", Parted(_PARTS), first.row)
    assert (second.parts, second.n_kept, second.n_stale) == ((AccountPart("desk", 2, b"three"),), 2, 0)


def test_parts_that_changed_are_all_written_anew() -> None:
    first = account_change("desk", Parted(_PARTS), None)
    second = account_change("desk", Parted([b"two"]), first.row)
    assert (second.parts, second.n_kept, second.n_stale) == ((AccountPart("desk", 0, b"two"),), 0, 3)


def test_an_account_that_was_read_is_one_with_what_an_append_saw(log: SqlLog) -> None:
    _saved(log, 0, Parted(_PARTS))
    with log.transaction() as transaction:
        found = transaction.account("desk")
    assert found is not None
    assert account_digest(bytes(found)) == account_digest(_content(log))


def _row(chain: bytes, n_parts: int = 1) -> AccountRow:
    return AccountRow("desk", bytes(Parted([])), n_parts, chain)


@pytest.mark.parametrize(
    ("row", "parts", "words"),
    [
        (_row(chained([b"one"])), [], "account 'desk' should have 1 parts in order, has 0; restore"),
        (_row(chained([b"one"])), [AccountPart("desk", 1, b"one")], "should have 1 parts in order, has 1"),
        (_row(CHAIN_START), [AccountPart("desk", 0, b"one")], "account 'desk' has parts that its row does not know"),
        (_row(chained([b"one"])), [AccountPart("desk", 0, b"ONE")], "has parts that its row does not know; restore"),
        (_row(CHAIN_START, 0)._replace(n_parts=1), [AccountPart("desk", 0, 7)], "account 'desk' cannot be read"),  # type: ignore[arg-type]  # what a forger may store
    ],
)
def test_rows_that_do_not_fit_together_are_a_broken_log(row: AccountRow, parts: list[AccountPart], words: str) -> None:
    with pytest.raises(LogError, match=words):
        whole_content(row, parts)


def test_two_stores_of_one_log_see_each_others_accounts(tmp_path_factory: pytest.TempPathFactory) -> None:
    """What one remembers is good only while nobody else appends."""
    from_path = tmp_path_factory.mktemp("two") / "log.db"
    one, other = sqlite_log(from_path, ORIGIN), sqlite_log(from_path, ORIGIN)
    for number in range(3):
        store = (one, other)[number % 2]
        with store.transaction() as transaction:
            found = transaction.account("desk")
            assert (b"" if found is None else bytes(found)) == (b"" if number == 0 else bytes(Parted(_PARTS[:number])))
            transaction.append(decision(number))
            transaction.save_account("desk", Parted(_PARTS[: number + 1]))
    assert _content(one) == bytes(Parted(_PARTS))
    one.close()
    other.close()
