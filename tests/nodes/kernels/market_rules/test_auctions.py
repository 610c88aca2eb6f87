"""Cut-offs of auctions, and reopenings that are put off with wider collars."""

from __future__ import annotations

from datetime import date

import pytest

from nodes.kernels.market_rules.auctions import (
    Pressure,
    Reopening,
    closing_order_is_cancellable,
    entry_fault,
    reopening_after_halt,
    reopening_after_pause,
    reopening_tried,
)
from nodes.kernels.market_rules.sessions import SessionTimes
from nodes.vocabulary.trading import OrdType, Side, TimeInForce, VenueOrder
from policies.rulebook import shipped_rulebook

S = 10**9
FULL = SessionTimes(date(2020, 3, 9), 0, 23_400 * S)
NASDAQ = shipped_rulebook().on(date(2020, 3, 9)).auctions["XNAS"]
BANDS = (950_000, 1_050_000)


def order(life: TimeInForce, kind: OrdType = OrdType.MARKET) -> VenueOrder:
    limit_e4 = None if kind is OrdType.MARKET else 1
    return VenueOrder("1", "X", Side.BUY, 1, kind, life, limit_e4, None, is_post_only=False, expires_ns=None)


@pytest.mark.parametrize(("life", "cutoff_ns"), [(TimeInForce.OPG, -120 * S), (TimeInForce.CLS, 23_100 * S)])
def test_an_auction_takes_orders_until_its_cutoff(life: TimeInForce, cutoff_ns: int) -> None:
    assert entry_fault(order(life), cutoff_ns - 1, FULL, NASDAQ) == ""
    assert "were taken until" in entry_fault(order(life), cutoff_ns, FULL, NASDAQ)
    assert entry_fault(order(TimeInForce.DAY), cutoff_ns, FULL, NASDAQ) == ""
    assert "on-close" in entry_fault(order(TimeInForce.CLS, OrdType.LIMIT), 23_100 * S, FULL, NASDAQ)


def test_on_close_orders_are_binding_in_the_last_minutes() -> None:
    assert closing_order_is_cancellable(22_800 * S - 1, FULL, NASDAQ)
    assert not closing_order_is_cancellable(22_800 * S, FULL, NASDAQ)


@pytest.mark.parametrize(
    ("hit", "reference_e4", "lower_e4", "upper_e4"),
    [
        (Pressure.SELL, 950_000, 902_500, 1_050_000),
        (Pressure.BUY, 1_050_000, 950_000, 1_102_500),
        (Pressure.NONE, 1_000_000, 950_000, 1_050_000),
    ],
)
def test_collars_after_a_pause_start_at_the_band_that_was_hit(
    hit: Pressure, reference_e4: int, lower_e4: int, upper_e4: int
) -> None:
    found = reopening_after_pause(0, hit, BANDS, NASDAQ, 100)
    assert (found.reference_e4, found.lower_e4, found.upper_e4) == (reference_e4, lower_e4, upper_e4)


def test_cheap_shares_have_collars_in_cents() -> None:
    found = reopening_after_halt(0, 30_000, NASDAQ, 100)
    assert (found.lower_e4, found.upper_e4) == (28_500, 31_500)


@pytest.mark.parametrize(
    ("indicative_e4", "pressure", "opened_e4", "lower_e4", "upper_e4"),
    [
        (902_500, Pressure.NONE, 902_500, 902_500, 1_050_000),
        (902_400, Pressure.NONE, None, 855_000, 1_050_000),
        (1_050_100, Pressure.NONE, None, 902_500, 1_097_500),
        (1_000_000, Pressure.SELL, None, 855_000, 1_050_000),
        (None, Pressure.NONE, None, 902_500, 1_050_000),
    ],
)
def test_a_reopening_trades_within_its_collars_or_is_put_off(
    indicative_e4: int | None, pressure: Pressure, opened_e4: int | None, lower_e4: int, upper_e4: int
) -> None:
    first = reopening_after_pause(300 * S, Pressure.SELL, BANDS, NASDAQ, 100)
    after = reopening_tried(first, indicative_e4, pressure, NASDAQ)
    assert (after.opened_e4, after.lower_e4, after.upper_e4) == (opened_e4, lower_e4, upper_e4)
    assert (after.at_ns, after.n_extensions) == ((300 * S, 0) if opened_e4 else (600 * S, 1))
    assert reopening_tried(after, 1, Pressure.NONE, NASDAQ) is after or opened_e4 is None


def test_a_collar_is_never_under_a_price() -> None:
    low = Reopening(100, 1500, 1, 1600, 0, 0, None)
    assert reopening_tried(low, None, Pressure.SELL, NASDAQ).lower_e4 == 1
