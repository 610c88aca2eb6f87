"""What a position weighs in an account: the arithmetic that a rule and its cap share, so that they agree to the bit."""

from __future__ import annotations

from decimal import Decimal

from nodes.kernels.ratios import ratio
from nodes.vocabulary.units import Frac


def weight_frac(position_shares: int, price_usd: Decimal, equity_usd: Decimal) -> Frac | None:
    """Absolute value of a position as a fraction of equity; absent unless equity is positive."""
    return ratio(abs(position_shares) * price_usd, equity_usd)


def gross_frac(other_gross_usd: Decimal, position_shares: int, price_usd: Decimal, equity_usd: Decimal) -> Frac | None:
    """Gross exposure with the position, as a fraction of equity; absent unless equity is positive."""
    return ratio(other_gross_usd + abs(position_shares) * price_usd, equity_usd)


def is_within(value: float | None, most: float) -> bool:
    """Whether the value is known and at most `most`."""
    return value is not None and value <= most
