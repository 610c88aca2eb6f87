"""What a client may ask of how an order is worked, beyond how many shares: a limit of its own, a stop, for how long.

The policy decides whether an order goes out, how large, where to and at which worst price. Instructions only narrow
that: of two limits the tighter one holds, a stop waits, what is pegged or only posted never takes.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields
from datetime import datetime
from decimal import Decimal
from typing import Any

from nodes.vocabulary.errors import DataError
from nodes.vocabulary.trading import TimeInForce

AUCTIONS = frozenset({TimeInForce.OPG, TimeInForce.CLS})
"""Lives of orders for one auction alone: the opening or the closing one."""
AT_ONCE = frozenset({TimeInForce.IOC, TimeInForce.FOK})
"""Lives of orders that trade once: IOC what is there, FOK all of it or nothing."""
RESTING = frozenset({TimeInForce.DAY, TimeInForce.GTD})
"""Lives of orders that can wait: DAY through the session, GTD until an instant, over sessions where it lies beyond."""


@dataclass(frozen=True, slots=True)
class Instructions:
    """How an order is to be worked.

    Attributes:
        time_in_force: TimeInForce (59).
        limit_price_usd: Price (44), the worst price that the client accepts; None to leave that to the policy.
        expires_at: ExpireTime (126) of a GTD order; None of others.
        stop_price_usd: StopPx (99): it waits until a trade at this price or worse; None of orders that do not wait.
        is_pegged: whether it rests unseen at the middle of the best prices and follows it (OrdType P, ExecInst M).
        is_post_only: whether it is refused rather than trading on arrival (ExecInst 6).
    """

    time_in_force: TimeInForce = TimeInForce.DAY
    limit_price_usd: Decimal | None = None
    expires_at: datetime | None = None
    stop_price_usd: Decimal | None = None
    is_pegged: bool = False
    is_post_only: bool = False

    @property
    def content(self) -> dict[str, Any]:
        """The same as canonical values; {} where nothing is asked, and of what few orders ask only what is."""
        if self == PLAIN:
            return {}
        seldom = {name: getattr(self, name) for name in _SELDOM if getattr(self, name)}
        return {
            "time_in_force": self.time_in_force.value,
            "limit_price_usd": self.limit_price_usd,
            "expires_at": self.expires_at,
            **seldom,
        }

    @property
    def fault(self) -> str:
        """What makes them none that anybody could follow; "" when nothing does."""
        for name, price in (("limit", self.limit_price_usd), ("stop", self.stop_price_usd)):
            if price is not None and not (price.is_finite() and price > 0):
                return f"{name} price was {price}, expected a positive one"
        life = self.time_in_force
        if (life is TimeInForce.GTD) != (self.expires_at is not None):
            wanted = "an instant" if life is TimeInForce.GTD else "none"
            return f"expiry of a {life.name} order was {self.expires_at}, expected {wanted}"
        return self._kind_fault()

    def _kind_fault(self) -> str:
        """What of its kind does not agree with the rest."""
        kinds = {"stop": self.stop_price_usd is not None, "pegged": self.is_pegged, "post-only": self.is_post_only}
        asked = [word for word, is_asked in kinds.items() if is_asked]
        if len(asked) > 1:
            return f"an order was {' and '.join(asked)}, expected one of them"
        if asked and self.time_in_force not in RESTING:
            return f"time in force of a {asked[0]} order was {self.time_in_force.name}, expected DAY or GTD"
        if self.is_post_only and self.limit_price_usd is None:
            return "limit price of a post-only order was None, expected the price at which it is to rest"
        return ""

    @property
    def never_takes(self) -> bool:
        """Whether it trades only with who comes to it."""
        return self.is_pegged or self.is_post_only

    def outlives(self, instant: datetime) -> bool:
        """Whether it goes on working after an instant."""
        return self.expires_at is not None and self.expires_at > instant

    def tighter_usd(self, limit_price_usd: Decimal, order_side: int) -> Decimal:
        """The tighter of a limit and the client's own, for a purchase (side 1) or a sale (side -1)."""
        if self.limit_price_usd is None:
            return limit_price_usd
        return order_side * min(order_side * limit_price_usd, order_side * self.limit_price_usd)


_SELDOM = tuple(field.name for field in fields(Instructions))[3:]
PLAIN = Instructions()
"""Through the session, at the policy's limit."""


def instructions_from_content(content: Mapping[str, Any]) -> Instructions:
    """The instructions that canonical values say. Raises DataError when they say none."""
    if not content:
        return PLAIN
    try:
        known = {name: value for name, value in content.items() if name != "time_in_force"}
        found = Instructions(TimeInForce(content["time_in_force"]), **known)
    except (KeyError, TypeError, ValueError) as error:
        message = f"instructions {dict(content)} are none of this version: {error}; read the order's decision instead"
        raise DataError(message) from error
    if found.fault:
        raise DataError(f"instructions {dict(content)} cannot be followed: {found.fault}; verify the log")
    return found
