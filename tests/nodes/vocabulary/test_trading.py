"""The words of venue orders are those of FIX, and an order that contradicts itself is told what is wrong."""

from __future__ import annotations

from dataclasses import replace

import pytest

from nodes.vocabulary.errors import DataError
from nodes.vocabulary.trading import OrdType, Side, TimeInForce, VenueOrder, checked_order, order_fault

LIMIT = VenueOrder(
    cl_ord_id="a1",
    symbol="AAPL",
    side=Side.BUY,
    shares=100,
    ord_type=OrdType.LIMIT,
    time_in_force=TimeInForce.DAY,
    limit_e4=5_000_000,
    stop_e4=None,
    is_post_only=False,
    expires_ns=None,
)


def test_codes_are_those_of_fix() -> None:
    """FIX 4.4 tags 54, 40 and 59."""
    assert [side.value for side in Side] == ["1", "2", "5"]
    assert [kind.value for kind in OrdType] == ["1", "2", "3", "4", "P"]
    assert [life.value for life in TimeInForce] == ["0", "2", "3", "4", "6", "7"]


def test_sales_of_both_kinds_have_the_sign_of_a_sale() -> None:
    assert [side.sign for side in Side] == [1, -1, -1]


@pytest.mark.parametrize(
    "order",
    [
        LIMIT,
        replace(LIMIT, is_post_only=True),
        replace(LIMIT, ord_type=OrdType.MARKET, limit_e4=None, time_in_force=TimeInForce.OPG),
        replace(LIMIT, ord_type=OrdType.PEGGED, limit_e4=None),
        replace(LIMIT, ord_type=OrdType.STOP_LIMIT, stop_e4=5_000_100),
        replace(LIMIT, time_in_force=TimeInForce.GTD, expires_ns=1),
    ],
)
def test_an_order_whose_fields_agree_is_taken(order: VenueOrder) -> None:
    assert checked_order(order) is order


@pytest.mark.parametrize(
    ("change", "fault"),
    [
        ({"shares": 0}, "shares were 0, expected a positive"),
        ({"shares": -5}, "shares were -5"),
        ({"limit_e4": None}, "limit_e4 of a LIMIT order was None"),
        ({"limit_e4": 0}, "limit_e4 of a LIMIT order was 0"),
        ({"ord_type": OrdType.MARKET}, "limit_e4 of a MARKET order was 5000000, expected none"),
        ({"ord_type": OrdType.PEGGED, "limit_e4": -1}, "limit_e4 of a PEGGED order was -1"),
        ({"ord_type": OrdType.STOP, "limit_e4": None}, "stop_e4 of a STOP order was None"),
        ({"stop_e4": 1}, "stop_e4 of a LIMIT order was 1, expected none"),
        ({"time_in_force": TimeInForce.GTD}, "expires_ns of a GTD order was None, expected an instant"),
        ({"expires_ns": 5}, "expires_ns of a DAY order was 5, expected none"),
        ({"is_post_only": True, "time_in_force": TimeInForce.IOC}, "post-only order was LIMIT IOC"),
        ({"ord_type": OrdType.PEGGED, "time_in_force": TimeInForce.FOK}, "PEGGED order was FOK"),
        (
            {"ord_type": OrdType.STOP, "limit_e4": None, "stop_e4": 1, "time_in_force": TimeInForce.CLS},
            "STOP order was CLS",
        ),
    ],
)
def test_an_order_that_contradicts_itself_names_the_field_and_its_value(change: dict[str, object], fault: str) -> None:
    order = replace(LIMIT, **change)  # type: ignore[arg-type]  # the table mixes fields on purpose
    assert fault in order_fault(order)
    with pytest.raises(DataError, match=r"order a1: .* send an order whose fields agree"):
        checked_order(order)
