"""Retention at work: dropped by rule with a copy kept, held back, and verified (SGN-08, GOVC-01)."""

from __future__ import annotations

import hashlib
import zipfile
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from adapters.log_folder import LogFolder
from api.use_cases import retention
from api.use_cases.retention import (
    HoldRequest,
    RetentionDesk,
    dropped,
    placed_hold,
    released_hold,
    retention_state,
)
from nodes.vocabulary.errors import EdgeError
from tests.governance.retention_examples import NOW, OLD, aged, report, traces


@pytest.fixture
def folder(tmp_path: Path) -> LogFolder:
    return aged(tmp_path / "home")


def desk_of(folder: LogFolder, now: datetime = NOW) -> RetentionDesk:
    return RetentionDesk(folder.store, lambda: now)


def test_what_is_due_goes_once_and_the_log_still_verifies(folder: LogFolder) -> None:
    desk = desk_of(folder)
    assert (retention_state(desk).n_due, retention_state(desk).n_held) == (4, 0)
    assert dropped(desk, "ops") == (6,)
    assert dropped(desk, "ops") == (), "nothing is due twice"
    found = report(folder)
    assert (found.findings, found.counts["bodies dropped by rule"]) == ((), 4)
    assert retention_state(desk).droppings == ((6, NOW, 4),)
    with folder.store.reader() as reader:
        assert reader.records(6, 7)[0].entry.facts["principal"] == "ops"
        assert reader.stored_body(traces(folder, [4])[0]) is not None


def test_a_copy_holds_every_byte_that_went(folder: LogFolder, tmp_path: Path) -> None:
    copy = tmp_path / "copy.zip"
    refs = {ref.hex() for ref in traces(folder, range(4))}
    dropped(desk_of(folder), "ops", copy)
    with zipfile.ZipFile(copy) as archive:
        bodies = {name.removeprefix("bodies/"): archive.read(name) for name in archive.namelist() if "bodies/" in name}
        assert {name for name in archive.namelist() if "entries/" in name} == {f"entries/{n}" for n in range(4)}
    assert bodies.keys() == refs
    assert all(hashlib.sha256(stored).hexdigest() == ref for ref, stored in bodies.items())


def test_without_its_copy_nothing_goes(folder: LogFolder, tmp_path: Path) -> None:
    (tmp_path / "copy.zip").write_bytes(b"of last year")
    with pytest.raises(EdgeError, match="cannot be written: File exists; name another file: nothing was dropped"):
        dropped(desk_of(folder), "ops", tmp_path / "copy.zip")
    assert retention_state(desk_of(folder)).n_due == 4


def test_a_hold_keeps_everything_until_it_is_released(folder: LogFolder) -> None:
    desk = desk_of(folder)
    hold = placed_hold(desk, HoldRequest("a letter from the regulator", "counsel"))
    assert dropped(desk, "ops") == ()
    state = retention_state(desk)
    assert (state.n_due, state.n_held, [each.hold_id for each in state.holds]) == (0, 4, [hold.hold_id])
    assert released_hold(desk, hold.hold_id, "the matter is closed", "counsel").released_by == "counsel"
    assert len(dropped(desk, "ops")) == 1
    assert report(folder).findings == ()


def test_a_hold_of_a_span_keeps_what_was_recorded_in_it(folder: LogFolder) -> None:
    desk = desk_of(folder)
    placed_hold(desk, HoldRequest("letter", "counsel", since=OLD, until=OLD + timedelta(hours=1)))
    dropped(desk, "ops")
    kept, gone = traces(folder, [0, 1])
    with folder.store.reader() as reader:
        assert reader.stored_body(kept) is not None
        assert reader.stored_body(gone) is None
    assert report(folder).findings == ()


def test_what_is_too_much_for_one_entry_goes_in_several(folder: LogFolder, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(retention, "MAX_AT_ONCE", 3)
    assert dropped(desk_of(folder), "ops") == (6, 7)
    assert report(folder).findings == ()


@pytest.mark.parametrize(
    ("request_", "words"),
    [
        (HoldRequest("", "counsel"), "no reason is given for the hold"),
        (HoldRequest("line\nfeed", "counsel"), "no reason is given for the hold"),
        (HoldRequest("letter", "counsel", since=NOW, until=NOW), "covers nothing"),
    ],
)
def test_a_hold_that_is_none_is_refused(folder: LogFolder, request_: HoldRequest, words: str) -> None:
    with pytest.raises(EdgeError, match=words):
        placed_hold(desk_of(folder), request_)


def test_only_a_hold_in_force_is_released(folder: LogFolder) -> None:
    desk = desk_of(folder)
    with pytest.raises(EdgeError, match="was never placed here"):
        released_hold(desk, "hold-0", "over", "counsel")
    hold = placed_hold(desk, HoldRequest("letter", "counsel"))
    released_hold(desk, hold.hold_id, "over", "counsel")
    with pytest.raises(EdgeError, match="was released by counsel, entry 7"):
        released_hold(desk, hold.hold_id, "over", "counsel")
