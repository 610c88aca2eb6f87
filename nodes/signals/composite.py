"""The composite signal: features compared across symbols, weighed as the policy says."""

from __future__ import annotations

from nodes.kernels.arrays import array, column
from nodes.kernels.cross_section import weighted_score
from nodes.kernels.panels import last_values
from nodes.vocabulary.units import Features, Score, ScoreRow, Segments, Weights


def composite_score(
    signal_features: Features, signal_weights: Weights, segments: Segments, max_feature_score: Score
) -> ScoreRow:
    """How much the policy likes each symbol: its features' distances from the mean of all symbols, weighed.

    Formula: sum(weight * z) / sum(|weight|), z = (value - mean) / std across symbols, cut off at +-max_feature_score
    Unit: standard deviations. Missing: null where a weighed feature is, and such a symbol moves no other's score; 0
    where all symbols are alike.
    Source: Asness, Moskowitz, Pedersen (2013), J. Finance 68(3), with z-scores in place of ranks.
    """
    latest = {name: array(last_values(signal_features[name], segments)) for name in signal_features}
    return ScoreRow(column(weighted_score(latest, signal_weights, max_feature_score)))
