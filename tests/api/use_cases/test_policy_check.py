"""ENG-12: a policy that is being written is checked without a word in the log (UI-01: its editor shows each fault)."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from adapters.lake.lake import Lake
from api.use_cases.candidates import CandidateFiles
from api.use_cases.policy_check import PolicyCheck, policy_check
from api.use_cases.service import Service
from policies.diff import Direction
from policies.document import MAX_BYTES
from tests.api.use_cases.policies_at import CASES, active_digest, service_at, version


@pytest.fixture(scope="module")
def service(tmp_path_factory: pytest.TempPathFactory, lake: Lake) -> Iterator[Service]:
    with service_at(tmp_path_factory.mktemp("check") / "home", lake) as opened:
        yield opened


def checked(service: Service, text: bytes, cases: bytes | None = None) -> PolicyCheck:
    before = size(service)
    found = policy_check(service, CandidateFiles(text, "v2.yaml", cases, is_draft=True))
    assert size(service) == before
    return found


def size(service: Service) -> int:
    with service.store.reader() as reader:
        return reader.head().size


def test_a_sound_draft_has_no_fault_and_tells_what_it_changes(service: Service) -> None:
    tighter = ("max_order_shares: 5000", "max_order_shares: 4000")
    found = checked(service, version(2, active_digest(service), tighter))
    assert (found.is_sound, found.name, len(found.policy_digest)) == (True, "us-equities v2", 32)
    assert [change.direction for change in found.changes if change.part == "max_order_shares"] == [Direction.TIGHTER]


def test_a_case_that_is_answered_otherwise_is_a_fault(service: Service) -> None:
    tighter = ("max_order_shares: 5000", "max_order_shares: 4000")
    found = checked(service, version(2, active_digest(service), tighter), CASES)
    assert not found.is_sound
    assert (found.policy_digest, found.n_cases) == (b"", None)
    assert "v2.cases.yaml" in {fault.file for fault in found.faults}


def test_a_draft_without_cases_is_only_compiled(service: Service) -> None:
    found = checked(service, version(2, active_digest(service)))
    assert (found.is_sound, found.n_cases, len(found.policy_digest)) == (True, None, 32)


def test_cases_that_come_along_are_run_and_counted(service: Service) -> None:
    found = checked(service, version(2, active_digest(service)), CASES)
    assert found.is_sound
    assert found.n_cases == CASES.count(b"- note:")


def test_every_fault_is_told_at_once_with_its_place(service: Service) -> None:
    text = version(7, active_digest(service)).replace(b"participation_frac <=", b"participation_fraction <=")
    found = checked(service, text)
    whats = [fault.what for fault in found.faults]
    assert any("participation_fraction" in what for what in whats)
    assert any("version was 7, expected 2" in what for what in whats)
    assert all(fault.line > 0 and fault.mend for fault in found.faults)
    assert [fault.line for fault in found.faults] == sorted(fault.line for fault in found.faults)


@pytest.mark.parametrize("text", [b"", b"policy: [", b"\xff\xfe", b"rules: []", b"x" * (MAX_BYTES + 1)])
def test_a_text_that_is_no_policy_has_faults_and_no_identity(service: Service, text: bytes) -> None:
    found = checked(service, text)
    assert not found.is_sound
    assert (found.name, found.policy_digest, found.changes) == ("", b"", ())


def test_what_runs_is_sound_and_changes_nothing(service: Service) -> None:
    """Its white space may differ: a policy's identity is what it says."""
    with service.store.reader() as reader:
        text = reader.body(service.generations.current.refs.policy)
    found = checked(service, text + b"\n# a comment\n")
    assert (found.is_sound, found.changes, found.policy_digest) == (True, (), active_digest(service))
