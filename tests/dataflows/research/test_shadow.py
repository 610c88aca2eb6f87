"""The plan by which a version in the shadow scores: of its study's features, and of nothing that decides."""

from __future__ import annotations

import pytest

from dataflows.models import feature_params, scoring_family
from dataflows.research.shadow import SCORE, shadow_plan
from nodes.vocabulary.errors import PolicyError
from tests.dataflows.research.small import small_policy


def test_a_study_becomes_a_plan_that_scores_with_the_study_s_own_parameters() -> None:
    plan = shadow_plan(small_policy(week_sessions="4").encode())
    assert scoring_family(plan) == "small-study"
    assert feature_params(plan) == {"week_sessions": 4, "month_sessions": 10}


def test_nothing_in_the_plan_decides_or_reads_an_account() -> None:
    """INF-05: it has no rule, no size, no route, and reads the market and the model alone."""
    plan = shadow_plan(small_policy().encode())
    assert plan.rules == ()
    assert {node.stage for node in plan.nodes} <= {"", "market", "features", "models"}
    assert set(plan.inputs) <= {"panel", "index_panel", "session_on", "model"}
    assert SCORE in {node.name for node in plan.nodes}


def test_a_policy_that_is_no_study_is_refused() -> None:
    with pytest.raises(PolicyError, match="models is missing"):
        shadow_plan(small_policy().replace("  models: [linear]\n", "").encode())
