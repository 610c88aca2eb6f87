"""Portfolios by name: all long, all of the target, none over the cap."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nodes.kernels.portfolio.methods import PORTFOLIOS, capped_hrp_weights, equal_weights, portfolio_named
from nodes.kernels.risk import portfolio_volatility
from nodes.vocabulary.errors import DataError
from tests.nodes.kernels.portfolio.test_risk_budgeting import PAPER, made


@settings(max_examples=15)
@given(size=st.integers(1, 9), seed=st.integers(0, 1000), room=st.floats(1.0, 4.0))
def test_every_method_spends_the_target_under_the_cap(size: int, seed: int, room: float) -> None:
    matrix, cap = made(size, seed), room * 0.9 / size
    for name, portfolio in PORTFOLIOS.items():
        weights = portfolio(matrix, 0.9, cap)
        assert weights.sum() == pytest.approx(0.9, rel=1e-8), name
        assert weights.min() >= 0.0
        assert weights.max() <= cap * (1.0 + 1e-9)


def test_equal_weights_have_the_volatility_of_the_paper() -> None:
    assert portfolio_volatility(equal_weights(PAPER, 1.0, 1.0), PAPER) == pytest.approx(0.115, abs=2e-4)


def test_hrp_hands_what_is_over_the_cap_to_the_others() -> None:
    free, capped = capped_hrp_weights(PAPER, 1.0, 1.0), capped_hrp_weights(PAPER, 1.0, 0.4)
    assert free.max() > 0.4
    assert capped.max() == 0.4
    assert capped[1] / capped[2] == pytest.approx(free[1] / free[2])


def test_an_unknown_method_lists_the_known_ones() -> None:
    with pytest.raises(
        DataError, match="portfolio method 'luck' is unknown; name one of equal-weight, erc, hrp, minimum"
    ):
        portfolio_named("luck")


def test_no_asset_has_no_weight() -> None:
    assert [portfolio(np.empty((0, 0)), 0.9, 0.5).tolist() for portfolio in PORTFOLIOS.values()] == [[]] * 4
