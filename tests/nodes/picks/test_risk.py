"""What the plan risks: in money, and by share."""

from __future__ import annotations

import math
from decimal import Decimal

import numpy as np
import pytest

from nodes.picks.risk import bad_day_loss_usd, book_volatility_frac, risk_share_frac
from nodes.vocabulary.units import FracMatrix, Score, Usd
from tests.nodes.picks.tables import plan_rows

COVARIANCE = FracMatrix(np.diag([0.0004, 0.0001, 0.0009, float("nan")]))


def test_a_bad_day_costs_some_deviations_of_what_is_held() -> None:
    found = bad_day_loss_usd(plan_rows(), Usd(Decimal(1_000_000)), Score(1.645))
    assert found.to_list() == pytest.approx([16450.0, 0.0, 0.0, None])


def test_the_plan_moves_as_its_holdings_do_together() -> None:
    assert book_volatility_frac(plan_rows(), COVARIANCE) == pytest.approx(0.01)
    assert risk_share_frac(plan_rows(), COVARIANCE).to_list() == [1.0, 0.0, 0.0, None]


def test_a_plan_without_a_target_has_no_known_risk() -> None:
    rows = plan_rows(target_weight_frac=[None] * 4)
    rows = type(rows)(rows.with_columns(rows["target_weight_frac"].cast(float)))
    assert math.isnan(book_volatility_frac(rows, COVARIANCE))
