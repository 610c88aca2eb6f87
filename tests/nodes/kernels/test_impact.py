"""Impact and slippage: shape of each law, limits of each model. Published numbers are in test_reference_cases."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nodes.kernels.impact import AlmgrenModel, VolumeShareSlippage, square_root_impact_frac

PARTS = st.floats(1e-9, 1.0)


@given(part=PARTS, volatility=st.floats(1e-6, 0.5))
def test_four_times_the_size_has_twice_the_impact(part: float, volatility: float) -> None:
    one = square_root_impact_frac(1.0, volatility, part)
    assert square_root_impact_frac(1.0, volatility, part * 4.0) == pytest.approx(one * 2.0, rel=1e-12)


def test_nothing_traded_moves_nothing() -> None:
    assert square_root_impact_frac(1.0, 0.02, 0.0) == 0.0


@given(part=PARTS)
def test_realised_cost_is_half_the_permanent_and_all_of_the_temporary_impact(part: float) -> None:
    model = AlmgrenModel(gamma=0.314, eta=0.142, beta=0.6, delta=0.25)
    parts = model.permanent_frac(0.02, part, 80.0) / 2.0 + model.temporary_frac(0.02, part, 0.5)
    assert model.realised_frac(0.02, part, 80.0, 0.5) == pytest.approx(parts, rel=1e-12)


def test_slower_trading_is_cheaper() -> None:
    model = AlmgrenModel(gamma=0.314, eta=0.142, beta=0.6, delta=0.25)
    assert model.temporary_frac(0.02, 0.1, 0.5) < model.temporary_frac(0.02, 0.1, 0.1)


@pytest.mark.parametrize(("order", "filled"), [(100, 50), (-100, -50), (30, 30), (-30, -30), (0, 0)])
def test_volume_share_fills_up_to_its_part_of_the_bar(order: int, filled: int) -> None:
    assert VolumeShareSlippage(0.025, 0.1).filled_shares(order, 2000) == filled


@pytest.mark.parametrize(("order", "volume"), [(0, 2000), (100, 0), (100, 39)])
def test_volume_share_has_no_price_for_nothing(order: int, volume: int) -> None:
    assert VolumeShareSlippage(0.025, 0.1).fill_price(order, 3.5, volume) is None


def test_a_bar_that_others_took_from_has_less_left_and_a_worse_price() -> None:
    """zipline-reloaded, finance/slippage.py, VolumeShareSlippage.process_order: volume_for_bar counts in both."""
    model = VolumeShareSlippage(0.025, 0.1)
    assert model.filled_shares(30, 2000) == 30
    assert model.fill_price(30, 3.5, 2000) == pytest.approx(3.5 * (1 + 0.1 * 0.015**2), abs=1e-12)
    assert model.filled_shares(-30, 2000, taken_shares=30) == -20
    assert model.fill_price(-30, 3.5, 2000, taken_shares=30) == pytest.approx(3.49978125, abs=1e-12)
    assert model.filled_shares(30, 2000, taken_shares=50) == 0
    assert model.fill_price(30, 3.5, 2000, taken_shares=60) is None


@pytest.mark.parametrize(("order", "limit", "is_filled"), [(100, 3.5, False), (100, 3.6, True), (-100, 3.5, False)])
def test_an_order_is_not_filled_where_the_moved_price_is_beyond_its_limit(
    order: int, limit: float, *, is_filled: bool
) -> None:
    """zipline-reloaded, tests/finance/test_slippage.py, test_orders_limit: a close at the limit does not fill."""
    found = VolumeShareSlippage(0.025, 0.1).fill_price(order, 3.5, 2000, limit_price=limit)
    assert (found is not None) is is_filled


@pytest.mark.parametrize(
    ("shares", "volume", "moved"), [(25, 1000, 0.00625), (10_000, 990, 0.00625), (10, 1000, 0.001)]
)
def test_slippage_of_a_whole_order_stops_at_the_limit_of_the_part(shares: int, volume: int, moved: float) -> None:
    """QuantConnect/Lean, VolumeShareSlippageModel.cs: min(|quantity| / volume, limit)^2 x impact x price.

    Without volume it takes the limit.
    """
    model = VolumeShareSlippage(0.025, 0.1)
    assert model.slippage(shares, 100.0, volume) == pytest.approx(moved, abs=1e-12)
    assert model.slippage(-shares, 100.0, volume) == model.slippage(shares, 100.0, volume)
    assert model.slippage(shares, 100.0, 0) == pytest.approx(0.00625, abs=1e-12)
