"""The words of FIX at the edge: prices and sizes are exact, and what is no order is refused by its type."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal

import msgspec
import pytest

from api.http.schemas.execution_bodies import BookBody, RouteBody, SubmitBody
from nodes.vocabulary.errors import EdgeError
from nodes.vocabulary.instructions import PLAIN, Instructions
from nodes.vocabulary.trading import TimeInForce


def test_a_book_is_read_to_the_ten_thousandth_of_a_dollar() -> None:
    body = msgspec.json.decode(b'{"venue": "NYSE", "asks": [{"price": "27.6101", "qty": "300"}]}', type=BookBody)
    assert body.book.asks == ((276_101, 300),)
    assert body.book.bids == ()


@pytest.mark.parametrize(("side", "shares"), [("1", 200), ("2", -200)])
def test_a_side_gives_the_shares_their_sign(side: str, shares: int) -> None:
    given = {"symbol": "MSFT", "side": side, "order_qty": "200"}
    assert msgspec.convert(given, RouteBody).order_shares == shares
    assert msgspec.convert({**given, "cl_ord_id": "x"}, SubmitBody).order_shares == shares


@pytest.mark.parametrize(
    "changes",
    [
        {"order_qty": "0"},
        {"order_qty": "-5"},
        {"side": "5"},
        {"ord_type": "5"},
        {"time_in_force": "1"},
        {"exec_inst": "M"},
        {"stop_px": "-1"},
        {"cl_ord_id": ""},
    ],
)
def test_what_the_router_does_not_take_is_refused(changes: dict[str, str]) -> None:
    given = {"cl_ord_id": "x", "symbol": "MSFT", "side": "1", "order_qty": "200", **changes}
    with pytest.raises(msgspec.ValidationError, match=r"\$\."):
        msgspec.convert(given, SubmitBody)


def test_a_body_says_how_its_order_is_to_be_worked() -> None:
    given = {"cl_ord_id": "x", "symbol": "MSFT", "side": "1", "order_qty": "200"}
    assert msgspec.convert(given, SubmitBody).instructions == PLAIN
    limited = {**given, "ord_type": "2", "price": "27.60", "time_in_force": "6", "expire_time": "2013-01-03T16:00:00Z"}
    until = datetime(2013, 1, 3, 16, tzinfo=UTC)
    assert msgspec.convert(limited, SubmitBody).instructions == Instructions(TimeInForce.GTD, Decimal("27.60"), until)


CENT = Decimal("27.60")


@pytest.mark.parametrize(
    ("changes", "wanted"),
    [
        ({"ord_type": "3", "stop_px": "27.60"}, Instructions(stop_price_usd=CENT)),
        (
            {"ord_type": "4", "stop_px": "27.60", "price": "28"},
            Instructions(limit_price_usd=Decimal(28), stop_price_usd=CENT),
        ),
        ({"ord_type": "P"}, Instructions(is_pegged=True)),
        ({"ord_type": "P", "price": "27.60"}, Instructions(limit_price_usd=CENT, is_pegged=True)),
        (
            {"ord_type": "2", "price": "27.60", "exec_inst": "6"},
            Instructions(limit_price_usd=CENT, is_post_only=True),
        ),
        ({"time_in_force": "4"}, Instructions(TimeInForce.FOK)),
        ({"time_in_force": "7"}, Instructions(TimeInForce.CLS)),
    ],
)
def test_the_kinds_of_orders_are_those_of_fix(changes: dict[str, str], wanted: Instructions) -> None:
    """API-STR-02, EXE-05."""
    given = {"cl_ord_id": "x", "symbol": "MSFT", "side": "1", "order_qty": "200", **changes}
    assert msgspec.convert(given, SubmitBody).instructions == wanted
    assert wanted.fault == ""


@pytest.mark.parametrize(
    ("changes", "match"),
    [
        ({"ord_type": "3"}, "stop_px of an order of type 3 was None; give stops one"),
        ({"stop_px": "27.60"}, "stop_px of an order of type 1 was 27.60; give stops one, others none"),
        ({"ord_type": "4", "stop_px": "27.60"}, "price of an order of type 4 was None; give limit orders one"),
        ({"ord_type": "3", "stop_px": "27.60", "price": "28"}, "price of an order of type 3 was 28"),
    ],
)
def test_prices_are_given_where_the_kind_has_them(changes: dict[str, str], match: str) -> None:
    given = {"cl_ord_id": "x", "symbol": "MSFT", "side": "1", "order_qty": "200", **changes}
    with pytest.raises(EdgeError, match=match):
        _ = msgspec.convert(given, SubmitBody).instructions
