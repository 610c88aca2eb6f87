"""Gates: what the rules read that judge models, portfolios, borrows and picks.

They are judged like orders, by the same grammar, engine and traces; what they judge is no order, so that they have no
size. Of models: policies/shadow lets a version out of the shadow, policies/promotion lets it become champion,
policies/watch lets it stay. Of portfolios: policies/portfolio; of short sales: policies/borrow; of picks that readers
are shown: policies/picks.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import Any

from dataflows.borrowing import BORROW
from dataflows.engine.compile import compiled_dataflow
from dataflows.engine.dataflow import Dataflow, Kind
from dataflows.engine.plan import Plan
from dataflows.portfolio import PORTFOLIO, caps_of
from dataflows.signals import PICKS
from nodes.vocabulary.units import Count, Frac, Score, Sessions, Text
from policies.parse import ParsedPolicy


@dataclass(frozen=True)
class PromotionSnapshot:
    """What is known of a model version that is to become champion. None where it is not known: the gate then denies.

    Attributes:
        family: of the version.
        spa_p_frac: p-value of Hansen's test for superior predictive ability over all trials of its study.
        dsr_frac: deflated Sharpe ratio: the probability that its Sharpe ratio is above that of the luckiest trial.
        pbo_frac: probability of backtest overfitting by CSCV.
        n_trials: how many trials these figures were told of.
        ledger_trials_count: how many the family's ledger holds now.
        oos_sessions: sessions of its out-of-sample returns.
        oos_sharpe_score: annualised Sharpe ratio of these returns, costs paid.
        oos_max_drawdown_frac: their largest loss from a peak.
    """

    family: Text
    spa_p_frac: Frac
    dsr_frac: Frac
    pbo_frac: Frac
    n_trials: Count
    ledger_trials_count: Count
    oos_sessions: Sessions
    oos_sharpe_score: Score
    oos_max_drawdown_frac: Frac


@dataclass(frozen=True)
class WatchSnapshot:
    """How a champion, or a shadow, does on live data. None where it is not known: the rule is then unknown.

    Attributes:
        family: of the version.
        live_sessions: sessions of its live record.
        max_feature_psi_score: largest population stability index of its features, training sample against live window.
        prediction_psi_score: the same of its predictions.
        missing_rise_frac: by how much the share of rows without a value rose, of the feature where it rose most.
        mmd_p_frac: p-value of the kernel two-sample test over its features.
        live_drawdown_frac: loss of its live record from its peak.
        live_shortfall_p_frac: p-value of the claim that it does no worse than its out-of-sample record.
    """

    family: Text
    live_sessions: Sessions
    max_feature_psi_score: Score
    prediction_psi_score: Score
    missing_rise_frac: Frac
    mmd_p_frac: Frac
    live_drawdown_frac: Frac
    live_shortfall_p_frac: Frac


PROMOTION = Dataflow("promotion", Kind.GATE, (), PromotionSnapshot, ())
WATCH = Dataflow("watch", Kind.GATE, (), WatchSnapshot, ())
SHADOW = Dataflow("shadow", Kind.GATE, (), WatchSnapshot, ())
GATES: Mapping[str, Dataflow] = {
    dataflow.name: dataflow for dataflow in (PROMOTION, WATCH, SHADOW, PORTFOLIO, BORROW, PICKS)
}
"""By what a policy names as its strategy."""


def compiled_gate(parsed: ParsedPolicy) -> Plan:
    """The plan of a gate's policy. Raises PolicyError or PlanError with every fault.

    Of caps on portfolios each must be one that an optimiser can keep.
    """
    plan = compiled_dataflow(parsed, GATES[parsed.policy.strategy])
    if parsed.policy.strategy == PORTFOLIO.name:
        caps_of(parsed)
    return plan


def gate_snapshot(dataflow: Dataflow, known: Mapping[str, Any]) -> Any:  # noqa: ANN401  # the dataflow's own type
    """What a gate reads of all that is known, None for what is not."""
    return dataflow.snapshot(**{each.name: known.get(each.name) for each in fields(dataflow.snapshot)})
