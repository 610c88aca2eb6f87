"""SGN-04: reasons add up to the conviction, and taking one away changes it by what it claims."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nodes.kernels.cross_section import weighted_score
from nodes.kernels.reasons import FORECAST, TONE, Evidence, ablated, cited, conviction, fitness, neutralised

NAN = float("nan")
WEIGHTS = {"momentum_frac": 0.5, "volatility_frac": -0.3, "drawdown_frac": -0.2, "beta_frac": 0.0}


def evidence(**changes: Any) -> Evidence:
    known = Evidence(
        features={
            "momentum_frac": np.array([0.3, -0.1, 0.05, 0.2]),
            "volatility_frac": np.array([0.02, 0.01, 0.03, 0.015]),
            "drawdown_frac": np.array([0.1, 0.3, 0.0, 0.05]),
            "beta_frac": np.array([1.0, 1.1, 0.9, 1.2]),
        },
        feature_weights=WEIGHTS,
        bound=3.0,
        forecast=np.array([0.01, 0.02, -0.01, NAN]),
        tone=np.array([0.4, NAN, -0.2, NAN]),
        score_weight=0.7,
        forecast_weight=0.2,
        tone_weight=0.1,
    )
    return replace(known, **changes)


def values(size: int) -> st.SearchStrategy[np.ndarray]:
    numbers = st.floats(-1.0, 1.0).map(lambda value: round(value, 6))
    return st.lists(numbers, min_size=size, max_size=size).map(np.array)


def test_reasons_add_up_to_the_conviction() -> None:
    found = conviction(evidence())
    for place in range(4):
        parts = [part[place] for part in found.parts.values() if math.isfinite(part[place])]
        assert math.fsum(parts) == pytest.approx(found.score[place], abs=1e-12)


def test_the_conviction_of_a_score_alone_is_the_score() -> None:
    """Of the day plan: the same kernel, so the same number."""
    silent = np.full(4, NAN)
    found = conviction(evidence(forecast=silent, tone=silent))
    score = weighted_score(evidence().features, WEIGHTS, 3.0)
    assert found.score == pytest.approx(score, abs=1e-15)
    assert found.known_frac == pytest.approx(np.full(4, 0.7))


def test_what_is_not_known_takes_no_part_and_no_weight() -> None:
    found = conviction(evidence())
    assert found.known_frac == pytest.approx([1.0, 0.9, 1.0, 0.7])
    assert math.isnan(found.parts[TONE][1])
    assert math.isnan(found.parts[FORECAST][3])


def test_a_share_without_a_score_has_no_conviction_and_no_reasons() -> None:
    features = {**evidence().features, "momentum_frac": np.array([NAN, -0.1, 0.05, 0.2])}
    found = conviction(evidence(features=features))
    assert math.isnan(found.score[0])
    assert all(math.isnan(part[0]) for part in found.parts.values())


def test_a_reason_without_a_weight_is_none() -> None:
    found = conviction(evidence(tone_weight=0.0))
    assert set(found.parts) == {"momentum_frac", "volatility_frac", "drawdown_frac", FORECAST}
    assert not conviction(evidence(feature_weights={}, forecast_weight=0.0, tone_weight=0.0)).parts


@given(values(6), values(6), values(6), values(6), st.integers(0, 5))
@settings(max_examples=60, deadline=None)
def test_taking_a_reason_away_changes_the_conviction_as_it_claims(
    one: np.ndarray, other: np.ndarray, forecast: np.ndarray, tone: np.ndarray, place: int
) -> None:
    """SGN-04: the claim is checked by weighing all of the evidence again, not by the formula that made it."""
    known = evidence(
        features={"one": one, "other": other},
        feature_weights={"one": 0.6, "other": -0.4},
        forecast=forecast,
        tone=tone,
    )
    whole = conviction(known)
    found = ablated(known, [place])
    assert set(found) == {"one", "other", FORECAST, TONE}
    for name, (fall,) in found.items():
        again = conviction(neutralised(known, name, place))
        assert fall == pytest.approx(whole.score[place] - again.score[place], abs=1e-12)
        assert fall == pytest.approx(whole.parts[name][place], abs=1e-9)


def test_shares_are_ablated_one_at_a_time_and_in_their_order() -> None:
    together = ablated(evidence(), [2, 0, 3])
    for at, place in enumerate((2, 0, 3)):
        alone = ablated(evidence(), [place])
        assert {name: falls[at] for name, falls in together.items()} == pytest.approx(
            {name: falls[0] for name, falls in alone.items()}, nan_ok=True
        )
    assert math.isnan(together[TONE][2])


def test_a_reason_that_is_neutral_says_nothing() -> None:
    again = conviction(neutralised(evidence(), "momentum_frac", 0))
    assert again.parts["momentum_frac"][0] == pytest.approx(0.0, abs=1e-12)
    assert conviction(neutralised(evidence(), TONE, 0)).parts[TONE][0] == 0.0


def test_a_share_alone_has_nothing_to_differ_from() -> None:
    alone = evidence(
        features={name: column[:1] for name, column in evidence().features.items()},
        forecast=np.array([0.1]),
        tone=np.array([NAN]),
    )
    found = {name: fall for name, (fall,) in ablated(alone, [0]).items() if math.isfinite(fall)}
    assert found == dict.fromkeys(("momentum_frac", "volatility_frac", "drawdown_frac", FORECAST), 0.0)


def test_reasons_for_a_side_are_cited_strongest_first() -> None:
    claimed = {"a": 0.3, "b": -0.5, "c": 0.1, "d": 0.3, "e": 0.0}
    assert cited(claimed, 1, 2) == ("a", "d")
    assert cited(claimed, -1, 3) == ("b",)


def test_reasons_that_are_all_there_is_and_do_what_they_claim_bear_a_pick_in_full() -> None:
    claimed = {"a": 0.3, "b": 0.2}
    assert fitness(claimed, claimed, 1, 3) == pytest.approx(1.0)


def test_what_speaks_against_a_pick_and_what_is_not_cited_lower_the_fitness() -> None:
    claimed = {"a": 0.3, "b": -0.1, "c": 0.1}
    assert fitness(claimed, claimed, 1, 3) == pytest.approx(0.8)
    assert fitness(claimed, claimed, 1, 1) == pytest.approx(0.6)
    assert fitness(claimed, claimed, -1, 3) == pytest.approx(0.2)


def test_reasons_that_do_not_do_what_they_claim_lower_the_fitness() -> None:
    """A planted liar: it claims to carry the pick, and nothing changes without it."""
    claimed = {"liar": 0.4, "honest": 0.1}
    assert fitness(claimed, {"liar": 0.0, "honest": 0.1}, 1, 3) == pytest.approx(0.2)
    assert fitness(claimed, {"liar": -0.4, "honest": 0.1}, 1, 3) == 0.0


def test_no_reason_bears_nothing() -> None:
    assert fitness({}, {}, 1, 3) == 0.0
    assert fitness({"a": -0.1}, {"a": -0.1}, 1, 3) == 0.0
