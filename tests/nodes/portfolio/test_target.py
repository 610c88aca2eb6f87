"""Targets and candidate orders: equal risk, whole lots, a band around each weight, silence where nothing is known."""

from __future__ import annotations

from decimal import Decimal

import numpy as np
import polars as pl
import pytest

from nodes.portfolio.target import (
    candidate_order_shares,
    last_close_usd,
    position_shares,
    position_weight_frac,
    target_shares,
    target_weight_frac,
)
from nodes.vocabulary.errors import DataError
from nodes.vocabulary.units import (
    FlagRow,
    Frac,
    FracMatrix,
    FracRow,
    Panel,
    Segments,
    Shares,
    SharesRow,
    SymbolRow,
    Usd,
    UsdColumn,
    UsdRow,
)

MATRIX = FracMatrix(np.diag([0.01, 0.04, 0.16]))
EQUITY = Usd(Decimal("1000000.00"))


def flags(word: str) -> FlagRow:
    """Selected (+), not (-), not eligible (?)."""
    return FlagRow(pl.Series([{"+": True, "-": False, "?": None}[letter] for letter in word], dtype=pl.Boolean))


def test_selected_share_the_risk_and_the_others_get_nothing() -> None:
    found = target_weight_frac(MATRIX, flags("+-+"), "erc", Frac(0.9), Frac(1.0)).to_list()
    assert found == [pytest.approx(0.72), 0.0, pytest.approx(0.18)]


def test_a_symbol_that_is_not_eligible_has_no_target_at_all() -> None:
    found = target_weight_frac(MATRIX, flags("+?+"), "erc", Frac(0.9), Frac(1.0)).to_list()
    assert found[1] is None


def test_nobody_selected_means_nothing_held() -> None:
    assert target_weight_frac(MATRIX, flags("-?-"), "erc", Frac(0.9), Frac(1.0)).to_list() == [0.0, None, 0.0]


def test_the_policy_chooses_the_method() -> None:
    """One word of the policy changes the portfolio: three shares of volatility 1, 2 and 4 in units of the first."""
    found = {
        method: target_weight_frac(MATRIX, flags("+++"), method, Frac(0.84), Frac(0.84)).to_list()
        for method in ("erc", "equal-weight", "minimum-variance")
    }
    assert found == {
        "erc": pytest.approx([0.48, 0.24, 0.12]),
        "equal-weight": pytest.approx([0.28] * 3),
        "minimum-variance": pytest.approx([0.64, 0.16, 0.04]),
    }


def test_a_method_that_does_not_exist_is_named() -> None:
    with pytest.raises(DataError, match="portfolio method 'luck' is unknown; name one of"):
        target_weight_frac(MATRIX, flags("+++"), "luck", Frac(0.9), Frac(0.9))


def test_one_selected_symbol_takes_the_gross_target() -> None:
    assert target_weight_frac(MATRIX, flags("-+-"), "erc", Frac(0.9), Frac(0.9)).to_list() == [0.0, 0.9, 0.0]


def test_caps_that_cannot_hold_the_target_are_named() -> None:
    with pytest.raises(
        DataError, match=r"2 assets of at most max_target_weight_frac 0\.4 hold 0\.8, under target_gross_frac 0\.9"
    ):
        target_weight_frac(MATRIX, flags("+?+"), "erc", Frac(0.9), Frac(0.4))


def test_weights_are_of_equity_and_unknown_without_any() -> None:
    shares, close = SharesRow(pl.Series([100, -50, 10])), UsdRow(pl.Series([1000.0, 2000.0, None]))
    assert position_weight_frac(shares, close, EQUITY).to_list() == [0.1, -0.1, None]
    assert position_weight_frac(shares, close, Usd(Decimal(0))).to_list() == [None] * 3


def test_target_shares_are_whole_lots_towards_zero() -> None:
    weights, close = FracRow(pl.Series([0.5, -0.5, None])), UsdRow(pl.Series([333.0, 333.0, 333.0]))
    assert target_shares(weights, close, EQUITY, Shares(1)).to_list() == [1501, -1501, None]
    assert target_shares(weights, close, EQUITY, Shares(100)).to_list() == [1500, -1500, None]


def test_candidates_lead_to_the_target_when_the_weight_has_left_the_band() -> None:
    found = candidate_order_shares(
        SharesRow(pl.Series([100, 100, 0, None])),
        SharesRow(pl.Series([90, 50, 5, 7])),
        FracRow(pl.Series([0.10, 0.10, 0.0, None])),
        FracRow(pl.Series([0.09, 0.05, 0.005, 0.1])),
        Frac(0.02),
    )
    assert found.to_list() == [0, 50, -5, None]


def test_positions_and_closes_line_up_with_the_symbols() -> None:
    held = Panel(pl.DataFrame({"symbol": ["B"], "position_shares": [7]}))
    assert position_shares(held, SymbolRow(pl.Series(["A", "B"]))).to_list() == [0, 7]
    assert last_close_usd(UsdColumn(pl.Series([1.0, 2.0, None])), Segments(np.array([0, 2, 3]))).to_list() == [
        2.0,
        None,
    ]
