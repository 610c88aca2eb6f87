"""The condition of a change of policies: it names how they stand, and who names another state is told what came since.

The entity tag of `/internal/policy` is the digest of the active policy with the entry that last moved any policy on: an
activation, a proposal, a withdrawal, or a stage such as a shadow or a canary. Of two officers who change at once, the
second is refused with 412, which says who was faster, when, and what that changed.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

import msgspec

from api.http.conditions import etag, require_match
from api.http.problems import RequestError
from api.http.schemas.policy import change_views
from api.use_cases.policy_life import step_stage
from api.use_cases.policy_log import PolicyEvent, PolicyLog
from api.use_cases.policy_standing import Standing, standing, told_step
from api.use_cases.service import Service
from governance.entries import EntryKind
from governance.policy_stages import PolicyStage
from nodes.vocabulary.canonical import digest_text
from nodes.vocabulary.instants import instant_text
from policies.diff import Change, differences
from policies.parse import parsed_policy
from policies.schema import Policy

_STATE = re.compile(r"(sha256:[0-9a-f]{64})-([0-9]{1,18})")
_MOST_TOLD = 5


def policy_tag(active_digest: bytes, state: int) -> str:
    """The entity tag of how policies stand."""
    return etag(f"{digest_text(active_digest)}-{state}")


def matched_policy(service: Service, if_match: str | None) -> Standing:
    """How policies stand, if the condition names it. Raises RequestError when not: 428 without one, 412 for another."""
    found = standing(service)
    try:
        require_match(if_match, policy_tag(found.active_digest, found.log.state))
    except RequestError as error:
        if error.reason != "stale-condition":
            raise
        raise _stale(service, error, found.log, if_match or "") from error
    return found


def _stale(service: Service, error: RequestError, log: PolicyLog, if_match: str) -> RequestError:
    """The refusal with what came since the state that the caller saw; as it is when there never was that state here."""
    states = [int(state) for named, state in _STATE.findall(if_match) if _has_been(log, named, int(state))]
    if not states:
        return error
    seen, now, since = _active(log, max(states)), _active(log, log.state), _told(log.since(max(states)))
    changes = differences(archived_policy(service, seen), archived_policy(service, now))
    members = {
        "since": [_member(event) for event in reversed(since[-_MOST_TOLD:])],
        "changes": msgspec.to_builtins(change_views(changes)),
    }
    what = f": {_what(changes)}" if seen.policy_digest != now.policy_digest else ""
    message = (
        f"{told_step(since[-1])} while this change was made for {seen.name} as entry {max(states)} left it{what}; "
        "read it and decide anew"
    )
    return RequestError(message, reason=error.reason, members=members, headers=error.headers)


def _has_been(log: PolicyLog, named: str, state: int) -> bool:
    """Whether policies ever stood so: that entry moved one on, and that policy ran then."""
    is_state = any(event.sequence == state for event in log.since(-1))
    return is_state and digest_text(_active(log, state).policy_digest) == named


def _active(log: PolicyLog, state: int) -> PolicyEvent:
    """What ran when policies stood so; a log of policies begins with an activation."""
    return next(event for event in reversed(log.activations) if event.sequence <= state)


def _told(since: Sequence[PolicyEvent]) -> Sequence[PolicyEvent]:
    """The steps that persons took: a check comes before its shadow, and a stage's own activation with its stage."""
    stages = {event.sequence for event in since if event.kind == EntryKind.POLICY_STAGE.value}
    found = [event for event in since if event.facts.get("stage") != PolicyStage.CHECKED.value]
    again = [event for event in found if event.facts.get("is_again") and event.sequence - 1 in stages]
    return [event for event in found if event not in again] or since


def _what(changes: Sequence[Change]) -> str:
    """The first few changes in words; of heads only where nothing else changed."""
    telling = [change for change in changes if change.subject != "policy"] or list(changes)
    more = f" and {len(telling) - _MOST_TOLD} more" if len(telling) > _MOST_TOLD else ""
    return ", ".join(str(change) for change in telling[:_MOST_TOLD]) + more or "nothing but its code"


def _member(event: PolicyEvent) -> Mapping[str, Any]:
    stage = step_stage(event)
    return {
        "policy": event.name,
        "policy_digest": digest_text(event.policy_digest),
        "stage": None if stage is None else stage.value,
        "principal": event.principal,
        "approved_by": event.facts.get("approved_by"),
        "recorded_at": instant_text(event.at),
        "sequence": event.sequence,
    }


def archived_policy(service: Service, event: PolicyEvent) -> Policy:
    """The policy whose text an entry archives."""
    return parsed_policy(archived_text(service, event), event.name).policy


def archived_text(service: Service, event: PolicyEvent) -> bytes:
    """The text of a policy, byte for byte as an entry archives it."""
    with service.store.reader() as reader:
        return reader.body(event.facts["policy_ref"])
