"""The frozen documents: what they hold and that nothing changes them."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal

import pytest
from pydantic import ValidationError

from nodes.vocabulary.verdict import Verdict
from policies.schema import AppliesTo, Policy, Rule, Then, plain_content, then_of, wanted_keys
from tests.policies.examples import policy


def test_policy_holds_typed_values() -> None:
    found = policy()
    assert (found.family, found.version, found.strategy, found.supersedes) == ("us-equities", 1, "us-equities", None)
    assert found.effective_from == datetime(2026, 11, 23, 14, 30, tzinfo=UTC)
    assert found.params == {"momentum_sessions": 252, "fee_usd": Decimal("1.5")}
    assert found.signal == {"momentum_frac": 1.0}


def test_rule_holds_typed_values() -> None:
    clip, deny = policy().rules
    assert (clip.then, clip.applies_to) == (
        Then(verdict=Verdict.CLIP, cap="liquidity_cap_shares"),
        AppliesTo.INCREASING,
    )
    assert (deny.then, deny.applies_to, deny.on_unknown_warns) == (Then(verdict=Verdict.DENY), AppliesTo.ALL, False)
    assert (clip.limits, deny.limits) == ({"max_participation_frac": 0.05}, {})


def test_rule_is_found_by_id_and_names_its_node() -> None:
    rule = policy().rule("kill_switch")
    assert rule is not None
    assert rule.node_name == "kill_switch_holds"
    assert policy().rule("nothing") is None


def test_document_cannot_be_changed() -> None:
    with pytest.raises(ValidationError, match="frozen"):
        policy().version = 2


@pytest.mark.parametrize(
    ("written", "verdict", "cap"),
    [("deny", Verdict.DENY, None), ("review", Verdict.REVIEW, None), ("warn", Verdict.WARN, None)],
)
def test_then_is_a_word(written: str, verdict: Verdict, cap: str | None) -> None:
    assert then_of(written) == Then(verdict=verdict, cap=cap)


def test_then_clip_names_its_cap() -> None:
    assert Then.model_validate(then_of({"clip": "cap_shares"})) == Then(verdict=Verdict.CLIP, cap="cap_shares")


def test_rule_is_also_built_from_typed_values() -> None:
    then = Then(verdict=Verdict.WARN)
    increasing = AppliesTo.INCREASING
    rule = Rule(
        id="r", require="a", then=then, on_unknown=True, applies_to=increasing, because="b", plain="p", source="s"
    )
    assert (rule.then, rule.applies_to, rule.on_unknown_warns) == (then, AppliesTo.INCREASING, True)


def test_wanted_keys_are_those_that_authors_write() -> None:
    assert "policy" in wanted_keys(Policy)
    assert "family" not in wanted_keys(Policy)
    assert "on_unknown" in wanted_keys(Rule)


def test_plain_content_has_only_mappings_tuples_and_scalars() -> None:
    content = plain_content(policy())
    assert content["rules"][0]["then"] == {"verdict": Verdict.CLIP, "cap": "liquidity_cap_shares"}
    assert content["params"] == {"momentum_sessions": 252, "fee_usd": Decimal("1.5")}
