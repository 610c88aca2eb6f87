"""The signal service's day plan: what inference, forecasts, texts, portfolio and risk say of each share, joined.

A session run of `signals` takes what a trading session's run has computed and what the other sources say, each of which
may be missing with a reason. What comes out of it for one share is judged by the rules of policies/picks, as an order
is: a pick whose reasons do not bear it is not shown. Neither decides an order; the trading dataflows do.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import Any

from dataflows.engine.compile import compiled_dataflow
from dataflows.engine.dataflow import Dataflow, Kind
from dataflows.engine.plan import Plan
from nodes.vocabulary.units import (
    Flag,
    Frac,
    FracMatrix,
    Panel,
    Score,
    Sessions,
    Text,
    Usd,
    Weights,
)
from policies.parse import ParsedPolicy


@dataclass(frozen=True)
class SignalSnapshot:
    """What a run of signals reads, as it was known at the close that the day plan was made at.

    Attributes:
        plan_rows: what the day plan says, a row a share: symbol, closed_at, target_weight_frac, target_shares,
            position_shares, volatility_frac.
        plan_features: what its score was made of: symbol, and a column for each feature that has a weight.
        feature_weights: weight of each feature in the score.
        max_feature_score: how far from the mean a feature counts in the score.
        equity_usd: worth of the account.
        return_covariance: of the shares, in the order of the rows; absent where the plan has none.
        forecasts: symbol, horizon_sessions, return_frac, level_frac, low_frac; absent where nothing forecasts.
        text_scores: what a model read out of texts, as in `features.FeatureSnapshot`; absent where nothing reads.
    """

    plan_rows: Panel
    plan_features: Panel
    feature_weights: Weights
    max_feature_score: Score
    equity_usd: Usd
    return_covariance: FracMatrix | None = None
    forecasts: Panel | None = None
    text_scores: Panel | None = None


@dataclass(frozen=True)
class PickSnapshot:
    """What the rules of picks read of one share. None where it is not known: the rule is then unknown.

    Attributes:
        symbol: of which share.
        is_lowering: whether the pick only takes risk back.
        fitness_frac: how well its reasons bear it.
        known_frac: how much of the evidence, by weight, is known.
        forecast_support_frac: expected return over the policy's horizon, in the pick's direction.
        tone_support_score: how kindly the share is written of, in the pick's direction.
        bad_day_loss_frac: what it may lose on a bad day, of equity.
        book_volatility_frac: volatility of the whole plan, per session.
        bar_age_sessions: sessions since its latest bar.
        texts_are_told: whether anything reads texts here.
        halts_are_told: whether anything tells halts here.
        is_halted: whether the share is halted now.
        events_are_told: whether a calendar of earnings is known here.
        next_event_sessions: sessions to the share's next earnings, at most 250.
    """

    symbol: Text
    is_lowering: Flag
    fitness_frac: Frac
    known_frac: Frac
    forecast_support_frac: Frac
    tone_support_score: Score
    bad_day_loss_frac: Frac
    book_volatility_frac: Frac
    bar_age_sessions: Sessions
    texts_are_told: Flag
    halts_are_told: Flag
    is_halted: Flag
    events_are_told: Flag
    next_event_sessions: Sessions


SIGNALS = Dataflow(
    name="signals",
    kind=Kind.SESSION,
    stages=("picks",),
    snapshot=SignalSnapshot,
    outputs=(
        "weighed_evidence",
        "forecast_return_frac",
        "tone_score",
        "forecast_low_frac",
        "pick_side",
        "pick_reasons",
        "fitness_frac",
        "bad_day_loss_usd",
        "book_volatility_frac",
        "risk_share_frac",
    ),
)
PICKS = Dataflow("picks", Kind.GATE, (), PickSnapshot, ())


def compiled_signals(parsed: ParsedPolicy) -> Plan:
    """The plan of a policy of signals. Raises PolicyError or PlanError with every fault."""
    return compiled_dataflow(parsed, SIGNALS)


def signal_snapshot(known: Mapping[str, Any]) -> SignalSnapshot:
    """The snapshot of what is known, by field; what is not named is not known."""
    names = {each.name for each in fields(SignalSnapshot)}
    return SignalSnapshot(**{name: value for name, value in known.items() if name in names})
