"""Saving a file is all it takes: what is in the watched folder becomes active, waits or is refused (SGN-09)."""

from __future__ import annotations

import shutil
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from adapters.lake.lake import Lake
from adapters.watching import PolicyFolder
from api.bootstrap import open_service
from api.use_cases.candidates import CandidateFiles, Trial, tried
from api.use_cases.policy_folder import policies_taken_up, reread_folder
from api.use_cases.proposals import policy_status, rolled_back
from api.use_cases.reloads import CandidateState, Source
from api.use_cases.service import Service
from governance.entries import EntryKind
from nodes.vocabulary.errors import EdgeError
from policies.parse import parsed_policy, policy_digest
from tests.api.use_cases.homes import POLICY, entries, home_settings
from tests.api.use_cases.policies_at import CASES, NOW, active_digest, service_at, version


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    found = tmp_path / "policies"
    found.mkdir()
    shutil.copy(POLICY, found / "v1.yaml")
    (found / "v1.cases.yaml").write_bytes(CASES)
    return found


@pytest.fixture
def service(tmp_path: Path, lake: Lake, folder: Path) -> Iterator[Service]:
    with service_at(tmp_path / "home", lake, folder=PolicyFolder(folder)) as opened:
        yield opened


def save(folder: Path, name: str, text: bytes, cases: bytes | None = CASES) -> None:
    """Save cases, then the policy, by a rename as good editors do."""
    if cases is not None:
        (folder / f"{name}.cases.yaml").write_bytes(cases)
    (folder / ".saved").write_bytes(text)
    (folder / ".saved").replace(folder / f"{name}.yaml")


def until(is_true: Callable[[], bool], patience_s: float = 60.0) -> float:
    started_s = time.monotonic()
    while not is_true():
        assert time.monotonic() - started_s < patience_s
        time.sleep(0.05)
    return time.monotonic() - started_s


def n_entries(service: Service, kind: EntryKind) -> int:
    return len(entries(service.store, kind))


def running(service: Service) -> int:
    return int(policy_status(service).active.facts["version"])


def test_a_saved_version_is_active_within_a_second_by_way_of_a_child_process(
    tmp_path: Path, lake: Lake, folder: Path
) -> None:
    """The real thing: inotify, the child process, the append. The machine may be busy, so one of ten is enough."""
    settings = home_settings(tmp_path / "home", origin="paper", policy_folder=folder)
    with open_service(settings, lake=lake) as opened:
        service = replace(opened, clock=lambda: NOW)
        with policies_taken_up(service):
            (folder / "v2.yaml").write_bytes(b"warm: the first answer waits for the child to load\n")
            until(lambda: n_entries(service, EntryKind.POLICY_FAULT) == 1, 60)
            took_s: list[float] = []
            for number in range(2, 12):
                if took_s and min(took_s) < 1.0:
                    break
                save(folder, f"v{number}", version(number, active_digest_in_log(service)))
                took_s.append(until(lambda wanted=number: running(service) == wanted))  # type: ignore[misc]  # a default
        assert min(took_s) < 1.0


def active_digest_in_log(service: Service) -> bytes:
    return policy_status(service).active.policy_digest


def test_a_broken_file_changes_nothing_and_its_mending_is_taken_up(service: Service, folder: Path) -> None:
    good = version(2, active_digest(service))
    with policies_taken_up(service):
        save(folder, "v2", good.replace(b"then: review", b"then: reveiw"))
        until(lambda: n_entries(service, EntryKind.POLICY_FAULT) == 1)
        assert running(service) == 1
        save(folder, "v2", good)
        until(lambda: running(service) == 2)
    assert n_entries(service, EntryKind.POLICY_FAULT) == 1


def test_a_file_that_is_being_written_is_no_fault(service: Service, folder: Path) -> None:
    text = version(2, active_digest(service))
    (folder / "v2.cases.yaml").write_bytes(CASES)
    with policies_taken_up(service), (folder / "v2.yaml").open("wb") as stream:
        stream.write(text[:3000])
        stream.flush()
        time.sleep(0.2)
        stream.write(text[3000:])
        stream.flush()
        until(lambda: running(service) == 2)
    assert n_entries(service, EntryKind.POLICY_FAULT) == 0


def test_what_nobody_foresaw_does_not_end_the_watch(service: Service, folder: Path) -> None:
    is_ill = [True]

    def tried_or_ill(files: CandidateFiles) -> Trial:
        if is_ill[0]:
            raise ZeroDivisionError
        return tried(files)

    ailing = replace(service, reloads=replace(service.reloads, tried=tried_or_ill))
    with policies_taken_up(ailing):
        save(folder, "v2", version(2, active_digest(service)))
        until(lambda: "ZeroDivisionError" in ailing.taking_up.complaint)
        is_ill[0] = False
        until(lambda: running(service) == 2)
        until(lambda: not ailing.taking_up.complaint)


def test_cases_that_come_after_the_policy_let_it_in(service: Service, folder: Path) -> None:
    with policies_taken_up(service):
        save(folder, "v2", version(2, active_digest(service)), cases=None)
        until(lambda: n_entries(service, EntryKind.POLICY_FAULT) == 1)
        (folder / "v2.cases.yaml").write_bytes(CASES)
        until(lambda: running(service) == 2)


def test_a_version_that_waited_for_the_one_before_follows_it(service: Service, folder: Path) -> None:
    second = version(2, active_digest(service))
    with policies_taken_up(service):
        save(folder, "v3", version(3, policy_digest(parsed_policy(second, "v2.yaml").policy)))
        until(lambda: n_entries(service, EntryKind.POLICY_FAULT) == 1)
        save(folder, "v2", second)
        until(lambda: running(service) == 3)


def test_an_edit_of_the_active_file_is_refused_and_seen(service: Service, folder: Path) -> None:
    with policies_taken_up(service):
        save(folder, "v1", POLICY.read_bytes().replace(b"owner: risk", b"owner: nobody"))
        until(lambda: n_entries(service, EntryKind.POLICY_FAULT) == 1)
    (fault,) = policy_status(service).faults[0].faults
    assert "write the change as version 2" in fault.mend
    assert running(service) == 1


def test_a_folder_that_vanishes_is_seen_and_taken_up_again_on_its_return(service: Service, folder: Path) -> None:
    with policies_taken_up(service):
        kept = folder.rename(folder.with_name("kept"))
        until(lambda: n_entries(service, EntryKind.POLICY_FAULT) == 1)
        assert "put it back, and it is watched again" in policy_status(service).faults[0].faults[0].mend
        save(kept, "v2", version(2, active_digest(service)))
        kept.rename(folder)
        until(lambda: running(service) == 2)


def test_a_link_out_of_the_folder_is_refused_and_seen(service: Service, folder: Path, tmp_path: Path) -> None:
    outside = tmp_path / "v2.yaml"
    outside.write_bytes(version(2, active_digest(service)))
    (folder / "v2.yaml").symlink_to(outside)
    with policies_taken_up(service):
        until(lambda: n_entries(service, EntryKind.POLICY_FAULT) == 1)
    assert "which is outside the folder" in policy_status(service).faults[0].faults[0].what
    assert running(service) == 1


def test_going_back_is_not_undone_by_the_file_that_is_still_there(service: Service, folder: Path) -> None:
    first = active_digest(service)
    with policies_taken_up(service):
        save(folder, "v2", version(2, first))
        until(lambda: running(service) == 2)
        rolled_back(service, first, "ann", "spreads widened")
        (folder / "v2.yaml").touch()
        time.sleep(1.5)
    assert running(service) == 1
    assert [outcome.state for outcome in reread_folder(service)] == [CandidateState.UNCHANGED] * 2


def test_a_scheduled_policy_becomes_active_while_the_folder_is_watched(service: Service) -> None:
    at = [NOW]
    timed = replace(service, clock=lambda: at[0])
    text = version(2, active_digest(service), ("effective_from: 2126-11-23", "effective_from: 2126-11-24"))
    folder = timed.reloads.folder
    assert folder is not None
    with policies_taken_up(timed):
        save(folder.path, "v2", text)
        until(lambda: n_entries(service, EntryKind.PROPOSAL) == 1)
        at[0] = datetime(2126, 11, 24, 14, 30, tzinfo=UTC)
        until(lambda: running(service) == 2)


def test_a_signal_or_a_person_rereads_the_folder_at_once(service: Service, folder: Path) -> None:
    save(folder, "v2", version(2, active_digest(service)))
    outcomes = reread_folder(service, "ann", Source.API)
    assert [outcome.state for outcome in outcomes] == [CandidateState.UNCHANGED, CandidateState.ACTIVE]
    assert entries(service.store, EntryKind.ACTIVATION)[-1].facts["principal"] == "ann"
    assert [outcome.state for outcome in reread_folder(service)] == [CandidateState.UNCHANGED]


def test_without_a_folder_there_is_nothing_to_reread(service: Service) -> None:
    with pytest.raises(EdgeError, match="no policy folder is watched here") as missing:
        reread_folder(replace(service, reloads=replace(service.reloads, folder=None)))
    assert missing.value.reason == "not-found"
