"""What an order of the outbox asks of a broker: its bytes, read into the few words that every broker takes."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from nodes.vocabulary.canonical import decode
from nodes.vocabulary.instructions import PLAIN, Instructions, instructions_from_content
from nodes.vocabulary.orders import IS_SHORT
from nodes.vocabulary.trading import Side, TimeInForce

_INSTRUCTIONS = "instructions"


@dataclass(frozen=True, slots=True)
class WantedOrder:
    """An order for a broker, whole: where its parts trade is the broker's own routing.

    Attributes:
        cl_ord_id: ClOrdID (11), which the broker is to know it by.
        symbol: of which share.
        side: purchase, sale, or short sale, as the account was when the order was decided.
        shares: OrderQty (38), positive.
        limit_price_usd: Price (44): of the policy's limit and the client's the tighter one.
        asked: how it is to be worked.
    """

    cl_ord_id: str
    symbol: str
    side: Side
    shares: int
    limit_price_usd: Decimal
    asked: Instructions = PLAIN

    @property
    def time_in_force(self) -> TimeInForce:
        """TimeInForce (59)."""
        return self.asked.time_in_force

    @property
    def expires_at(self) -> datetime | None:
        """ExpireTime (126) of a GTD order; None of others."""
        return self.asked.expires_at

    def beyond(self, lives: Collection[TimeInForce], *, takes_pegs: bool = False, takes_posts: bool = False) -> str:
        """What of it a broker does not take that takes these; "" when it takes all of it."""
        if self.time_in_force not in lives:
            return f"no order of time in force {self.time_in_force.name}"
        if self.asked.is_pegged and not takes_pegs:
            return "no pegged order"
        return "no post-only order" if self.asked.is_post_only and not takes_posts else ""


def wanted_order(cl_ord_id: str, shares: int, terms: bytes) -> WantedOrder:
    """The order that a row of the outbox holds. Raises DataError when its bytes hold none."""
    content: Mapping[str, Any] = decode(terms)
    asked = instructions_from_content(content.get(_INSTRUCTIONS, {}))
    sale = Side.SELL_SHORT if content.get(IS_SHORT) else Side.SELL
    side = Side.BUY if shares > 0 else sale
    return WantedOrder(
        cl_ord_id=cl_ord_id,
        symbol=content["symbol"],
        side=side,
        shares=abs(shares),
        limit_price_usd=asked.tighter_usd(content["limit_price_usd"], side.sign),
        asked=asked,
    )
