"""The words of FIX at the edge: prices and sizes are exact, and what is no order is refused by its type."""

from __future__ import annotations

import msgspec
import pytest

from api.http.schemas.execution import BookBody, RouteBody, SubmitBody


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
        {"ord_type": "2"},
        {"time_in_force": "3"},
        {"cl_ord_id": ""},
    ],
)
def test_what_the_router_does_not_take_is_refused(changes: dict[str, str]) -> None:
    given = {"cl_ord_id": "x", "symbol": "MSFT", "side": "1", "order_qty": "200", **changes}
    with pytest.raises(msgspec.ValidationError, match=r"\$\."):
        msgspec.convert(given, SubmitBody)
