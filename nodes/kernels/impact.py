"""What an order moves the price: models of market impact and of slippage.

Impacts are fractions of the price, positive against the order. None is measured here: each is its paper's estimate.
"""

from __future__ import annotations

import math
from dataclasses import dataclass


def square_root_impact_frac(coefficient: float, volatility_frac: float, participation_frac: float) -> float:
    """Impact of trading a share of the day's volume: coefficient * volatility * sqrt(participation).

    Source: Almgren et al. (2005), Direct Estimation of Equity Market Impact; Sato and Kanazawa (2024), arXiv
    2411.13965, who measure the exponent as 0.489 over all stocks of the Tokyo exchange.
    """
    return coefficient * volatility_frac * math.sqrt(participation_frac)


@dataclass(frozen=True)
class AlmgrenModel:
    """Coefficients of the permanent and temporary impact of Almgren et al. (2005), section 4.

    Attributes:
        gamma: permanent coefficient.
        eta: temporary coefficient.
        beta: exponent of the trading rate.
        delta: exponent of the turnover of the share.
    """

    gamma: float
    eta: float
    beta: float
    delta: float

    def permanent_frac(self, volatility_frac: float, volume_part: float, turnover: float) -> float:
        """Permanent impact: gamma * volatility * X/V * (shares outstanding / V)^delta."""
        return float(self.gamma * volatility_frac * volume_part * turnover**self.delta)

    def temporary_frac(self, volatility_frac: float, volume_part: float, days: float) -> float:
        """Temporary impact of trading over `days`: eta * volatility * (X / (V T))^beta."""
        return float(self.eta * volatility_frac * (volume_part / days) ** self.beta)

    def realised_frac(self, volatility_frac: float, volume_part: float, turnover: float, days: float) -> float:
        """Cost that the order bears: half its permanent impact and all of its temporary one."""
        permanent = self.permanent_frac(volatility_frac, volume_part, turnover)
        return permanent / 2.0 + self.temporary_frac(volatility_frac, volume_part, days)


@dataclass(frozen=True)
class VolumeShareSlippage:
    """Slippage that grows with the square of the bar's volume that the order takes, up to a limit.

    Attributes:
        volume_limit_frac: largest part of the bar's volume that is filled.
        price_impact: price moves by this times the square of the part taken.

    Source: zipline-reloaded, finance/slippage.py, VolumeShareSlippage; LEAN has the same model.
    """

    volume_limit_frac: float
    price_impact: float

    def filled_shares(self, order_shares: int, bar_volume_shares: int, taken_shares: int = 0) -> int:
        """Shares of the order that the bar fills, with the order's sign; other orders took some of the bar before."""
        room = max(math.floor(self.volume_limit_frac * bar_volume_shares - taken_shares), 0)
        return max(-room, min(room, order_shares))

    def fill_price(
        self,
        order_shares: int,
        close: float,
        bar_volume_shares: int,
        taken_shares: int = 0,
        limit_price: float | None = None,
    ) -> float | None:
        """Price per share of what is filled, moved against the order; None when nothing is, or not within its limit.

        What other orders took of the bar before moves the price too.
        """
        filled = self.filled_shares(order_shares, bar_volume_shares, taken_shares)
        if filled == 0:
            return None
        moved = self.slippage(abs(filled) + taken_shares, close, bar_volume_shares)
        price = close + math.copysign(moved, filled)
        if limit_price is not None and (price - limit_price) * filled > 0.0:
            return None
        return price

    def slippage(self, shares: int, price: float, bar_volume_shares: int) -> float:
        """By how much shares of a bar move a price, however many of them it fills; the most where nothing traded.

        Source: QuantConnect/Lean, Common/Orders/Slippage/VolumeShareSlippageModel.cs, which fills the whole order.
        """
        whole = abs(shares) / bar_volume_shares if bar_volume_shares > 0 else math.inf
        part = min(whole, self.volume_limit_frac)
        return part**2 * self.price_impact * price
