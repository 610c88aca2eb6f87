"""ENG-11: which policy decides a symbol follows from the log, and verification holds every decision to it."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from governance.entries import Entry, EntryKind
from governance.policy_stages import CanaryTerms, LearnedStages, canary_terms, symbol_place

AT = datetime(2026, 11, 23, tzinfo=UTC)
LIVE, CANDIDATE, OTHER = (bytes([number]) * 32 for number in (1, 2, 3))
NAMED = CanaryTerms(CANDIDATE, 0.0, ("AAPL", "MSFT"))


def entry(kind: EntryKind, **facts: Any) -> Entry:
    return Entry(kind, "live", AT, AT, {"strategy": "us-equities", **facts})


def stage(name: object, policy_digest: object = CANDIDATE) -> Entry:
    return entry(EntryKind.POLICY_STAGE, stage=name, policy_digest=policy_digest)


def activation(policy_digest: bytes = LIVE, **facts: Any) -> Entry:
    return entry(EntryKind.ACTIVATION, policy_digest=policy_digest, **facts)


def decision(symbol: str, policy_digest: bytes) -> Entry:
    return entry(EntryKind.DECISION, symbol=symbol, policy_digest=policy_digest)


def faults(*entries: Entry) -> list[str]:
    learned = LearnedStages()
    return [fault for each in entries if (fault := learned.fault(each))]


CANARIED = (activation(), stage("checked"), stage("canary"), activation(canary=NAMED.facts))


@given(st.binary(min_size=32, max_size=32), st.text(min_size=1, max_size=8))
def test_a_symbol_has_one_place_for_a_canary_and_larger_shares_keep_what_smaller_ones_had(
    policy_digest: bytes, symbol: str
) -> None:
    place = symbol_place(policy_digest, symbol)
    assert 0 <= place < 1
    covered = [CanaryTerms(policy_digest, share / 20).covers(symbol) for share in range(1, 20)]
    assert covered == sorted(covered)


def test_a_share_covers_about_that_many_symbols_and_another_canary_draws_others() -> None:
    symbols = [f"S{number}" for number in range(4000)]
    one, other = ({name for name in symbols if CanaryTerms(each, 0.1).covers(name)} for each in (CANDIDATE, OTHER))
    assert 320 < len(one) < 480
    assert 20 < len(one & other) < 70


def test_named_symbols_are_covered_and_no_others() -> None:
    assert [NAMED.covers(symbol) for symbol in ("AAPL", "MSFT", "IBM")] == [True, True, False]
    assert canary_terms({"canary": NAMED.facts}) == NAMED
    assert canary_terms({}) is None


@pytest.mark.parametrize(
    "facts",
    [
        7,
        {},
        NAMED.facts | {"share_frac": 0.5},
        NAMED.facts | {"symbols": ()},
        NAMED.facts | {"symbols": "AAPL"},
        NAMED.facts | {"policy_digest": "sha256:00"},
        CanaryTerms(CANDIDATE, 1.0).facts,
        CanaryTerms(CANDIDATE, -0.5).facts,
        CanaryTerms(CANDIDATE, 0.5).facts | {"share_frac": "half"},
    ],
)
def test_terms_that_choose_no_symbols_are_refused(facts: Any) -> None:
    with pytest.raises(ValueError, match=r"canary .*(lacks|chooses none|of share)"):
        canary_terms({"canary": facts})
    assert len(faults(activation(), stage("checked"), stage("canary"), activation(canary=facts))) == 1


def test_each_symbol_is_decided_by_its_own_policy() -> None:
    good = (decision("AAPL", CANDIDATE), decision("IBM", LIVE))
    assert faults(*CANARIED, *good) == []
    (live_for_canary,) = faults(*CANARIED, decision("AAPL", LIVE))
    assert "AAPL was decided by policy sha256:0101" in live_for_canary
    (canary_for_live,) = faults(*CANARIED, decision("IBM", CANDIDATE))
    assert "its own is sha256:0101" in canary_for_live


def test_nobody_decides_by_a_policy_that_does_not_run() -> None:
    (foreign,) = faults(activation(), decision("AAPL", OTHER))
    assert "was neither active nor a canary" in foreign
    (ended,) = faults(*CANARIED, stage("ended"), activation(), decision("AAPL", CANDIDATE))
    assert "was neither active nor a canary" in ended
    assert faults(decision("AAPL", OTHER)) == []  # of a log that names no activation nothing is known


def test_a_canary_must_have_been_let_in_as_one() -> None:
    (fault,) = faults(activation(), stage("checked"), activation(canary=NAMED.facts))
    assert "is at no stage that lets it decide" in fault


@pytest.mark.parametrize(
    ("before", "now", "is_good"),
    [
        ((), "checked", True),
        ((), "shadow", False),
        ((), "canary", False),
        (("checked",), "shadow", True),
        (("checked",), "ended", False),
        (("checked", "shadow"), "canary", True),
        (("checked", "shadow"), "shadow", False),
        (("checked", "shadow", "canary"), "ended", True),
        (("checked", "shadow", "ended"), "shadow", True),
        ((), "live", False),
        ((), 7, False),
    ],
)
def test_stages_follow_each_other_as_they_can(before: tuple[str, ...], now: object, *, is_good: bool) -> None:
    assert (faults(*map(stage, before), stage(now)) == []) == is_good


def test_a_stage_of_no_policy_is_a_fault() -> None:
    (fault,) = faults(stage("checked", "sha256:02"))
    assert "is none" in fault


def test_entries_about_neither_are_nobodys_fault() -> None:
    other = Entry(EntryKind.GENESIS, "live", AT, AT, {})
    unnamed = Entry(EntryKind.ACTIVATION, "live", AT, AT, {"policy_digest": LIVE})
    without_policy = entry(EntryKind.DECISION, symbol="AAPL")
    assert faults(other, unnamed, activation(), without_policy) == []
