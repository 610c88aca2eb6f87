"""What the plan risks: in money for each share, and each share's part of the risk of all."""

from __future__ import annotations

import numpy as np

from nodes.kernels.arrays import array, column
from nodes.kernels.book_risk import book_volatility, risk_shares
from nodes.vocabulary.units import Frac, FracMatrix, FracRow, Panel, Score, Usd, UsdRow


def bad_day_loss_usd(plan_rows: Panel, equity_usd: Usd, bad_day_deviations_score: Score) -> UsdRow:
    """What each target may lose on a bad day.

    Formula: |target_weight_frac| * volatility_frac * bad_day_deviations_score * equity_usd
    Unit: USD. Missing: null where the target or the volatility is.
    Source: J.P. Morgan, Reuters (1996), RiskMetrics technical document, section 1.2: value at risk of one position.
    """
    weight, volatility = array(plan_rows["target_weight_frac"]), array(plan_rows["volatility_frac"])
    return UsdRow(column(np.abs(weight) * volatility * bad_day_deviations_score * float(equity_usd)))


def book_volatility_frac(plan_rows: Panel, return_covariance: FracMatrix) -> Frac:
    """Volatility of the whole plan, per session.

    Formula: sqrt(w' C w), w the target weights
    Unit: fraction of equity, per session. Missing: absent where a target has no covariance with the others, or no
    target could be computed.
    Source: Markowitz (1952), J. Finance 7(1).
    """
    return Frac(book_volatility(array(plan_rows["target_weight_frac"]), return_covariance))


def risk_share_frac(plan_rows: Panel, return_covariance: FracMatrix) -> FracRow:
    """Each target's part of the risk of the whole plan; the parts add up to 1.

    Formula: w_i (C w)_i / w' C w
    Unit: fraction of the plan's variance. Missing: null where the plan risks nothing, or that is not known.
    Source: Maillard, Roncalli, Teiletche (2010), J. Portfolio Management 36(4).
    """
    return FracRow(column(risk_shares(array(plan_rows["target_weight_frac"]), return_covariance)))
