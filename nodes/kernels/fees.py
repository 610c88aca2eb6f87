"""What brokers and regulators charge, in Decimal, rounded up to the cent: a fee is never understated."""

from __future__ import annotations

from decimal import ROUND_CEILING, Decimal

import msgspec

_CENT = Decimal("0.01")
_NOTHING = Decimal(0)


class FeeSchedule(msgspec.Struct, frozen=True):
    """A commission by share with a least and a most, and a fee on the proceeds of sales.

    Attributes:
        commission_price_usd: commission of one share.
        min_commission_usd: least commission of an order that trades.
        max_commission_frac: most, as a fraction of the order's notional; stronger than the least.
        sell_fee_frac: fee on the notional of a sale (in the United States, Section 31 of the Exchange Act).
    """

    commission_price_usd: Decimal
    min_commission_usd: Decimal
    max_commission_frac: float
    sell_fee_frac: float

    @property
    def is_charge(self) -> bool:
        """Whether no purchase is ever paid for being made."""
        return self.min_commission_usd >= 0 and self.max_commission_frac >= 0.0

    def commission_usd(self, order_shares: int, notional_usd: Decimal) -> Decimal:
        """Commission of an order: by share, at least the least, at most the most."""
        if order_shares == 0:
            return _NOTHING
        by_share = max(abs(order_shares) * self.commission_price_usd, self.min_commission_usd)
        return cents_up(min(by_share, notional_usd * exact(self.max_commission_frac)))

    def sell_fee_usd(self, order_shares: int, notional_usd: Decimal) -> Decimal:
        """Fee on a sale; nothing on a purchase."""
        return cents_up(notional_usd * exact(self.sell_fee_frac)) if order_shares < 0 else _NOTHING

    def total_usd(self, order_shares: int, notional_usd: Decimal) -> Decimal:
        """Commission and sell fee together."""
        return self.commission_usd(order_shares, notional_usd) + self.sell_fee_usd(order_shares, notional_usd)


def commission_of_fills(
    commission_price_usd: Decimal, min_commission_usd: Decimal, filled_shares: tuple[int, ...]
) -> tuple[Decimal, ...]:
    """Commission that each partial fill of one order adds, when the least applies to the order and not to each fill.

    Source: zipline-reloaded, finance/commission.py, PerShare.
    """
    charged, added, filled = _NOTHING, [], 0
    for shares in filled_shares:
        filled += abs(shares)
        due = max(filled * commission_price_usd, min_commission_usd)
        added.append(due - charged)
        charged = due
    return tuple(added)


def exact(value: float) -> Decimal:
    """The decimal that people write for a float: its shortest text."""
    return Decimal(repr(value))


def cents_up(amount_usd: Decimal) -> Decimal:
    """The amount rounded up to the cent."""
    return amount_usd.quantize(_CENT, ROUND_CEILING)
