"""What a watch policy reads of a champion: its drift, and its live returns against what they were to be.

The names are those of the watch's snapshot (`dataflows.gates`); the limits and what follows from them are the policy's.
A figure that is not known is None: the policy says what not knowing means.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import TypeAlias

import numpy as np

from dataflows.audit.model_drift import Drift, ModelDrift
from nodes.kernels.arrays import Array
from nodes.kernels.risk import max_drawdown
from nodes.kernels.significance.underperformance import Promise, shortfall

Figures: TypeAlias = Mapping[str, float | int | None]


def watch_figures(drift: ModelDrift | None, returns: Array, promise: Promise) -> Figures:
    """Every figure of a champion by the name that policies know it by.

    Args:
        drift: of the live window; None where there is no live row yet.
        returns: what the champion earned in each live session; NaN where that is not known.
        promise: what it was promoted for.
    """
    return drift_figures(drift) | record_figures(returns, promise)


def drift_figures(drift: ModelDrift | None) -> dict[str, float | int | None]:
    """The figures of drift.

    max_feature_psi_score and prediction_psi_score are 0 where chance or the training sample's own past explains the
    index; mmd_p_frac is the larger of both probabilities, by permutation and by that past; missing_rise_frac is by how
    much the share of rows without a value rose, of the feature where it rose most.
    """
    if drift is None:
        return dict.fromkeys(("max_feature_psi_score", "prediction_psi_score", "mmd_p_frac", "missing_rise_frac"))
    permuted, past = drift.discrepancy.p, drift.past_p
    return {
        "max_feature_psi_score": _largest([each.unusual_psi for each in drift.features]),
        "prediction_psi_score": _known(drift.prediction.unusual_psi),
        "mmd_p_frac": None if math.isnan(permuted) else _largest([permuted, past]),
        "missing_rise_frac": _largest([missing_rise(each) for each in drift.features]),
    }


def record_figures(returns: Array, promise: Promise) -> dict[str, float | int | None]:
    """The figures of a live record. One of no session has lost nothing, and breaks no promise that could be told.

    live_shortfall_p_frac holds at any time: a policy may look at it after each session.
    """
    known = returns[np.isfinite(returns)]
    found = shortfall(known, promise)
    return {
        "live_sessions": found.n_sessions,
        "live_mean_return_frac": _known(found.mean_return),
        "live_drawdown_frac": max_drawdown(known),
        "live_shortfall_p_frac": _known(found.p),
    }


def missing_rise(drift: Drift) -> float:
    """By how much the share of rows without a value rose."""
    return drift.missing_frac - drift.missing_before_frac


def _known(value: float) -> float | None:
    return None if math.isnan(value) else value


def _largest(values: list[float]) -> float | None:
    """The largest that is known; None where none is."""
    return max((value for value in values if not math.isnan(value)), default=None)
