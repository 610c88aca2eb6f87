"""The reality gap: costs as they were predicted against costs as they came, on orders that no calibration has seen.

Two predictors are told apart. The policy's own is what its guardrails rested on. The calibrated one scales the policy's
parts, half spread, impact and fees, to what the orders of the first sessions paid. Both are judged on the orders of the
sessions after, in a market of other parameters and other luck (the held-out one), and on the same orders in the market
that was calibrated to, so that one sees which part of the gap comes from the other market.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from datetime import date

import numpy as np
import polars as pl

from api.use_cases.backtest_figures import column
from nodes.kernels.arrays import Array
from nodes.kernels.reality_gap import GapDistribution, cost_coefficients, gap_distribution
from nodes.vocabulary.errors import DataError

TOLERANCE_FRAC = 0.10
CALIBRATION_FRAC = 0.6
PARTS = ("half_spread_bps", "expected_impact_bps", "fee_bps")


@dataclass(frozen=True)
class GapRow:
    """One predictor in one market.

    Attributes:
        predictor: "policy" or "calibrated".
        market: "calibrated to" or "held out".
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
        coefficients: what the calibration multiplies each part by, by name.
        held_out: name of the market that nothing was calibrated to.
        rows: predictors by markets.
        orders: one row an order that judges, in the held-out market: decision, predictions, realised cost, gap.
    """

    split_on: date
    n_calibrating: int
    coefficients: dict[str, float]
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
    calibrating = _filled(base).filter(pl.col("session_on") < split_on)
    coefficients = cost_coefficients(_parts(calibrating), column(calibrating, "realised_cost_bps"))
    rows: list[GapRow] = []
    shown = pl.DataFrame()
    for name, orders in (("calibrated to", base), ("held out", held_out)):
        judged = _filled(orders).filter(pl.col("session_on") >= split_on)
        shown = _shown(judged, coefficients)
        realised = column(judged, "realised_cost_bps")
        for predictor in ("policy", "calibrated"):
            predicted = column(shown, f"{predictor}_bps")
            rows.append(GapRow(predictor, name, gap_distribution(predicted, realised, TOLERANCE_FRAC)))
    return RealityGap(
        split_on=split_on,
        n_calibrating=calibrating.height,
        coefficients=dict(zip(PARTS, coefficients.tolist(), strict=True)),
        held_out=market,
        rows=tuple(rows),
        orders=shown,
    )


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
    return with_fee.drop_nulls(["realised_cost_bps", *PARTS])


def _parts(orders: pl.DataFrame) -> Array:
    return np.column_stack([column(orders, part) for part in PARTS])


def _shown(judged: pl.DataFrame, coefficients: Array) -> pl.DataFrame:
    calibrated = _parts(judged) @ coefficients
    realised = column(judged, "realised_cost_bps")
    return judged.select(
        "decision_id",
        "session_on",
        "symbol",
        "filled_shares",
        "realised_cost_bps",
        policy_bps=pl.col("expected_cost_bps"),
        calibrated_bps=pl.Series(calibrated),
        error_bps=pl.Series(realised - calibrated),
    )
