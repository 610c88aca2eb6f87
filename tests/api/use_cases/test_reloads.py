"""How a service takes up policies, unless it is told otherwise."""

from __future__ import annotations

from api.use_cases.candidates import tried
from api.use_cases.reloads import CandidateOutcome, CandidateState, Reloads, Source


def test_a_service_tries_here_directly_and_tells_nobody_unless_it_is_told_otherwise() -> None:
    reloads = Reloads()
    assert (reloads.tried, reloads.mode, reloads.folder) == (tried, "direct", None)
    reloads.warm()
    reloads.told(CandidateOutcome(CandidateState.ACTIVE, "v1.yaml"), Source.WATCH)


def test_the_mode_has_a_name() -> None:
    assert Reloads(is_approved_mode=True).mode == "approved"


def test_what_somebody_says_of_a_proposal_may_come_while_a_candidate_is_handled() -> None:
    """The lock is one that its holder may take again: being told may lead to a question of the same thread."""
    reloads = Reloads()
    with reloads.lock, reloads.lock:
        assert reloads.lock.acquire(blocking=False)
        reloads.lock.release()
