"""Prices on the tick, within the bands and above the bid; absent where it cannot be told."""

from __future__ import annotations

from decimal import Decimal

import pytest

from nodes.guardrails.market_rules import price_is_on_tick, price_is_within_bands, short_sale_passes_price_test
from nodes.vocabulary.units import Flag, UsdPerShare

YES, NO = Flag(True), Flag(False)  # noqa: FBT003  # the values themselves


def usd(text: str) -> UsdPerShare:
    return UsdPerShare(Decimal(text))


@pytest.mark.parametrize(
    ("price", "tick", "wanted"),
    [("10.00", "0.01", True), ("10.005", "0.01", False), ("10.005", "0.005", True), ("0.1234", "0.0001", True)],
)
def test_a_price_is_on_tick_when_nothing_is_left(price: str, tick: str, *, wanted: bool) -> None:
    assert price_is_on_tick(usd(price), usd(tick)) is Flag(wanted)


@pytest.mark.parametrize(("price", "wanted"), [("94.99", False), ("95", True), ("105", True), ("105.01", False)])
def test_bands_hold_their_edges(price: str, *, wanted: bool) -> None:
    assert price_is_within_bands(usd(price), usd("95"), usd("105"), YES) is Flag(wanted)
    assert price_is_within_bands(usd(price), None, None, NO) is YES
    assert price_is_within_bands(usd(price), usd("95"), None, YES) is None


@pytest.mark.parametrize(("price", "wanted"), [("9.99", False), ("10", False), ("10.01", True)])
def test_a_restricted_short_sale_needs_a_price_above_the_bid(price: str, *, wanted: bool) -> None:
    assert short_sale_passes_price_test(usd(price), usd("10"), YES, YES) is Flag(wanted)
    assert short_sale_passes_price_test(usd(price), None, YES, YES) is None
    assert short_sale_passes_price_test(usd(price), None, YES, NO) is YES
    assert short_sale_passes_price_test(usd(price), None, NO, YES) is YES
