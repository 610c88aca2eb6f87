"""A policy without a rule says what it said, but for the rule."""

from __future__ import annotations

import pytest

from api.settings import SHIPPED_POLICY
from nodes.vocabulary.errors import PolicyError
from policies.parse import parsed_policy
from policies.without import without_rules

TEXT = SHIPPED_POLICY.read_bytes()
RULES = [rule.id for rule in parsed_policy(TEXT, "v1.yaml").policy.rules]


@pytest.mark.parametrize("rule", RULES)
def test_one_rule_is_taken_out_and_nothing_else(rule: str) -> None:
    before = parsed_policy(TEXT, "v1.yaml").policy
    after = parsed_policy(without_rules(TEXT, "v1.yaml", frozenset({rule})), "v1.yaml").policy
    assert after == before.model_copy(update={"rules": tuple(each for each in before.rules if each.id != rule)})


def test_all_rules_can_be_taken_out() -> None:
    after = parsed_policy(without_rules(TEXT, "v1.yaml", frozenset(RULES)), "v1.yaml").policy
    assert (after.rules, after.params) == ((), parsed_policy(TEXT, "v1.yaml").policy.params)


def test_a_rule_that_is_not_there_is_a_fault() -> None:
    with pytest.raises(PolicyError, match="has no rule moon-phase; name rules that it has"):
        without_rules(TEXT, "v1.yaml", frozenset({"moon-phase"}))


def test_rules_on_one_line_cannot_be_told_apart() -> None:
    rule = "{id: r%d, require: kill_switch_is_engaged, then: deny, because: b, plain: p, source: s}"
    head = TEXT.decode()[: TEXT.decode().index("rules:")]
    text = f"{head}rules: [{rule % 1}, {rule % 2}]\n".encode()
    with pytest.raises(PolicyError, match=r"rules share a line|rules"):
        without_rules(text, "v1.yaml", frozenset({"r1"}))
