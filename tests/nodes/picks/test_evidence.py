"""SGN-01: what the sources say of each share, joined; what is missing takes no part."""

from __future__ import annotations

import pytest

from nodes.kernels.arrays import array
from nodes.kernels.cross_section import weighted_score
from nodes.picks.evidence import (
    evidence_weights,
    forecast_low_frac,
    forecast_return_frac,
    tone_score,
    weighed_evidence,
)
from nodes.vocabulary.units import Days, Frac, Score, Sessions
from tests.nodes.picks.tables import EVIDENCE_WEIGHTS, WEIGHTS, forecasts, plan_features, plan_rows, text_scores


def test_forecasts_stand_beside_their_shares() -> None:
    assert forecast_return_frac(forecasts(), plan_rows(), Sessions(21)).to_list() == [0.02, -0.01, 0.0, None]
    assert forecast_low_frac(forecasts(), plan_rows(), Sessions(21), Frac(0.05)).to_list() == [-0.08, -0.1, -0.09, None]


def test_a_forecast_over_another_horizon_or_level_is_none() -> None:
    assert forecast_return_frac(forecasts(), plan_rows(), Sessions(5)).to_list() == [None] * 4
    assert forecast_low_frac(forecasts(), plan_rows(), Sessions(21), Frac(0.01)).to_list() == [None] * 4


def test_the_tone_is_that_of_the_texts_of_late_and_silence_is_none() -> None:
    assert tone_score(text_scores(), plan_rows(), Days(5)).to_list() == pytest.approx([0.4, -0.5, None, None])


def test_each_kind_of_evidence_has_the_weight_of_the_policy() -> None:
    assert evidence_weights(Frac(0.7), Frac(0.2), Frac(0.1)) == EVIDENCE_WEIGHTS


def test_all_evidence_is_weighed_and_each_reason_has_its_part() -> None:
    forecast = forecast_return_frac(forecasts(), plan_rows(), Sessions(21))
    tone = tone_score(text_scores(), plan_rows(), Days(5))
    found = weighed_evidence(plan_features(), WEIGHTS, Score(3.0), forecast, tone, EVIDENCE_WEIGHTS)
    assert found["known_frac"].to_list() == pytest.approx([1.0, 1.0, 0.9, None])
    for row in found.rows(named=True)[:3]:
        parts = [row[name] or 0.0 for name in (*WEIGHTS, "forecast_return_frac", "tone_score")]
        assert sum(parts) == pytest.approx(row["conviction_score"])
    assert found["conviction_score"][3] is None


def test_without_forecasts_and_texts_the_score_is_all_there_is() -> None:
    found = weighed_evidence(plan_features(), WEIGHTS, Score(3.0), None, None, EVIDENCE_WEIGHTS)
    features = {name: array(plan_features()[name]) for name in WEIGHTS}
    score = weighted_score(features, WEIGHTS, 3.0)
    assert found["conviction_score"].to_list()[:3] == pytest.approx(score.tolist()[:3])
    assert found["known_frac"].to_list()[:3] == pytest.approx([0.7] * 3)
