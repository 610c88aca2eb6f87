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
