"""ENG-12: who is slower learns who was faster, when, and what that changed."""

from __future__ import annotations

import pytest

from api.http.policy_conditions import archived_text, matched_policy, policy_tag
from api.http.problems import RequestError
from tests.api.http.serving import Served


def test_the_present_state_is_matched_and_its_text_is_the_archived_one(home: Served) -> None:
    active = home.service.generations.current
    now = policy_tag(active.generation.policy_digest, active.sequence)
    event = matched_policy(home.service, now).log.active
    assert event is not None
    assert archived_text(home.service, event) == home.settings.policy.read_bytes()


@pytest.mark.parametrize(
    ("if_match", "reason"),
    [
        (None, "missing-condition"),
        ('"sha256:00"', "stale-condition"),
        (f'"sha256:{"7" * 64}"', "stale-condition"),
        (f'"sha256:{"7" * 64}-1"', "stale-condition"),
        (policy_tag(b"\x07" * 32, 10**17), "stale-condition"),
    ],
)
def test_a_state_that_never_was_is_refused_without_more_to_say(home: Served, if_match: str | None, reason: str) -> None:
    with pytest.raises(RequestError, match=r"If-Match") as refused:
        matched_policy(home.service, if_match)
    assert refused.value.reason == reason
    assert "since" not in refused.value.members
