"""Executions of a log are known by their ExecID, those that come later too."""

from __future__ import annotations

from pathlib import Path

import pytest

from adapters.log_folder import LogFolder
from api.use_cases import known_executions
from api.use_cases.known_executions import BY_HAND, KnownExecutions
from governance.entries import Entry, EntryKind
from tests.governance.examples import NOON, ORIGIN, filled


def told(folder: LogFolder, kind: EntryKind, exec_id: str, decision: int) -> None:
    facts = {"decision_id": decision.to_bytes(32, "big"), "exec_id": exec_id}
    with folder.store.transaction() as transaction:
        transaction.append(Entry(kind, ORIGIN, NOON, NOON, facts))


def known(folder: LogFolder, executions: KnownExecutions, exec_id: str) -> int | bytes | None:
    with folder.store.reader() as reader:
        found = executions.decision_of(reader, exec_id)
    return found if not found else int.from_bytes(found, "big")


def test_executions_are_known_once_they_are_in_the_log(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(known_executions, "_PAGE", 2)
    folder, executions = filled(tmp_path, 3), KnownExecutions()
    for number in range(5):
        told(folder, EntryKind.FILL, f"x{number}", 1)
    assert [known(folder, executions, name) for name in ("x0", "x4", "x5")] == [1, 1, None]
    told(folder, EntryKind.CORRECTION, "x5", 2)
    told(folder, EntryKind.EXPIRY, "x6", 2)
    told(folder, EntryKind.JOURNAL, "x7", 3)
    told(folder, EntryKind.JOURNAL, "", 3)
    assert [known(folder, executions, name) for name in ("x0", "x5", "x6", "x7", "")] == [1, 2, None, BY_HAND, None]
