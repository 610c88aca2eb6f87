"""The reality gap: costs as they were predicted against costs as they came, on orders that no calibration has seen.

Three predictors are told apart. The policy's own is what its guardrails rested on. The calibrated one scales its parts,
spread, impact and fees, to what orders of the first sessions paid in the market of the run. The learnt one does
so from what they paid in the market where it is judged, as a desk learns from its own fills. All are judged on the
orders of the sessions after, which none has seen, in a market of other parameters and other luck (the held-out one),
and in the market of the run, so that one sees which part of the gap comes from the other market.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

import numpy as np
import polars as pl

from api.use_cases.backtest_figures import column
from nodes.kernels.arrays import Array
from nodes.kernels.reality_gap import (
    GapDistribution,
    beyond_share,
    cost_coefficients,
    gap_distribution,
    predicted_bps,
    relative_misses,
)
from nodes.vocabulary.errors import DataError

TOLERANCE_FRAC = 0.10
CALIBRATION_FRAC = 0.6
PARTS = ("half_spread_bps", "late_spread_bps", "expected_impact_bps", "fee_bps")
"""Half the spread, the same of what an auction has no room for, impact, fees."""
_LEAST_BPS = 0.1
KNEES = (0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9)
"""Quantiles of participation that are tried for the room of an auction."""


@dataclass(frozen=True)
class Predictor:
    """What predicts a cost.

    Attributes:
        knee_frac: room of an auction as a part of the day's volume; 1 where none is seen.
        coefficients: of `PARTS`.
    """

    knee_frac: float
    coefficients: Array

    @property
    def by_name(self) -> dict[str, float]:
        """Its numbers by name."""
        return {**dict(zip(PARTS, self.coefficients.tolist(), strict=True)), "knee_frac": self.knee_frac}


@dataclass(frozen=True)
class GapRow:
    """One predictor in one market.

    Attributes:
        predictor: "policy", "calibrated" or "learnt".
        market: "of the run" or "held out".
        found: the distribution.
    """

    predictor: str
    market: str
    found: GapDistribution


@dataclass(frozen=True)
class RealityGap:
    """Predicted against realised cost.

    Attributes:
        split_on: orders decided before it calibrate, the others judge.
        n_calibrating: orders that calibrate.
        coefficients: by what each predictor multiplies each part, and the room that it sees in an auction, as a part of
            the day's volume.
        held_out: name of the market that nothing was calibrated to.
        rows: predictors by markets.
        orders: one row an order that judges, in the held-out market: decision, predictions, realised cost, gap.
    """

    split_on: date
    n_calibrating: int
    coefficients: dict[str, dict[str, float]]
    held_out: str
    rows: tuple[GapRow, ...]
    orders: pl.DataFrame


def reality_gap(base: pl.DataFrame, held_out: pl.DataFrame, market: str) -> RealityGap:
    """The reality gap of a run.

    Args:
        base: orders in the market that costs are calibrated to.
        held_out: orders in the other one.
        market: its name.

    Raises:
        DataError: too few orders were filled to calibrate, or to judge.
    """
    split_on = _split_on(base)
    fitted = {
        "policy": Predictor(1.0, np.array([1.0, 0.0, 1.0, 1.0])),
        "calibrated": _calibrated(base, split_on),
        "learnt": _calibrated(held_out, split_on),
    }
    rows: list[GapRow] = []
    shown = pl.DataFrame()
    for name, orders in (("of the run", base), ("held out", held_out)):
        predictors = {key: found for key, found in fitted.items() if key != "learnt" or orders is held_out}
        shown = _shown(_filled(orders).filter(pl.col("session_on") >= split_on), predictors)
        realised = column(shown, "realised_cost_bps")
        rows += [
            GapRow(key, name, gap_distribution(column(shown, f"{key}_bps"), realised, TOLERANCE_FRAC))
            for key in predictors
        ]
    return RealityGap(
        split_on=split_on,
        n_calibrating=_filled(base).filter(pl.col("session_on") < split_on).height,
        coefficients={key: found.by_name for key, found in fitted.items()},
        held_out=market,
        rows=tuple(rows),
        orders=shown,
    )


def _calibrated(orders: pl.DataFrame, split_on: date) -> Predictor:
    """The predictor that is nearest to what the orders before a day paid."""
    seen = _filled(orders).filter(pl.col("session_on") < split_on)
    paid, participation = column(seen, "realised_cost_bps"), column(seen, "participation_frac")
    if not len(paid):
        message = f"no order was filled before {split_on} to calibrate with; take more sessions"
        raise DataError(message)
    usual = np.maximum(column(seen, "expected_cost_bps"), _LEAST_BPS)
    tried = []
    for knee in sorted(set(np.quantile(participation, KNEES).tolist())):
        parts = _parts(seen, knee)
        found = cost_coefficients(parts, paid, usual)
        tried.append((math.fsum(relative_misses(parts, found, paid, usual).tolist()), Predictor(knee, found)))
    return min(tried, key=lambda each: each[0])[1]


def _split_on(orders: pl.DataFrame) -> date:
    days = orders["session_on"].unique().sort().to_list()
    if not days:
        message = "no order was decided, so there is no cost to compare; take more sessions"
        raise DataError(message)
    found: date = days[min(math.floor(len(days) * CALIBRATION_FRAC), len(days) - 1)]
    return found


def _filled(orders: pl.DataFrame) -> pl.DataFrame:
    """Orders that traded and had a prediction, with the fee that was predicted for them."""
    with_fee = orders.with_columns(
        fee_bps=pl.col("expected_cost_bps") - pl.col("half_spread_bps") - pl.col("expected_impact_bps")
    )
    needed = ["realised_cost_bps", "half_spread_bps", "expected_impact_bps", "fee_bps", "participation_frac"]
    return with_fee.drop_nulls(needed)


def _parts(orders: pl.DataFrame, knee_frac: float) -> Array:
    late = beyond_share(column(orders, "participation_frac"), knee_frac)
    spread = column(orders, "half_spread_bps")
    return np.column_stack([spread, spread * late, column(orders, "expected_impact_bps"), column(orders, "fee_bps")])


def _shown(judged: pl.DataFrame, predictors: Mapping[str, Predictor]) -> pl.DataFrame:
    predicted = {
        f"{key}_bps": pl.Series(predicted_bps(_parts(judged, found.knee_frac), found.coefficients))
        for key, found in predictors.items()
    }
    return judged.select("decision_id", "session_on", "symbol", "filled_shares", "realised_cost_bps", **predicted)
