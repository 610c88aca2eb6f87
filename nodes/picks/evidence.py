"""What is known of each share of the day plan, and what it comes to: one row a share, in the order of `plan_rows`."""

from __future__ import annotations

from nodes.kernels.arrays import column
from nodes.kernels.reason_tables import bad_cases_of, evidence_of, forecasts_of, weighed_table
from nodes.kernels.reasons import FORECAST, TONE
from nodes.kernels.texts import text_mean, text_steps, texts_at
from nodes.vocabulary.units import Days, Frac, FracRow, Panel, Score, ScoreRow, Sessions, Weights


def forecast_return_frac(forecasts: Panel, plan_rows: Panel, forecast_sessions: Sessions) -> FracRow:
    """What each share is expected to return over the policy's horizon: the middle of its forecast.

    Formula: the quantile of level 0.5 over forecast_sessions
    Unit: fraction. Missing: null where the share has no forecast; absent without forecasts.
    Source: Barone-Adesi, Giannopoulos, Vosper (1999), J. Futures Markets 19, for the forecasts that are served.
    """
    return FracRow(forecasts_of(forecasts, plan_rows["symbol"], forecast_sessions))


def forecast_low_frac(
    forecasts: Panel, plan_rows: Panel, forecast_sessions: Sessions, bad_case_level_frac: Frac
) -> FracRow:
    """What each share returns over the policy's horizon if it goes badly.

    Formula: the quantile of level bad_case_level_frac over forecast_sessions
    Unit: fraction. Missing: null where the share has no such forecast; absent without forecasts.
    Source: Barone-Adesi, Giannopoulos, Vosper (1999), J. Futures Markets 19.
    """
    return FracRow(bad_cases_of(forecasts, plan_rows["symbol"], forecast_sessions, bad_case_level_frac))


def tone_score(text_scores: Panel, plan_rows: Panel, tone_life_days: Days) -> ScoreRow:
    """How kindly each share is written of at the close that the plan was made at.

    Formula: mean score of the texts known in the tone_life_days before
    Unit: score, -1 to 1. Missing: null where no text counts: silence is no neutral tone; absent without texts.
    Source: Tetlock (2007), J. Finance 62(3), with a model's scores in place of a word list's.
    """
    steps = text_steps(text_scores, tone_life_days)
    return ScoreRow(column(text_mean(texts_at(steps, plan_rows["symbol"], plan_rows["closed_at"]))))


def evidence_weights(score_weight_frac: Frac, forecast_weight_frac: Frac, tone_weight_frac: Frac) -> Weights:
    """What the policy gives each kind of evidence, by its name.

    Formula: score: score_weight_frac, forecast_return_frac: forecast_weight_frac, tone_score: tone_weight_frac
    Unit: weights; only their ratios matter. Missing: never.
    Source: definition.
    """
    return Weights({"score": score_weight_frac, FORECAST: forecast_weight_frac, TONE: tone_weight_frac})


def weighed_evidence(
    plan_features: Panel,
    feature_weights: Weights,
    max_feature_score: Score,
    forecast_return_frac: FracRow | None,
    tone_score: ScoreRow | None,
    evidence_weights: Weights,
) -> Panel:
    """What the evidence about each share comes to, and what each reason adds to it.

    Formula: as `nodes.kernels.reasons.conviction` has it
    Unit: a row a share: conviction_score, known_frac, and a column for each reason. Missing: null conviction without a
    score of the day plan; evidence that is not known takes no part.
    Source: Asness, Moskowitz, Pedersen (2013), J. Finance 68(3), for z-scores that are added up.
    """
    beside = (forecast_return_frac, tone_score)
    evidence = evidence_of(plan_features, feature_weights, max_feature_score, beside, evidence_weights)
    return Panel(weighed_table(plan_features["symbol"].to_list(), evidence))
