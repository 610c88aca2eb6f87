"""The kill switch is an entry with a reason, and it holds until it is released."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path

from adapters.log_folder import LogFolder
from api.bootstrap import log_to_write
from api.use_cases.kill_switch import KillSwitchRequest, kill_switch_set
from governance.entries import EntryKind
from nodes.journal.account import AccountState, account_from_bytes
from tests.api.use_cases.homes import copied_home, entries, home_settings

NOW = datetime(2030, 1, 1, tzinfo=UTC)


def _request(*, is_engaged: bool, account_id: str = "demo") -> KillSwitchRequest:
    return KillSwitchRequest(account_id, is_engaged, "risk", "feed looks wrong", Decimal(1_000_000), NOW)


def _account(folder: LogFolder, account_id: str = "demo") -> AccountState:
    with folder.store.reader() as reader:
        row = reader.account(account_id)
    assert row is not None
    return account_from_bytes(row.content)


def test_setting_the_switch_is_one_entry_and_a_new_state(ran: Path, tmp_path: Path) -> None:
    with log_to_write(home_settings(copied_home(ran, tmp_path / "home"))) as folder:
        assert kill_switch_set(folder.store, _request(is_engaged=True))
        (entry,) = entries(folder.store, EntryKind.KILL_SWITCH)
        assert _account(folder).kill_switch_is_engaged
        assert folder.verification().is_intact
    assert (entry.facts["principal"], entry.facts["reason"]) == ("risk", "feed looks wrong")


def test_releasing_the_switch_is_a_second_entry(ran: Path, tmp_path: Path) -> None:
    with log_to_write(home_settings(copied_home(ran, tmp_path / "home"))) as folder:
        kill_switch_set(folder.store, _request(is_engaged=True))
        kill_switch_set(folder.store, _request(is_engaged=False))
        assert len(entries(folder.store, EntryKind.KILL_SWITCH)) == 2
        assert not _account(folder).kill_switch_is_engaged


def test_a_switch_that_stands_so_already_leaves_no_entry(ran: Path, tmp_path: Path) -> None:
    with log_to_write(home_settings(copied_home(ran, tmp_path / "home"))) as folder:
        assert not kill_switch_set(folder.store, _request(is_engaged=False))
        assert entries(folder.store, EntryKind.KILL_SWITCH) == []


def test_an_account_can_be_stopped_before_it_ever_traded(tmp_path: Path) -> None:
    with log_to_write(home_settings(tmp_path / "home")) as folder:
        kill_switch_set(folder.store, _request(is_engaged=True, account_id="new"))
        assert _account(folder, "new").kill_switch_is_engaged
