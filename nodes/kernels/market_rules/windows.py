"""The trades of the last five minutes, kept so that each new state costs the same however many there are.

States share one list that only grows; each knows from where to where it reads and what the prices add up to. A state
from which two histories branch copies what it reads before it adds.
"""

from __future__ import annotations

from typing import NamedTuple

from nodes.kernels.market_rules.price_bands import Reference


class TradeWindow(NamedTuple):
    """The trades from one instant on.

    Attributes:
        trades: instants and prices, shared with other states.
        first: place of the oldest trade that counts.
        end: place after the newest.
        sum_e4: sum of their prices.
    """

    trades: list[tuple[int, int]]
    first: int
    end: int
    sum_e4: int

    @property
    def mean(self) -> Reference | None:
        """The mean price; None without a trade."""
        n_trades = self.end - self.first
        return Reference(self.sum_e4, n_trades) if n_trades else None

    @property
    def oldest_ns(self) -> int | None:
        """The instant of the oldest trade that counts."""
        return self.trades[self.first][0] if self.end > self.first else None

    def with_trade(self, at_ns: int, price_e4: int) -> TradeWindow:
        """The window and one more trade."""
        trades, first, end = self.trades, self.first, self.end
        if len(trades) != end:
            trades, first, end = trades[first:end], 0, end - first
        trades.append((at_ns, price_e4))
        return TradeWindow(trades, first, end + 1, self.sum_e4 + price_e4)

    def after(self, ns: int) -> TradeWindow:
        """The window without trades at or before an instant."""
        trades, first, sum_e4 = self.trades, self.first, self.sum_e4
        while first < self.end and trades[first][0] <= ns:
            sum_e4 -= trades[first][1]
            first += 1
        return self if first == self.first else TradeWindow(trades, first, self.end, sum_e4)


def empty_window() -> TradeWindow:
    """A window without trades."""
    return TradeWindow([], 0, 0, 0)
