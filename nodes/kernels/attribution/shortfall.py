"""Implementation shortfall: what a paper portfolio made that trades at once and for nothing, over what really was made.

The paper portfolio buys all that was decided at the price of the decision. What reality lost against it is parted by
when it was lost: waiting before trading began (delay), trading (realised), not trading at all (missed), and fees. Money
is exact; costs are positive, for sales as for buys.

Source: Perold (1988), The Implementation Shortfall, J. Portfolio Management 14(3); Wagner, Edwards (1993), Best
Execution, Financial Analysts Journal 49(1), for the parting; Almgren, Thum, Hauptmann, Li (2005), Direct Estimation of
Equity Market Impact, section 2, for permanent and temporary impact.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from decimal import ROUND_DOWN, Decimal, localcontext
from fractions import Fraction
from functools import reduce

from nodes.kernels.ratios import ratio
from nodes.vocabulary.errors import DataError

_ZERO = Decimal(0)


@dataclass(frozen=True, slots=True)
class OrderPrices:
    """The prices that an order is held against.

    Attributes:
        decision_usd: when it was decided.
        arrival_usd: when trading began; Wagner takes the last close before it.
        end_usd: when what was left was given up.
    """

    decision_usd: Decimal
    arrival_usd: Decimal
    end_usd: Decimal

    def __post_init__(self) -> None:
        prices = (self.decision_usd, self.arrival_usd, self.end_usd)
        if not all(price.is_finite() and price > 0 for price in prices):
            message = f"prices of an order are {', '.join(map(str, prices))}; give three positive ones"
            raise DataError(message)


@dataclass(frozen=True, slots=True)
class Execution:
    """A part of an order that traded.

    Attributes:
        shares: with the order's sign.
        price_usd: a share.
        fee_usd: all fees.
    """

    shares: Decimal | int
    price_usd: Decimal
    fee_usd: Decimal


@dataclass(frozen=True, slots=True)
class Shortfall:
    """What an order lost against its paper portfolio; sums of orders add.

    Attributes:
        paper_usd: what was decided, at the price of the decision.
        delay_usd: by how much the price ran away before trading began, on what traded.
        realised_usd: how much worse than when trading began was traded: spread, impact, timing within the order.
        missed_usd: by how much the price ran away from what never traded.
        fee_usd: fees.
    """

    paper_usd: Decimal = _ZERO
    delay_usd: Decimal = _ZERO
    realised_usd: Decimal = _ZERO
    missed_usd: Decimal = _ZERO
    fee_usd: Decimal = _ZERO

    @property
    def total_usd(self) -> Decimal:
        """All of it."""
        return self.delay_usd + self.realised_usd + self.missed_usd + self.fee_usd

    def frac(self, amount_usd: Decimal) -> float | None:
        """An amount as a fraction of what was decided; None where nothing was."""
        return ratio(amount_usd, self.paper_usd)

    def __add__(self, other: Shortfall) -> Shortfall:
        return replace(self, **{name: getattr(self, name) + getattr(other, name) for name in Shortfall.__slots__})


def shortfall(order_shares: Decimal | int, prices: OrderPrices, executions: Sequence[Execution]) -> Shortfall:
    """The shortfall of one order.

    Formula, for an order of n shares (negative to sell) at decision D, arrival A, end E, executions of q shares at p:
        delay sum(q) (A - D), realised sum(q (p - A)), missed (n - sum(q)) (E - D), and the fees.
    Unit: USD; divided by |n| D a fraction.
    Missing: a price that is not known is refused: what it would have cost is then not known.
    Source: see the head of this module.
    """
    order = Decimal(order_shares)
    traded = sum((Decimal(each.shares) for each in executions), _ZERO)
    if any(each.shares * order <= 0 for each in executions) or abs(traded) > abs(order):
        message = f"an order of {order} shares has executions of {[str(each.shares) for each in executions]}"
        raise DataError(f"{message}; give those of this order, on its side and no more than it")
    return Shortfall(
        paper_usd=abs(order) * prices.decision_usd,
        delay_usd=traded * (prices.arrival_usd - prices.decision_usd),
        realised_usd=sum((each.shares * (each.price_usd - prices.arrival_usd) for each in executions), _ZERO),
        missed_usd=(order - traded) * (prices.end_usd - prices.decision_usd),
        fee_usd=sum((each.fee_usd for each in executions), _ZERO),
    )


def execution_before_split(shares: int, price_usd: Decimal, fee_usd: Decimal, ratio: Fraction) -> Execution:
    """An execution in the shares of an order that was decided before a split.

    A share that is no decimal is cut, so that executions never come to more than their order.

    Args:
        shares: that traded, with the order's sign.
        price_usd: of each.
        fee_usd: all fees.
        ratio: how many shares one became in between.
    """
    before = Fraction(shares) / ratio
    with localcontext(rounding=ROUND_DOWN):
        told = Decimal(before.numerator) / before.denominator
    return Execution(told, price_usd * ratio.numerator / ratio.denominator, fee_usd)


def total_shortfall(orders: Sequence[Shortfall]) -> Shortfall:
    """What several orders lost together."""
    return reduce(Shortfall.__add__, orders, Shortfall())


@dataclass(frozen=True, slots=True)
class ImpactParts:
    """What an order did to the price, as fractions of the price before it; positive is against the order.

    Attributes:
        permanent_frac: what stayed after the order was done.
        realised_frac: what the order paid on average.
        temporary_frac: realised less half of permanent, what the order paid and left nothing behind of.
    """

    permanent_frac: float
    realised_frac: float
    temporary_frac: float


def impact_parts(order_side: int, before_usd: Decimal, average_usd: Decimal, after_usd: Decimal) -> ImpactParts:
    """Permanent and temporary impact of one order: half of what stays is paid on average on the way there.

    Formula: I = (after - before) / before, J = (average - before) / before, temporary J - I / 2, times the side.
    Unit: fraction of the price before. Missing: a price that is not positive is refused.
    Source: Almgren, Thum, Hauptmann, Li (2005), equations 1, 2 and 5.
    """
    if not all(price.is_finite() and price > 0 for price in (before_usd, average_usd, after_usd)):
        message = f"prices before, within and after an order are {before_usd}, {average_usd}, {after_usd}"
        raise DataError(f"{message}; give three positive ones")
    permanent = float(order_side * (after_usd / before_usd - 1))
    realised = float(order_side * (average_usd / before_usd - 1))
    return ImpactParts(permanent, realised, realised - permanent / 2.0)
