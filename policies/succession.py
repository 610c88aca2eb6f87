"""What one version of a policy owes the version before: checks that activation makes, each a fault when broken.

A version is never edited after activation, its number grows by one, it names what it supersedes, and it
never reaches back in time.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from nodes.vocabulary.canonical import digest_text
from nodes.vocabulary.errors import Fault
from nodes.vocabulary.instants import instant_text
from policies.parse import ParsedPolicy, policy_digest
from policies.schema import Policy


def successor_faults(
    new: ParsedPolicy, previous: Policy | None, previous_digest: bytes | None, now: datetime | None = None
) -> tuple[Fault, ...]:
    """What forbids `new` to follow `previous`.

    Args:
        new: the candidate.
        previous: the active version; None when the family has none yet.
        previous_digest: the digest that the log holds for it.
        now: the instant of activation; None where a policy is pinned, as in research, and may reach back.
    """
    return tuple(sorted([*_chain_faults(new, previous, previous_digest), *_time_faults(new, previous, now)]))


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


def _chain_faults(new: ParsedPolicy, previous: Policy | None, previous_digest: bytes | None) -> Iterator[Fault]:
    policy, marks = new.policy, new.marks
    wanted_version = 1 if previous is None else previous.version + 1
    if policy.version != wanted_version:
        kind = "skips a number"
        if previous is not None and policy.version <= previous.version:
            kind = "reuses a number" if policy.version == previous.version else "goes backwards"
        what = f"version was {policy.version}, expected {wanted_version}: it {kind}"
        yield marks.fault(("version",), what, f"write version: {wanted_version}")
    wanted = "null" if previous_digest is None else digest_text(previous_digest)
    if (policy.supersedes or "null") != wanted:
        what = f"supersedes was {policy.supersedes or 'null'}, expected the digest of the active version, {wanted}"
        yield marks.fault(("supersedes",), what, f"write supersedes: {wanted}")
    if previous is not None and policy.family != previous.family:
        what = f"policy was {policy.family}, expected {previous.family}"
        yield marks.fault(("policy",), what, f"write policy: {previous.family}, or begin a family at version 1")


def _time_faults(new: ParsedPolicy, previous: Policy | None, now: datetime | None) -> Iterator[Fault]:
    effective_from = new.policy.effective_from
    if previous is not None and effective_from < previous.effective_from:
        earlier = instant_text(previous.effective_from)
        what = (
            f"effective_from was {instant_text(effective_from)}, before that of version {previous.version}, {earlier}"
        )
        yield new.marks.fault(("effective_from",), what, f"write {earlier} or later")
    if now is not None and effective_from < now:
        what = f"effective_from was {instant_text(effective_from)}, which is over: it is {instant_text(now)}"
        yield new.marks.fault(("effective_from",), what, "write an instant that is still to come")
