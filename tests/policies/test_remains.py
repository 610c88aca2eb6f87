"""What remains of a policy with faults of form is what the compiler can still say something about."""

from __future__ import annotations

import pytest

from nodes.vocabulary.verdict import Verdict
from policies.parse import PolicyReading, policy_reading
from tests.policies.examples import FILE, TEXT, changed


def reading(text: str) -> PolicyReading:
    found = policy_reading(text.encode(), FILE)
    assert found.faults
    return found


def test_a_sound_policy_has_no_gaps() -> None:
    found = policy_reading(TEXT.encode(), FILE)
    assert found.faults == ()
    assert found.parsed is not None
    assert found.parsed.gaps.names == found.parsed.gaps.words == frozenset()


def test_a_rule_with_a_slip_keeps_its_claim_and_its_limits() -> None:
    found = reading(changed("then: deny", "then: dney"))
    assert found.parsed is not None
    rule = found.parsed.policy.rules[1]
    assert (rule.id, rule.require, rule.then.verdict) == ("kill_switch", "NOT kill_switch_is_engaged", Verdict.DENY)
    assert found.parsed.gaps.rules == frozenset()
    assert "kill_switch_is_engaged" in found.parsed.gaps.words


def test_a_claim_that_cannot_be_read_is_a_gap_at_its_position() -> None:
    found = reading(changed("NOT kill_switch_is_engaged", "NOT NOT (kill_switch_is_engaged"))
    assert found.parsed is not None
    assert found.parsed.gaps.rules == {1}


@pytest.mark.parametrize(
    ("old", "new", "name"),
    [
        ("momentum_sessions: 252", "momentum_sessions: many", "momentum_sessions"),
        ("params: {", "parms: {", "fee_usd"),
        ("limits: {", "limit: {", "max_participation_frac"),
        ("fee_usd: 1.50", "fee_usd: !!float 1.50", "fee_usd"),
        ("owner: risk", "owner: risk\nparams: {late_frac: 1.0}", "fee_usd"),
    ],
)
def test_a_name_whose_value_cannot_be_read_is_not_missed(old: str, new: str, name: str) -> None:
    found = reading(changed(old, new))
    assert found.parsed is not None
    assert name in found.parsed.gaps.names


def test_a_second_rule_of_one_id_gets_a_name_of_its_own() -> None:
    found = reading(changed("id: kill_switch", "id: liquidity"))
    assert found.parsed is not None
    assert [rule.node_name for rule in found.parsed.policy.rules] == ["liquidity_holds", "unreadable_1_holds"]


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("strategy: us-equities\n", ""),
        ("signal: {momentum_frac: 1.0}", "signal: 5"),
        ("  - id: kill_switch", "  - kill_switch\n  - id: kill_switch"),
        ("limits: {max_participation_frac: 0.05}", "limits: [1]"),
        (TEXT, "- a\n- b\n"),
        (TEXT, "a: [1\n"),
    ],
)
def test_too_little_may_remain_to_say_more(old: str, new: str) -> None:
    assert reading(changed(old, new)).parsed is None
