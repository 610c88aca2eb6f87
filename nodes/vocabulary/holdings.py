"""Holdings of shares at average cost, and what a fill makes of one.

Gains are realised against average cost, and the last share closed takes all of its cost with it.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from decimal import ROUND_HALF_EVEN, Decimal

_ZERO = Decimal(0)
_MILLIONTH = Decimal("0.000001")


@dataclass(frozen=True, slots=True)
class Holding:
    """Shares held of one symbol.

    Attributes:
        symbol: of which share.
        position_shares: how many; negative when short, never zero.
        cost_usd: what they cost together, at average cost; negative when short.
        mark_price_usd: the last price at which they were valued.
    """

    symbol: str
    position_shares: int
    cost_usd: Decimal
    mark_price_usd: Decimal

    @property
    def value_usd(self) -> Decimal:
        """The worth of the holding at its mark."""
        return self.mark_price_usd * self.position_shares


@dataclass(frozen=True, slots=True)
class Fill:
    """An execution of all or part of an order.

    Attributes:
        order_key: of which order.
        fill_shares: shares executed; negative when sold.
        fill_price_usd: price of each.
        fee_usd: commissions and fees of this fill.
    """

    order_key: str
    fill_shares: int
    fill_price_usd: Decimal
    fee_usd: Decimal


def traded(held: Holding | None, symbol: str, fill: Fill) -> tuple[Holding, Decimal]:
    """The holding after a fill, and the gain that the fill realised."""
    before = held or Holding(symbol, 0, _ZERO, fill.fill_price_usd)
    shares, price_usd = fill.fill_shares, fill.fill_price_usd
    closed = _closed_shares(before.position_shares, shares)
    relieved_usd = _relieved_usd(before, closed)
    cost_usd = before.cost_usd - relieved_usd + price_usd * (shares - closed)
    realised_usd = -price_usd * closed - relieved_usd
    return replace(before, position_shares=before.position_shares + shares, cost_usd=cost_usd), realised_usd


def _closed_shares(position_shares: int, fill_shares: int) -> int:
    """The part of a fill that closes the position, with the sign of the fill."""
    if position_shares * fill_shares >= 0:
        return 0
    size = min(abs(position_shares), abs(fill_shares))
    return size if fill_shares > 0 else -size


def _relieved_usd(before: Holding, closed_shares: int) -> Decimal:
    """The cost that leaves with closed shares: all of it with the last one, so that no dust stays behind."""
    if closed_shares == 0:
        return _ZERO
    if closed_shares == -before.position_shares:
        return before.cost_usd
    return millionths(before.cost_usd * -closed_shares / before.position_shares)


def with_holding(holdings: tuple[Holding, ...], new: Holding) -> tuple[Holding, ...]:
    """The holdings with one replaced or added, by symbol; one of no shares is left out."""
    others = [holding for holding in holdings if holding.symbol != new.symbol]
    kept = others if new.position_shares == 0 else [*others, new]
    return tuple(sorted(kept, key=lambda holding: holding.symbol))


def millionths(amount_usd: Decimal) -> Decimal:
    """An amount to the millionth of a dollar, halves to the even one."""
    return amount_usd.quantize(_MILLIONTH, ROUND_HALF_EVEN)
