"""What the bytes of an outbox ask of a broker."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest

from adapters.brokers.wanted import wanted_order
from nodes.vocabulary.errors import DataError
from nodes.vocabulary.trading import Side, TimeInForce
from tests.adapters.brokers.orders import asked, outbound


def test_an_order_is_read_from_its_bytes() -> None:
    found = wanted_order(*outbound("A", -30))
    assert (found.cl_ord_id, found.symbol, found.side, found.shares) == ("A", "IBM", Side.SELL, 30)
    assert (found.limit_price_usd, found.time_in_force, found.expires_at) == (Decimal("190.10"), TimeInForce.DAY, None)


def test_a_sale_that_its_bytes_mark_is_short() -> None:
    assert wanted_order(*outbound("A", -30, is_short=True)).side is Side.SELL_SHORT


@pytest.mark.parametrize(("shares", "limit", "expected"), [(100, "190.05", "190.05"), (-100, "190.05", "190.10")])
def test_the_tighter_of_two_limits_goes_out(shares: int, limit: str, expected: str) -> None:
    found = wanted_order(*outbound("A", shares, instructions=asked(limit_price_usd=Decimal(limit))))
    assert found.limit_price_usd == Decimal(expected)


@pytest.mark.parametrize(
    ("said", "beyond"),
    [
        ({}, ""),
        (
            {"time_in_force": TimeInForce.GTD, "expires_at": datetime(2026, 11, 23, tzinfo=UTC)},
            "no order of time in force GTD",
        ),
        ({"is_pegged": True}, "no pegged order"),
        ({"is_post_only": True, "limit_price_usd": Decimal(190)}, "no post-only order"),
    ],
)
def test_what_a_broker_does_not_take_is_named(said: dict[str, Any], beyond: str) -> None:
    found = wanted_order(*outbound("A", instructions=asked(**said)))
    assert found.beyond({TimeInForce.DAY}) == beyond


def test_bytes_that_hold_no_instructions_are_refused() -> None:
    with pytest.raises(DataError, match="are none of this version"):
        wanted_order(*outbound("A", instructions={"time_in_force": "?"}))
