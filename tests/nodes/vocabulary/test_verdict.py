"""The closed sets of what rules and decisions can say."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nodes.vocabulary.verdict import Action, Outcome, Verdict, action, gravest

VERDICTS = st.lists(st.sampled_from(Verdict))


def test_verdicts_are_ordered_by_gravity() -> None:
    assert Verdict.PASS < Verdict.WARN < Verdict.CLIP < Verdict.REVIEW < Verdict.DENY


def test_outcomes_are_those_of_three_valued_logic() -> None:
    assert [outcome.value for outcome in Outcome] == ["holds", "fails", "unknown"]


@pytest.mark.parametrize(
    ("verdict", "expected"),
    [
        (Verdict.PASS, Action.ACT),
        (Verdict.WARN, Action.ACT),
        (Verdict.CLIP, Action.ACT),
        (Verdict.REVIEW, Action.HOLD),
        (Verdict.DENY, Action.DENY),
    ],
)
def test_the_action_follows_from_the_verdict(verdict: Verdict, expected: Action) -> None:
    assert action(verdict) is expected


def test_a_verdict_is_labelled_by_its_name_in_lower_case() -> None:
    assert [verdict.label for verdict in Verdict] == ["pass", "warn", "clip", "review", "deny"]


def test_the_gravest_of_no_verdicts_is_pass() -> None:
    assert gravest([]) is Verdict.PASS


@given(VERDICTS)
def test_the_gravest_is_one_of_them_and_none_is_graver(verdicts: list[Verdict]) -> None:
    assert gravest(verdicts) in [*verdicts, Verdict.PASS]
    assert all(verdict <= gravest(verdicts) for verdict in verdicts)


@given(VERDICTS, VERDICTS)
def test_one_more_rule_never_makes_the_verdict_milder(verdicts: list[Verdict], more: list[Verdict]) -> None:
    assert gravest(verdicts + more) >= gravest(verdicts)
    assert gravest(verdicts + more) is gravest(more + verdicts)
