"""Verification accepts what was dropped by rule, and nothing else (SGN-08)."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

from governance.entries import Entry, EntryKind
from governance.retention import RELEASED
from policies.retention import SHIPPED
from tests.governance.examples import ORIGIN
from tests.governance.retention_examples import NOW, aged, dropped, hold_entry, report, traces


def findings(folder: object) -> list[str]:
    return [f"{each.place}: {each.what}" for each in report(folder).findings]  # type: ignore[arg-type]  # a log folder


def test_what_was_dropped_by_rule_is_accepted_and_counted(tmp_path: Path) -> None:
    folder = aged(tmp_path)
    dropped(folder, traces(folder, range(4)))
    found = report(folder)
    assert found.findings == ()
    assert found.counts["bodies dropped by rule"] == 4


def test_a_body_that_is_missing_beside_those_is_found(tmp_path: Path) -> None:
    folder = aged(tmp_path)
    dropped(folder, traces(folder, range(3)))
    with folder.store._engine.begin() as connection:
        connection.exec_driver_sql("DELETE FROM bodies WHERE ref = ?", (traces(folder, [3])[0],))
    (found,) = findings(folder)
    assert "is missing or cannot be read, entry 3 needs it" in found


def test_what_was_to_be_kept_for_longer_is_found(tmp_path: Path) -> None:
    folder = aged(tmp_path)
    dropped(folder, traces(folder, [0, 5]))
    (found,) = findings(folder)
    assert "entry 6 dropped it, but entry 5 was to keep it for longer" in found


def test_what_was_dropped_too_early_is_not_put_right_by_dropping_it_again(tmp_path: Path) -> None:
    folder = aged(tmp_path)
    dropped(folder, traces(folder, [5]))
    dropped(folder, traces(folder, [5]), at=NOW + timedelta(days=8 * 366))
    (found,) = findings(folder)
    assert "entry 6 dropped it, but entry 5 was to keep it for longer" in found


def test_what_a_hold_kept_is_found(tmp_path: Path) -> None:
    folder = aged(tmp_path)
    with folder.store.transaction() as transaction:
        transaction.append(hold_entry("hold-1"))
    dropped(folder, traces(folder, [0]))
    (found,) = findings(folder)
    assert "entry 7 dropped it, but hold hold-1 kept entry 0" in found


def test_what_a_hold_kept_until_it_was_released_is_accepted(tmp_path: Path) -> None:
    folder = aged(tmp_path)
    with folder.store.transaction() as transaction:
        transaction.append(hold_entry("hold-1"))
        transaction.append(hold_entry("hold-1", RELEASED))
    dropped(folder, traces(folder, [0]))
    with folder.store.transaction() as transaction:
        transaction.append(hold_entry("hold-2"))
    assert findings(folder) == []


def test_what_a_later_entry_names_again_must_be_there_again(tmp_path: Path) -> None:
    folder = aged(tmp_path)
    (ref,) = traces(folder, [0])
    dropped(folder, [ref])
    with folder.store.transaction() as transaction:
        transaction.put_body(b"trace 0 " * 20)
        transaction.append(Entry(EntryKind.INCIDENT, ORIGIN, NOW, NOW, {"incident_id": "inc-1"}, (ref,)))
    assert findings(folder) == []
    with folder.store._engine.begin() as connection:
        connection.exec_driver_sql("DELETE FROM bodies WHERE ref = ?", (ref,))
    (found,) = findings(folder)
    assert "is missing" in found


def test_a_policy_that_lets_everything_go_must_still_be_one(tmp_path: Path) -> None:
    folder = aged(tmp_path)
    lax = SHIPPED.read_bytes().replace(b"keep_years: 7", b"keep_years: 0")
    dropped(folder, traces(folder, [5]), lax)
    found = findings(folder)
    assert any("its retention policy cannot be read" in each for each in found)
    assert any("is missing" in each for each in found)


def test_an_entry_that_does_not_say_what_it_dropped_is_found(tmp_path: Path) -> None:
    folder = aged(tmp_path)
    with folder.store.transaction() as transaction:
        transaction.append(Entry(EntryKind.RETENTION, ORIGIN, NOW, NOW, {"principal": "ops"}))
    (found,) = findings(folder)
    assert "names neither a policy nor what it dropped" in found


def test_a_list_of_what_was_dropped_that_is_none_is_found(tmp_path: Path) -> None:
    folder = aged(tmp_path)
    with folder.store.transaction() as transaction:
        policy, manifest = transaction.put_body(SHIPPED.read_bytes()), transaction.put_body(b"no list")
        facts = {"policy_ref": policy, "manifest_ref": manifest}
        transaction.append(Entry(EntryKind.RETENTION, ORIGIN, NOW, NOW, facts, (policy, manifest)))
    (found,) = findings(folder)
    assert "what it dropped cannot be read" in found


def test_a_flipped_bit_is_still_found_after_something_was_dropped(tmp_path: Path) -> None:
    folder = aged(tmp_path)
    dropped(folder, traces(folder, range(4)))
    (ref,) = traces(folder, [5])
    with folder.store._engine.begin() as connection:
        connection.exec_driver_sql("UPDATE bodies SET stored = x'00' WHERE ref = ?", (ref,))
    (found,) = findings(folder)
    assert "do not hash to its ref" in found
