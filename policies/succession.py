"""What one version of a policy owes the version before: checks that activation makes, each a fault when broken.

A version is never edited after activation, its number grows by one, it names what it supersedes, and it
never reaches back in time.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from nodes.vocabulary.canonical import digest_text
from nodes.vocabulary.errors import Fault
from nodes.vocabulary.instants import instant_text
from policies.parse import ParsedPolicy, policy_digest
from policies.schema import Policy

MAX_LATE = timedelta(days=1)
"""How long ago a version may be effective when it becomes active: time to write it, approve it and save it."""


@dataclass(frozen=True)
class Predecessor:
    """The active version, and how far the family has come.

    Attributes:
        policy: what is active.
        digest: the digest that the log holds for it.
        newest_version: the largest version that was ever active: more than the active one's after going back.
    """

    policy: Policy
    digest: bytes
    newest_version: int


def successor_faults(new: ParsedPolicy, previous: Predecessor | None, now: datetime | None = None) -> tuple[Fault, ...]:
    """What forbids `new` to follow the active version.

    Args:
        new: the candidate.
        previous: the active version; None when the family has none yet.
        now: the instant of activation; None where a policy is pinned, as in research, and may reach back.
    """
    return tuple(sorted([*_chain_faults(new, previous), *_time_faults(new, previous, now)]))


def edited_faults(parsed: ParsedPolicy, recorded_digest: bytes) -> tuple[Fault, ...]:
    """A fault when a file no longer says what was activated from it; white space and comments may change."""
    seen = policy_digest(parsed.policy)
    if seen == recorded_digest:
        return ()
    policy = parsed.policy
    what = (
        f"{policy.family} version {policy.version} was activated as {digest_text(recorded_digest)}, "
        f"the file now says {digest_text(seen)}"
    )
    mend = f"restore the file and write the change as version {policy.version + 1}"
    return (parsed.marks.fault(("version",), what, mend),)


def _chain_faults(new: ParsedPolicy, previous: Predecessor | None) -> Iterator[Fault]:
    policy, marks = new.policy, new.marks
    newest = 0 if previous is None else previous.newest_version
    if policy.version != newest + 1:
        kind = "skips a number"
        if policy.version <= newest:
            kind = "reuses a number" if policy.version == newest else "goes backwards"
        what = f"version was {policy.version}, expected {newest + 1}: it {kind}"
        yield marks.fault(("version",), what, f"write version: {newest + 1}")
    wanted = "null" if previous is None else digest_text(previous.digest)
    if (policy.supersedes or "null") != wanted:
        what = f"supersedes was {policy.supersedes or 'null'}, expected the digest of the active version, {wanted}"
        yield marks.fault(("supersedes",), what, f"write supersedes: {wanted}")
    if previous is not None and policy.family != previous.policy.family:
        family = previous.policy.family
        what = f"policy was {policy.family}, expected {family}"
        yield marks.fault(("policy",), what, f"write policy: {family}, or begin a family at version 1")


def _time_faults(new: ParsedPolicy, previous: Predecessor | None, now: datetime | None) -> Iterator[Fault]:
    """A version never claims a time in which another one decided; a log's first one may have been written long ago."""
    if previous is None:
        return
    effective_from, before = new.policy.effective_from, previous.policy
    if effective_from < before.effective_from:
        earlier = instant_text(before.effective_from)
        what = f"effective_from was {instant_text(effective_from)}, before that of version {before.version}, {earlier}"
        yield new.marks.fault(("effective_from",), what, f"write {earlier} or later")
    if now is not None and effective_from < now - MAX_LATE:
        what = f"effective_from was {instant_text(effective_from)}, which is over: it is {instant_text(now)}"
        yield new.marks.fault(("effective_from",), what, "write an instant of today, or one that is still to come")
