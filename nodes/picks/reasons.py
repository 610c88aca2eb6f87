"""The reasons of each pick: what they claim, what is left without them, and how well they bear the pick."""

from __future__ import annotations

import numpy as np

from nodes.kernels.arrays import array, column
from nodes.kernels.reason_tables import evidence_of, fitness_column, reason_table
from nodes.vocabulary.units import Count, FracRow, Panel, Score, ScoreRow, Weights


def pick_side(plan_rows: Panel) -> ScoreRow:
    """Which way the plan goes with each share: 1 to own it, -1 to be short of it or to leave it, 0 to let it be.

    Formula: the sign of target_shares; where that is 0, -1 while any are held and else 0
    Unit: -1, 0 or 1. Missing: null where no target could be computed.
    Source: definition.
    """
    target, held = array(plan_rows["target_shares"]), array(plan_rows["position_shares"])
    return ScoreRow(column(np.where(target == 0.0, -np.abs(np.sign(held)), np.sign(target))))


def pick_reasons(
    weighed_evidence: Panel,
    plan_features: Panel,
    feature_weights: Weights,
    max_feature_score: Score,
    forecast_return_frac: FracRow | None,
    tone_score: ScoreRow | None,
    evidence_weights: Weights,
    pick_side: ScoreRow,
) -> Panel:
    """Every reason of each share that the plan goes some way with.

    Formula: claimed_score is the reason's part of the conviction; observed_score is by how much the conviction falls
    when the reason is made neutral for that share and all evidence is weighed again
    Unit: standard deviations. Missing: no row for what says nothing of a share, or for a share without a conviction.
    Source: DeYoung et al. (2020), ERASER: A Benchmark to Evaluate Rationalized NLP Models, section 4.
    """
    beside = (forecast_return_frac, tone_score)
    evidence = evidence_of(plan_features, feature_weights, max_feature_score, beside, evidence_weights)
    return Panel(reason_table(weighed_evidence, evidence, array(pick_side)))


def fitness_frac(pick_reasons: Panel, plan_rows: Panel, pick_side: ScoreRow, n_cited: Count) -> FracRow:
    """How well the reasons that are cited bear what the plan does with each share.

    Formula: as `nodes.kernels.reasons.fitness` has it, of the n_cited strongest
    Unit: fraction, 0 to 1. Missing: null for a share that the plan lets be, or without a conviction.
    Source: DeYoung et al. (2020), ERASER: A Benchmark to Evaluate Rationalized NLP Models, section 4.
    """
    return FracRow(fitness_column(plan_rows["symbol"].to_list(), pick_reasons, array(pick_side), n_cited))
