"""Which family scores in a plan, and what a session run computes under which champion."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest

from api.use_cases.policies import candidate
from dataflows.engine.plan import Plan
from dataflows.models import feature_params, scoring_family, session_computation
from nodes.vocabulary.errors import PolicyError
from tests.api.use_cases.model_markets import FAMILY, planted_settings
from tests.dataflows.engine.shipped import generation


@cache
def _text() -> str:
    with TemporaryDirectory() as folder:
        return planted_settings(Path(folder) / "home").policy.read_text(encoding="utf-8")


def _plan(text: str) -> Plan:
    return candidate(text.encode(), "v1.yaml").generation.session


def test_the_shipped_policy_trades_no_model() -> None:
    """The demo's study is not significant, and what is not significant is not traded."""
    shipped = generation().session
    assert scoring_family(shipped) is None
    assert session_computation(shipped, {FAMILY: b"1" * 32}) == shipped.computation_digest


def test_a_plan_that_scores_computes_something_else_under_each_champion_of_its_family() -> None:
    plan = _plan(_text())
    assert scoring_family(plan) == FAMILY
    found = {session_computation(plan, named) for named in ({}, {FAMILY: b"1" * 32}, {FAMILY: b"2" * 32})}
    assert len(found) == 3
    assert session_computation(plan, {FAMILY: b"1" * 32, "other": b"3" * 32}) in found


def test_parameters_of_the_features_are_those_upstream_of_what_the_model_is_handed() -> None:
    assert feature_params(_plan(_text())) == {"week_sessions": 5, "month_sessions": 10}


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("[week_reversal_frac, month_reversal_frac]", "[]", r"model_feature_names was \(\); write a list of features"),
        ("[week_reversal_frac,", "[symbols,", "symbols is SymbolRow, not a column"),
        ("  model_family: small-study\n", "", "model_score reads model_family, which nothing provides"),
        ("  model_score: 1.0\n", "  week_reversal_frac: 1.0\n", "parameter model_feature_names is read by nothing"),
        (
            "  week_sessions: 5\n",
            "  week_sessions: 5\n  model_features: 5\n",
            "name of what model_feature_names provides",
        ),
    ],
)
def test_what_is_wrong_with_a_model_in_a_policy_is_told(old: str, new: str, message: str) -> None:
    with pytest.raises(PolicyError, match=message):
        _plan(_text().replace(old, new, 1))
