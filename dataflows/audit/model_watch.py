"""What the watch says of a champion: steady, drifted, underperforming, or not to be judged yet, and why.

The limits come from a policy. What is done about it, such as a rollback, is decided by whoever asks: a finding is a
value. Not knowing is told apart from being well.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from enum import Enum

from dataflows.audit.model_drift import Drift, ModelDrift
from nodes.kernels.significance.underperformance import Shortfall


class Standing(Enum):
    """How a champion stands, the gravest last."""

    STEADY = "steady"
    UNMEASURED = "unmeasured"
    DRIFTED = "drifted"
    UNDERPERFORMING = "underperforming"


@dataclass(frozen=True, slots=True)
class WatchLimits:
    """When a champion is no longer trusted.

    Attributes:
        max_feature_psi_score: stability index of any feature, beyond chance and beyond its own past.
        max_prediction_psi_score: the same of what the model says.
        max_discrepancy_score: squared discrepancy of all features at once, beyond its own past.
        max_missing_rise_frac: by how much the share of rows without a value may rise, of any feature.
        min_shortfall_p_frac: the promise counts as broken under this probability.
        min_live_rows: with fewer live rows nothing is said of drift.
    """

    max_feature_psi_score: float
    max_prediction_psi_score: float
    max_discrepancy_score: float
    max_missing_rise_frac: float
    min_shortfall_p_frac: float
    min_live_rows: int


@dataclass(frozen=True, slots=True)
class WatchFinding:
    """What the watch found.

    Attributes:
        standing: the gravest of all that was found.
        reasons: every limit that was passed, in words with its figures; what was not measured too.
        figures: what the limits were compared with, by name; None where it is not known.
    """

    standing: Standing
    reasons: tuple[str, ...]
    figures: dict[str, float | None]

    @property
    def calls_for_rollback(self) -> bool:
        """Whether the champion is to go. What could not be measured is no reason."""
        return self.standing in (Standing.DRIFTED, Standing.UNDERPERFORMING)


def watch_finding(drift: ModelDrift | None, live: Shortfall, limits: WatchLimits) -> WatchFinding:
    """The finding on a champion.

    Args:
        drift: of the live window; None where there is no live row yet.
        live: its returns against its promise.
        limits: of the policy.
    """
    unmeasured: list[str] = []
    drifted: list[str] = []
    if drift is None or drift.n_rows < limits.min_live_rows:
        count = drift.n_rows if drift else 0
        unmeasured.append(f"{count} live rows are under {limits.min_live_rows}: drift is not judged")
    else:
        drifted = _drift_reasons(drift, limits)
    if math.isnan(live.p):
        unmeasured.append("no live return yet: performance is not judged")
    broken = _shortfall_reasons(live, limits)
    found = [(Standing.UNDERPERFORMING, broken), (Standing.DRIFTED, drifted), (Standing.UNMEASURED, unmeasured)]
    standing = next((standing for standing, reasons in found if reasons), Standing.STEADY)
    return WatchFinding(standing, tuple(broken + drifted + unmeasured), watch_figures(drift, live))


def watch_figures(drift: ModelDrift | None, live: Shortfall) -> dict[str, float | None]:
    """What a policy may limit, by name; None where it is not known."""
    rows: dict[str, float] = {"live_sessions_count": float(live.n_sessions), "shortfall_p_frac": live.p}
    rows["live_mean_return_frac"] = live.mean_return
    if drift is not None:
        rows["live_rows_count"] = float(drift.n_rows)
        rows["feature_psi_score"] = _worst([each.unusual_psi for each in drift.features])
        rows["prediction_psi_score"] = drift.prediction.unusual_psi
        rows["discrepancy_score"] = drift.unusual_discrepancy
        rows["missing_rise_frac"] = _worst([missing_rise(each) for each in drift.features])
    names = ("live_rows_count", "feature_psi_score", "prediction_psi_score", "discrepancy_score", "missing_rise_frac")
    absent: dict[str, float | None] = dict.fromkeys(names)
    return absent | {name: value if math.isfinite(value) else None for name, value in rows.items()}


def missing_rise(drift: Drift) -> float:
    """By how much the share of rows without a value rose."""
    return drift.missing_frac - drift.missing_before_frac


def _worst(values: list[float]) -> float:
    """The largest that is known; NaN where none is."""
    return max((value for value in values if not math.isnan(value)), default=math.nan)


def _drift_reasons(drift: ModelDrift, limits: WatchLimits) -> list[str]:
    most = [(each, limits.max_feature_psi_score) for each in drift.features]
    most.append((drift.prediction, limits.max_prediction_psi_score))
    reasons = [
        f"{each.name} has a stability index of {each.psi:.3g}, over {limit:g} "
        f"(chance {each.chance_psi:.3g}, own past {each.usual_psi:.3g})"
        for each, limit in most
        if each.unusual_psi > limit
    ]
    reasons += [
        f"{each.name} is missing in {each.missing_frac:.1%} of live rows, {each.missing_before_frac:.1%} in training; "
        f"a rise of {limits.max_missing_rise_frac:.1%} is allowed"
        for each, _ in most
        if missing_rise(each) > limits.max_missing_rise_frac
    ]
    if drift.unusual_discrepancy > limits.max_discrepancy_score:
        reasons.append(
            f"all features at once lie {drift.discrepancy.squared:.3g} apart, over {limits.max_discrepancy_score:g} "
            f"(p {drift.discrepancy.p:.3g}, own past {drift.usual_discrepancy:.3g})"
        )
    return reasons


def _shortfall_reasons(live: Shortfall, limits: WatchLimits) -> list[str]:
    if not live.p < limits.min_shortfall_p_frac:
        return []
    found = f"mean live return of {live.mean_return:.3%} over {live.n_sessions} sessions breaks the promise"
    return [f"{found}: p {live.p:.3g} at any time, under {limits.min_shortfall_p_frac:g}"]
