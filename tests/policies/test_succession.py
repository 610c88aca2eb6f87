"""Succession: numbers grow by one, digests chain, time goes on, and an active file stays as it was."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from nodes.vocabulary.canonical import digest_text
from nodes.vocabulary.errors import Fault
from policies.parse import ParsedPolicy, parsed_policy, policy_digest
from policies.succession import MAX_LATE, Predecessor, edited_faults, successor_faults
from tests.policies.examples import FILE, TEXT, changed, policy

FIRST = policy()
FIRST_DIGEST = policy_digest(FIRST)
BEFORE_IT = Predecessor(FIRST, FIRST_DIGEST, FIRST.version)
BEFORE = FIRST.effective_from - timedelta(days=1)


def parsed(text: str) -> ParsedPolicy:
    return parsed_policy(text.encode(), FILE)


def second(old: str = "owner: risk", new: str = "owner: risk") -> ParsedPolicy:
    text = changed("version: 1", "version: 2", changed("null", digest_text(FIRST_DIGEST)))
    return parsed(changed(old, new, text))


def said(faults: tuple[Fault, ...]) -> list[str]:
    return [str(fault).removeprefix(f"{FILE}:") for fault in faults]


def test_first_version_follows_nothing() -> None:
    assert successor_faults(parsed(TEXT), None, BEFORE) == ()


def test_second_version_follows_the_first() -> None:
    assert successor_faults(second(), BEFORE_IT, BEFORE) == ()


@pytest.mark.parametrize(("version", "kind"), [(1, "reuses a number"), (3, "skips a number"), (20, "skips a number")])
def test_version_must_be_the_next_number(version: int, kind: str) -> None:
    found = successor_faults(second("version: 2", f"version: {version}"), BEFORE_IT, BEFORE)
    assert said(found) == [f"2:10: version was {version}, expected 2: it {kind}; write version: 2"]


def test_version_that_goes_backwards_is_refused() -> None:
    third = second("version: 2", "version: 3")
    found = successor_faults(second(), Predecessor(third.policy, FIRST_DIGEST, 3), BEFORE)
    assert said(found) == ["2:10: version was 2, expected 4: it goes backwards; write version: 4"]


def test_first_version_must_be_one() -> None:
    found = successor_faults(parsed(changed("version: 1", "version: 7")), None, BEFORE)
    assert said(found) == ["2:10: version was 7, expected 1: it skips a number; write version: 1"]


def test_supersedes_must_be_the_digest_of_the_active_version() -> None:
    other = "sha256:" + "0" * 64
    wanted = digest_text(FIRST_DIGEST)
    (found,) = said(successor_faults(second(wanted, other), BEFORE_IT, BEFORE))
    assert found == (
        f"4:13: supersedes was {other}, expected the digest of the active version, {wanted}; write supersedes: {wanted}"
    )


def test_version_that_supersedes_nothing_cannot_follow() -> None:
    (found,) = said(successor_faults(second(digest_text(FIRST_DIGEST), "null"), BEFORE_IT, BEFORE))
    assert found.startswith("4:13: supersedes was null, expected the digest of the active version")


def test_another_family_cannot_follow() -> None:
    found = said(successor_faults(second("policy: us-", "policy: eu-"), BEFORE_IT, BEFORE))
    assert found == [
        "1:9: policy was eu-equities, expected us-equities; write policy: us-equities, or begin a family at version 1"
    ]


def test_version_cannot_begin_before_the_one_it_follows() -> None:
    (found,) = said(successor_faults(second("2026-11-23", "2026-11-22"), BEFORE_IT, None))
    assert found == (
        "6:17: effective_from was 2026-11-22T14:30:00Z, before that of version 1, 2026-11-23T14:30:00Z; "
        "write 2026-11-23T14:30:00Z or later"
    )


def test_version_is_never_retroactive_beyond_the_day_that_writing_and_approving_takes() -> None:
    late = FIRST.effective_from + MAX_LATE
    assert successor_faults(second(), BEFORE_IT, late) == ()
    (found,) = said(successor_faults(second(), BEFORE_IT, late + timedelta(seconds=1)))
    assert found.startswith("6:17: effective_from was 2026-11-23T14:30:00Z, which is over: it is 2026-11-24T14:30:01Z")


def test_the_first_version_of_a_log_may_have_been_written_long_ago() -> None:
    assert successor_faults(parsed(TEXT), None, datetime(2040, 1, 1, tzinfo=UTC)) == ()


def test_after_going_back_the_next_number_is_beyond_all_that_were_used() -> None:
    gone_back = Predecessor(FIRST, FIRST_DIGEST, newest_version=2)
    (found,) = said(successor_faults(second(), gone_back, BEFORE))
    assert found == "2:10: version was 2, expected 3: it reuses a number; write version: 3"


def test_pinned_policy_may_reach_back() -> None:
    assert successor_faults(parsed(TEXT), None, None) == ()


def test_all_that_forbids_a_version_is_told_at_once() -> None:
    candidate = parsed(changed("policy: us-", "policy: eu-", changed("2026-11-23", "2020-01-01")))
    found = successor_faults(candidate, BEFORE_IT, BEFORE)
    assert [fault.line for fault in found] == [1, 2, 4, 6, 6]


def test_active_file_may_change_in_spelling_only() -> None:
    assert edited_faults(parsed("# a comment\n" + TEXT), FIRST_DIGEST) == ()


def test_active_file_that_says_something_else_is_a_fault() -> None:
    edited = parsed(changed("0.05}", "0.06}"))
    (found,) = said(edited_faults(edited, FIRST_DIGEST))
    assert found == (
        f"2:10: us-equities version 1 was activated as {digest_text(FIRST_DIGEST)}, "
        f"the file now says {digest_text(policy_digest(edited.policy))}; "
        "restore the file and write the change as version 2"
    )
