"""A working order in the parts of its route, where its client lets them go."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from fractions import Fraction

import pytest

from api.use_cases.routed_orders import routed_order, split_order
from governance.entries import child_cl_ord_id
from nodes.vocabulary.canonical import encode
from nodes.vocabulary.instructions import PLAIN, Instructions
from nodes.vocabulary.orders import PendingOrder
from nodes.vocabulary.trading import TimeInForce

ROUTE = (("OPEN", 300, 1_000_000, "auction"), ("IEX", 100, 990_000, "post"))
PARAMS = {"session_venue": "DAY", "auction_venue": "OPEN"}
ORDER = PendingOrder("key", b"d" * 32, "IBM", -400, Decimal("99.00"), 4.0, 0.02)


def parts(asked: Instructions, sent: bool = True) -> list[tuple[str, int, str]]:  # noqa: FBT001, FBT002  # a case
    content = encode({"route": ROUTE, "instructions": asked.content}) if sent else None
    found = routed_order(ORDER, content, "ID", PARAMS, (4.0, 0.02))
    assert found.children[0].cl_ord_id == child_cl_ord_id("ID", 0)
    assert found.instructions == (asked if sent else PLAIN)
    return [child[1:] for child in found.children]


@pytest.mark.parametrize(
    ("asked", "wanted"),
    [
        (PLAIN, [("OPEN", 300, "auction"), ("IEX", 100, "post")]),
        (Instructions(TimeInForce.OPG), [("OPEN", 400, "auction")]),
        (Instructions(TimeInForce.CLS), [("OPEN", 400, "auction")]),
        (Instructions(TimeInForce.IOC), [("DAY", 300, "take"), ("IEX", 100, "post")]),
        (Instructions(TimeInForce.FOK), [("DAY", 400, "take")]),
        (Instructions(is_pegged=True), [("DAY", 300, "take"), ("IEX", 100, "post")]),
        (Instructions(stop_price_usd=Decimal(98)), [("DAY", 300, "take"), ("IEX", 100, "post")]),
    ],
)
def test_parts_go_where_the_client_lets_them(asked: Instructions, wanted: list[tuple[str, int, str]]) -> None:
    """EXE-15."""
    assert parts(asked) == wanted


def test_an_order_whose_bytes_are_not_there_works_through_the_session() -> None:
    assert parts(PLAIN, sent=False) == [("DAY", 400, "post")]


def test_what_an_auction_leaves_has_a_name_of_its_own() -> None:
    found = routed_order(ORDER, encode({"route": ROUTE}), "ID", PARAMS, (4.0, 0.02))
    assert found.rest.cl_ord_id == child_cl_ord_id("ID", 2)
    assert found.rest.cl_ord_id not in {child.cl_ord_id for child in found.children}


@pytest.mark.parametrize(
    ("traded", "left_shares", "wanted"),
    [
        ({0: 100, 1: 40}, 260, [200, 60]),
        ({0: 100, 2: 150}, 150, [50, 100]),
        ({1: 100}, 300, [300]),
        ({0: 300, 1: 100}, 10, [7, 3]),
    ],
)
def test_in_a_later_session_each_part_has_what_it_has_not_traded(
    traded: dict[int, int], left_shares: int, wanted: list[int]
) -> None:
    """EXE-15: what the rest has traded was the auction's; of shares put back when all had traded, each has its part."""
    known = {child_cl_ord_id("ID", place): shares for place, shares in traded.items()}
    order = replace(ORDER, order_shares=-left_shares)
    found = routed_order(order, encode({"route": ROUTE}), "ID", PARAMS, (4.0, 0.02), known)
    assert [child.shares for child in found.children] == wanted


def test_a_split_changes_a_clients_prices_against_nobody() -> None:
    """The limit goes to the tick that is no looser, the stop to the one that wakes no sooner."""
    asked = Instructions(limit_price_usd=Decimal("97.01"), stop_price_usd=Decimal("98.01"))
    order = routed_order(ORDER, encode({"route": ROUTE, "instructions": asked.content}), "ID", PARAMS, (4.0, 0.02))
    sale = split_order(order, Fraction(2)).instructions
    assert (sale.limit_price_usd, sale.stop_price_usd) == (Decimal("48.51"), Decimal("49.00"))
    purchase = split_order(replace(order, shares=400), Fraction(2)).instructions
    assert (purchase.limit_price_usd, purchase.stop_price_usd) == (Decimal("48.50"), Decimal("49.01"))
