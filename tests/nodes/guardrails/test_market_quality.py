"""Distances and moves, always as sizes."""

from __future__ import annotations

from decimal import Decimal

import pytest

from nodes.guardrails.market_quality import close_move_frac, daily_move_frac, gap_size_frac, limit_distance_bps
from nodes.vocabulary.units import Frac, UsdPerShare


def usd(text: str) -> UsdPerShare:
    return UsdPerShare(Decimal(text))


@pytest.mark.parametrize(("limit", "wanted"), [("102.00", 200.0), ("98.00", 200.0), ("100.00", 0.0)])
def test_limit_distance_is_the_same_on_both_sides(limit: str, wanted: float) -> None:
    assert limit_distance_bps(usd(limit), usd("100.00")) == wanted


def test_a_raw_move_of_a_split_shows() -> None:
    assert close_move_frac(usd("44.86"), usd("88.99")) == pytest.approx(0.496, abs=1e-3)
    assert close_move_frac(usd("130.00"), usd("100.00")) == 0.3


@pytest.mark.parametrize("price", ["0", "-1"])
def test_nothing_is_far_from_a_price_of_nothing(price: str) -> None:
    assert limit_distance_bps(usd("5.00"), usd(price)) is None
    assert close_move_frac(usd("5.00"), usd(price)) is None


def test_moves_have_no_side() -> None:
    assert daily_move_frac(Frac(-0.08)) == daily_move_frac(Frac(0.08)) == 0.08
    assert gap_size_frac(Frac(-0.06)) == 0.06
