"""What entries about policies come to."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from api.use_cases.policy_log import PolicyEvent, PolicyLog, ProposalState
from nodes.vocabulary.errors import Fault

AT = datetime(2026, 11, 23, tzinfo=UTC)
A, B, C = (bytes([digit]) * 32 for digit in (1, 2, 3))


def event(kind: str, sequence: int, policy_digest: bytes, **facts: Any) -> PolicyEvent:
    known = {"policy_digest": policy_digest, "policy": "us-equities", "version": policy_digest[0]}
    return PolicyEvent(kind, sequence, b"", AT, {**known, **facts})


def proposal(sequence: int, policy_digest: bytes, supersedes: bytes = A, *, is_approved: bool = False) -> PolicyEvent:
    facts = {"supersedes": supersedes, "is_approved": is_approved, "effective_from": AT, "principal": "ann"}
    return event("proposal", sequence, policy_digest, **facts)


@pytest.mark.parametrize(
    ("later", "states"),
    [
        ((), [ProposalState.OPEN]),
        ((proposal(3, B, is_approved=True),), [ProposalState.SCHEDULED]),
        ((event("withdrawal", 3, B),), []),
        ((event("activation", 3, B),), []),
        ((event("activation", 3, C),), [ProposalState.OUTDATED]),
        ((event("withdrawal", 3, B), proposal(4, B)), [ProposalState.OPEN]),
    ],
)
def test_a_proposal_waits_until_something_is_said_of_it(later: tuple[PolicyEvent, ...], states: list[Any]) -> None:
    log = PolicyLog((event("activation", 1, A), proposal(2, B), *later))
    assert [waiting.state for waiting in log.proposals] == states


def test_the_newest_activation_is_active_and_the_largest_version_is_kept() -> None:
    log = PolicyLog((event("activation", 1, A), event("activation", 2, C), event("activation", 3, A)))
    assert log.active is not None
    assert (log.active.sequence, log.newest_version) == (3, 3)
    assert log.activation(A) == log.active
    assert log.activation(B) is None
    assert PolicyLog(()).active is None
    assert PolicyLog(()).newest_version == 0


def test_a_fault_is_found_by_the_bytes_that_it_refused() -> None:
    fault = Fault("v2.yaml", 3, 1, "wrong", "mend it")
    facts = {"content_digest": B, "file": "v2.yaml", "faults": (("v2.yaml", 3, 1, "wrong", "mend it"),)}
    refused = PolicyEvent("policy-fault", 2, b"", AT, facts)
    log = PolicyLog((event("activation", 1, A), refused))
    assert log.fault(B) == refused
    assert log.fault(C) is None
    assert (refused.name, refused.policy_digest, refused.faults) == ("v2.yaml", b"", (fault,))
