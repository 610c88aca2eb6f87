"""What may be dropped, and what holds keep (SGN-08)."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest

from governance.entries import Entry, EntryKind
from governance.retention import (
    RELEASED,
    Hold,
    droppings,
    due_bodies,
    holds,
    manifest_bytes,
    manifest_refs,
    still_due,
)
from nodes.vocabulary.errors import LogError
from policies.retention import shipped_retention_policy
from tests.governance.examples import ORIGIN
from tests.governance.retention_examples import NOW, OLD, SHARED, aged, dropped, hold_entry, traces

POLICY = shipped_retention_policy()


def test_what_only_old_decisions_name_is_due_and_what_new_ones_share_is_not(tmp_path: Path) -> None:
    folder = aged(tmp_path)
    with folder.store.reader() as reader:
        due = due_bodies(reader, POLICY, NOW)
    assert tuple(due.refs) == traces(folder, range(4))
    assert due.n_held == 0


def test_what_an_entry_without_a_rule_names_is_kept(tmp_path: Path) -> None:
    folder = aged(tmp_path)
    (first, *_) = traces(folder, [0])
    with folder.store.transaction() as transaction:
        transaction.append(Entry(EntryKind.INCIDENT, ORIGIN, NOW, NOW, {"incident_id": "inc-1"}, (first,)))
    with folder.store.reader() as reader:
        assert first not in due_bodies(reader, POLICY, NOW).refs


def test_a_hold_keeps_what_it_covers_until_it_is_released(tmp_path: Path) -> None:
    folder = aged(tmp_path)
    with folder.store.transaction() as transaction:
        transaction.append(hold_entry("hold-1", since=OLD, until=OLD + timedelta(days=2)))
    with folder.store.reader() as reader:
        due = due_bodies(reader, POLICY, NOW)
        assert (tuple(due.refs), due.n_held) == (traces(folder, (2, 3)), 2)
    with folder.store.transaction() as transaction:
        transaction.append(hold_entry("hold-1", RELEASED, principal="judge"))
    with folder.store.reader() as reader:
        assert len(due_bodies(reader, POLICY, NOW).refs) == 4
        (hold,) = holds(reader)
    assert (hold.released_by, hold.sequence, hold.released_sequence) == ("judge", 6, 7)
    assert not hold.is_in_force(8)


def test_what_was_dropped_is_due_no_longer(tmp_path: Path) -> None:
    folder = aged(tmp_path)
    dropped(folder, traces(folder, range(2)))
    with folder.store.reader() as reader:
        assert tuple(due_bodies(reader, POLICY, NOW).refs) == traces(folder, (2, 3))
        assert [each.sequence for each in droppings(reader)] == [6]


@pytest.mark.parametrize(
    ("account_id", "facts", "is_covered"),
    [("", {"account_id": "one"}, True), ("one", {"account_id": "one"}, True), ("one", {"account_id": "two"}, False),
     ("one", {}, True)],
)  # fmt: skip
def test_a_hold_covers_an_account_and_what_is_of_none(
    account_id: str, facts: dict[str, str], is_covered: object
) -> None:
    hold = Hold("h", "letter", "counsel", account_id, None, None, 0)
    assert hold.covers(facts, NOW) is is_covered


def test_entries_that_came_meanwhile_may_keep_what_was_due(tmp_path: Path) -> None:
    folder = aged(tmp_path)
    with folder.store.reader() as reader:
        due = due_bodies(reader, POLICY, NOW)
        assert still_due(due, ())
        assert not still_due(due, reader.records(0, 1))
    with folder.store.transaction() as transaction:
        transaction.append(hold_entry("hold-1"))
    with folder.store.reader() as reader:
        assert not still_due(due, reader.records(6, 7))


def test_bodies_are_dropped_only_behind_the_entry_that_says_so(tmp_path: Path) -> None:
    folder = aged(tmp_path)
    with (
        pytest.raises(LogError, match="append a RETENTION entry just before"),
        folder.store.transaction() as transaction,
    ):
        transaction.drop_bodies(traces(folder, [0]))
    with folder.store.reader() as reader:
        assert reader.stored_body(traces(folder, [0])[0]) is not None


def test_what_was_dropped_is_stored_anew_when_it_comes_again(tmp_path: Path) -> None:
    """This process forgets that it was stored."""
    folder = aged(tmp_path)
    (ref,) = traces(folder, [0])
    dropped(folder, [ref])
    with folder.store.transaction() as transaction:
        again = transaction.put_body(b"trace 0 " * 20)
        transaction.append(Entry(EntryKind.INCIDENT, ORIGIN, NOW, NOW, {"incident_id": "inc-1"}, (again,)))
    assert again == ref
    with folder.store.reader() as reader:
        assert reader.body(ref) == b"trace 0 " * 20
        assert reader.body(reader.records(0, 1)[0].entry.bodies[1]) == SHARED


@pytest.mark.parametrize("content", [b"nothing", manifest_bytes([])[:-1], b""])
def test_a_manifest_that_is_none_is_refused(content: bytes) -> None:
    with pytest.raises(LogError, match="are no list of what was dropped"):
        manifest_refs(content)
