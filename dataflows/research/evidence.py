"""What a study's outcome proves: superior ability, overfitting, the Sharpe ratio less what trying explains.

Each figure says what the gates of the promotion policy ask by the same name. A figure that the data cannot bear is left
out with its reason, and a gate that needs it denies.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np

from dataflows.research.design import StudyDesign
from dataflows.research.outcome import StudyOutcome
from nodes.kernels.arrays import Array
from nodes.kernels.risk import max_drawdown
from nodes.kernels.significance.bootstrap import Resampling
from nodes.kernels.significance.overfitting import Overfitting, backtest_overfitting
from nodes.kernels.significance.reality_check import RealityCheck, SuperiorAbility, reality_check, superior_ability
from nodes.kernels.significance.sharpe import (
    annualised,
    deflated_sharpe_of_trials,
    expected_maximum_sharpe,
    minimum_track_record,
    moments_of_returns,
    probabilistic_sharpe,
    sharpe_ratio,
)
from nodes.vocabulary.errors import DataError

SESSIONS_A_YEAR = 252.0
_LEVEL_FRAC = 0.05


@dataclass
class StudyEvidence:
    """What is known of a study, and what could not be.

    Attributes:
        figures: by name, in the words of the gates.
        n_trials: how many trials the ledger held when the figures were computed.
        absences: why a figure is not there, by name.
        ability: Hansen's test over all trials; None when it could not be made.
        check: White's test.
        overfitting: what CSCV found.
    """

    n_trials: int
    figures: dict[str, float] = field(default_factory=dict)
    absences: dict[str, str] = field(default_factory=dict)
    ability: SuperiorAbility | None = None
    check: RealityCheck | None = None
    overfitting: Overfitting | None = None

    @property
    def known(self) -> Mapping[str, float | int]:
        """What a gate is told: the figures, counts as whole numbers."""
        counts = {"n_trials": self.n_trials}
        if "oos_sessions" in self.figures:
            counts["oos_sessions"] = int(self.figures["oos_sessions"])
        return {**self.figures, **counts}


def study_evidence(design: StudyDesign, outcome: StudyOutcome, n_trials: int) -> StudyEvidence:
    """The evidence of an outcome.

    Args:
        design: of the study.
        outcome: of its trials.
        n_trials: how many the family's ledger holds: those of earlier studies too.
    """
    found = StudyEvidence(n_trials, {"oos_sessions": float(len(outcome.chosen))})
    _add_tests(found, design, outcome)
    _add_sharpe(found, outcome)
    found.figures["oos_max_drawdown_frac"] = max_drawdown(outcome.chosen)
    found.figures["oos_return_frac"] = _total_return(outcome.chosen)
    return found


def _add_tests(found: StudyEvidence, design: StudyDesign, outcome: StudyOutcome) -> None:
    resampling = Resampling("stationary", float(design.bootstrap_block_sessions), design.n_bootstraps, design.seed)
    try:
        found.ability = superior_ability(outcome.matrix, resampling)
        found.check = reality_check(outcome.matrix, resampling)
        found.figures |= {
            "spa_p_frac": found.ability.p_consistent,
            "spa_p_lower_frac": found.ability.p_lower,
            "spa_p_upper_frac": found.ability.p_upper,
            "reality_check_p_frac": found.check.p_value,
        }
    except DataError as error:
        found.absences["spa_p_frac"] = str(error)
    try:
        found.overfitting = backtest_overfitting(outcome.matrix, design.n_blocks)
        found.figures["pbo_frac"] = found.overfitting.pbo
    except DataError as error:
        found.absences["pbo_frac"] = str(error)


def _add_sharpe(found: StudyEvidence, outcome: StudyOutcome) -> None:
    try:
        moments = moments_of_returns(outcome.chosen)
        found.figures |= {
            "oos_sharpe_score": annualised(moments.sharpe, SESSIONS_A_YEAR),
            "psr_frac": probabilistic_sharpe(moments, 0.0),
        }
        trials = np.array([sharpe_ratio(trial.returns) for trial in outcome.trials])
        found.figures["dsr_frac"] = deflated_sharpe_of_trials(moments, trials, float(found.n_trials))
        luckiest = expected_maximum_sharpe(float(found.n_trials), _variance(trials))
        found.figures["luckiest_sharpe_score"] = annualised(luckiest, SESSIONS_A_YEAR)
        needed = minimum_track_record(moments, 0.0, _LEVEL_FRAC)
        if np.isfinite(needed):
            found.figures["needed_sessions"] = needed
    except DataError as error:
        found.absences["dsr_frac"] = str(error)


def _total_return(returns: Array) -> float:
    """What was earned in all; everything is lost once a session loses all there is."""
    return -1.0 if np.any(returns <= -1.0) else float(np.expm1(np.sum(np.log1p(returns))))


def _variance(values: Array) -> float:
    away = values - np.sum(values) / len(values)
    return float(np.sum(away * away) / (len(values) - 1))
