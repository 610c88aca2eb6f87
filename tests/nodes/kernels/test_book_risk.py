from __future__ import annotations

import math

import numpy as np
import pytest

from nodes.kernels.book_risk import book_volatility, risk_shares

MATRIX = np.array([[0.04, 0.01, 0.0], [0.01, 0.09, 0.0], [0.0, 0.0, float("nan")]])


def test_the_risk_of_a_book_is_that_of_its_weights() -> None:
    weights = np.array([0.5, 0.5, 0.0])
    assert book_volatility(weights, MATRIX) == pytest.approx(math.sqrt(0.25 * (0.04 + 0.09 + 0.02)))
    assert risk_shares(weights, MATRIX) == pytest.approx([1 / 3, 2 / 3, 0.0])


def test_a_share_that_is_not_held_needs_no_covariance() -> None:
    assert math.isfinite(book_volatility(np.array([0.5, 0.5, float("nan")]), MATRIX))
    assert math.isnan(risk_shares(np.array([0.5, 0.5, float("nan")]), MATRIX)[2])


def test_a_holding_without_covariance_leaves_the_risk_unknown() -> None:
    weights = np.array([0.5, 0.0, 0.5])
    assert math.isnan(book_volatility(weights, MATRIX))
    assert np.isnan(risk_shares(weights, MATRIX)).all()


def test_nothing_known_is_unknown_and_nothing_held_risks_nothing() -> None:
    assert math.isnan(book_volatility(np.full(3, float("nan")), MATRIX))
    assert book_volatility(np.zeros(3), MATRIX) == 0.0
    assert np.isnan(risk_shares(np.zeros(3), MATRIX)).all()
