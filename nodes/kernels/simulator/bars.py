"""The vectorised path over bars: a strategy's wanted position at each close, and what trading to it comes to.

For sweeps over many bars, where an event path would cost a thousand times more. What it leaves out: queues, latency
within a bar, partial fills but for the cap on a bar's volume. Prices and cash are float64 USD here, as in panels; the
event path has whole numbers. Every order trades at one price of one bar, moved against it by half a spread and impact.

`all_in` is for one symbol with the whole account long, flat or short; `book_run` for share targets of many symbols.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from enum import Enum

import numpy as np

from nodes.kernels.arrays import Array, Index
from nodes.vocabulary.errors import DataError


class FillAt(Enum):
    """At which price an order trades that is decided at a bar's close."""

    CLOSE = "close of the same bar"
    NEXT_OPEN = "open of the next bar"


@dataclass(frozen=True)
class BarTerms:
    """How bars fill orders.

    Attributes:
        fills: at which price.
        commission_frac: commission as a fraction of what is traded.
        half_spread_frac: half the spread as a fraction of the price.
        invested_frac: part of the account that `all_in` invests.
        is_whole: whether `all_in` trades whole shares.
        impact_coefficient: coefficient of the square-root law in `book_run`; 0.0 for none.
        max_participation_frac: largest part of a bar's volume that `book_run` trades; inf for no limit.
    """

    fills: FillAt = FillAt.NEXT_OPEN
    commission_frac: float = 0.0
    half_spread_frac: float = 0.0
    invested_frac: float = 1.0
    is_whole: bool = True
    impact_coefficient: float = 0.0
    max_participation_frac: float = math.inf


@dataclass(frozen=True)
class BarTrades:
    """Positions that were opened, in time order; one that is open at the end has exit_bar -1 and exit_price NaN.

    Attributes:
        entry_bar: bar in which it opened.
        exit_bar: bar in which it closed.
        shares: how many; negative when short.
        entry_price: price paid, spread included.
        exit_price: price got, spread included.
    """

    entry_bar: Index
    exit_bar: Index
    shares: Array
    entry_price: Array
    exit_price: Array

    @property
    def n_closed(self) -> int:
        """Positions that were closed."""
        return int((self.exit_bar >= 0).sum())


@dataclass(frozen=True)
class BarRun:
    """What a run over bars came to.

    Attributes:
        equity: worth at each close.
        shares: shares held over each close.
        trades: its positions.
        commission_usd: commission of all of it.
    """

    equity: Array
    shares: Array
    trades: BarTrades
    commission_usd: float


def crossings(fast: Array, slow: Array) -> Index:
    """1 where the fast line comes to stand over the slow one, -1 where it comes to stand under it, else 0.

    A line that only touches and turns back does not cross. NaN crosses nothing.
    """
    over, under = fast > slow, fast < slow
    found = np.zeros(len(fast), np.int64)
    found[1:] = (over[1:] & under[:-1]).astype(np.int64) - (under[1:] & over[:-1])
    return found


def standing(words: Index, start: int = 0) -> Index:
    """The last word at or before each bar that is not 0; `start` before the first."""
    places = np.maximum.accumulate(np.where(words != 0, np.arange(len(words)), -1))
    return np.where(places >= 0, words[np.maximum(places, 0)], start)


def moving_average(values: Array, window: int) -> Array:
    """Mean of the last `window` values, NaN before there are so many; each window summed by itself, oldest first."""
    found = np.full(len(values), np.nan)
    if window <= len(values):
        total = values[: len(values) - window + 1].copy()
        for lag in range(1, window):
            total += values[lag : len(values) - window + 1 + lag]
        found[window - 1 :] = total / window
    return found


def all_in(direction: Index, opens: Array, closes: Array, cash_usd: float, terms: BarTerms) -> BarRun:
    """The account put long, flat or short as wanted at each close.

    Args:
        direction: 1, 0 or -1, wanted at each bar's close.
        opens: opening prices.
        closes: closing prices.
        cash_usd: cash at the start.
        terms: how bars fill.
    """
    _require_prices(opens, closes, len(direction))
    lag = 0 if terms.fills is FillAt.CLOSE else 1
    prices = closes if terms.fills is FillAt.CLOSE else opens
    changed = np.flatnonzero(np.diff(direction, prepend=0)) + lag
    changed = changed[changed < len(direction)]
    sides, at = direction[changed - lag].tolist(), prices[changed].tolist()
    rows = list(_legs(sides, at, cash_usd, terms))
    shares, cash, entries, exits, fees = (
        (np.array(column, np.float64) for column in zip(*rows, strict=True))
        if rows
        else (np.zeros(0) for _ in range(5))
    )
    counts = np.diff(np.concatenate([changed, [len(direction)]]))
    ahead = int(changed[0]) if len(changed) else len(direction)
    held = np.concatenate([np.zeros(ahead), np.repeat(shares, counts)])
    worth = np.concatenate([np.full(ahead, cash_usd), np.repeat(cash, counts)]) + held * closes
    return BarRun(worth, held, _trades(changed, shares, entries, exits), float(math.fsum(fees)))


def _legs(
    sides: list[int], prices: list[float], cash: float, terms: BarTerms
) -> Iterator[tuple[float, float, float, float, float]]:
    """For each change of side: shares from then on, cash, entry price, price at which the one before was left, fee."""
    shares = 0.0
    rate, half = terms.commission_frac, terms.half_spread_frac
    for side, price in zip(sides, prices, strict=True):
        left = price * (1.0 - half if shares > 0 else 1.0 + half)
        fee = abs(shares) * left * rate
        cash += shares * left - fee
        paid = price * (1.0 + side * half)
        wanted = cash * terms.invested_frac / (paid + price * rate) if side and cash > 0.0 else 0.0
        shares = side * (math.floor(wanted) if terms.is_whole else wanted)
        cash -= shares * paid + abs(shares) * price * rate
        yield shares, cash, paid, left, fee + abs(shares) * price * rate


def _trades(bars: Index, shares: Array, entries: Array, exits: Array) -> BarTrades:
    is_open = shares != 0.0
    exit_bar, exit_price = np.append(bars[1:], -1)[: len(bars)], np.append(exits[1:], np.nan)[: len(bars)]
    return BarTrades(bars[is_open], exit_bar[is_open], shares[is_open], entries[is_open], exit_price[is_open])


@dataclass(frozen=True)
class BookRun:
    """What share targets of many symbols came to.

    Attributes:
        equity: worth at each close.
        shares: shares held over each close, bars by symbols.
        commission_usd: commission by bar.
        spread_usd: what half spreads cost by bar.
        impact_usd: what impact cost by bar.
    """

    equity: Array
    shares: Array
    commission_usd: Array
    spread_usd: Array
    impact_usd: Array


@dataclass(frozen=True)
class BarPanel:
    """Bars of some symbols, each array bars by symbols.

    Attributes:
        opens: opening prices.
        closes: closing prices.
        volume_shares: shares traded.
        volatility_frac: daily volatility as it was known at each close; a trade costs by that of the close at which it
            was decided, or by the last one that was known before.
    """

    opens: Array
    closes: Array
    volume_shares: Array
    volatility_frac: Array


def book_run(targets: Array, panel: BarPanel, cash_usd: float, terms: BarTerms) -> BookRun:
    """Hold the shares that are wanted at each close, as far as volumes let it.

    Args:
        targets: shares wanted at each close, bars by symbols.
        panel: the bars; a bar without a price or volume trades nothing, and is valued at the last close there was.
        cash_usd: cash at the start.
        terms: how bars fill.
    """
    lag = 0 if terms.fills is FillAt.CLOSE else 1
    prices = panel.closes if terms.fills is FillAt.CLOSE else panel.opens
    is_there = np.isfinite(prices) & (prices > 0.0) & (panel.volume_shares > 0.0)
    wanted = np.vstack([np.zeros((lag, targets.shape[1])), targets[: len(targets) - lag]])
    caps = np.where(
        is_there, np.floor(terms.max_participation_frac * np.where(is_there, panel.volume_shares, 1.0)), 0.0
    )
    held = _capped(wanted, caps)
    traded = np.diff(held, axis=0, prepend=0.0)
    sizes, paid = np.abs(traded), np.where(is_there, prices, 0.0)
    notional = sizes * paid
    with np.errstate(invalid="ignore", divide="ignore"):
        rates = np.sqrt(np.where(is_there, sizes / panel.volume_shares, 0.0))
    known = np.vstack([np.full((lag, targets.shape[1]), np.nan), panel.volatility_frac[: len(targets) - lag]])
    volatility = _last_known(known)
    commission = _row_sums(notional * terms.commission_frac)
    spread = _row_sums(notional * terms.half_spread_frac)
    impact = _row_sums(notional * terms.impact_coefficient * volatility * rates)
    cash = cash_usd - np.cumsum(_row_sums(traded * paid) + commission + spread + impact)
    return BookRun(cash + _row_sums(held * _last_known(panel.closes)), held, commission, spread, impact)


def _capped(wanted: Array, caps: Array) -> Array:
    """Shares held when no bar trades more than its cap; bars are gone through one by one only where a cap binds."""
    steps = np.diff(wanted, axis=0, prepend=0.0)
    if bool((np.abs(steps) <= caps).all()):
        return wanted
    held = wanted.copy()
    for symbol in np.flatnonzero((np.abs(steps) > caps).any(axis=0)):
        now, path = 0.0, []
        for want, cap in zip(wanted[:, symbol].tolist(), caps[:, symbol].tolist(), strict=True):
            now += min(cap, max(-cap, want - now))
            path.append(now)
        held[:, symbol] = path
    return held


def _row_sums(values: Array) -> Array:
    """Sums over symbols, first symbol first."""
    total = np.zeros(len(values))
    for column in values.T:
        total += column
    return total


def _last_known(prices: Array) -> Array:
    """Each price, or the last one before it that there was; 0 before the first."""
    is_there = np.isfinite(prices)
    rows = np.maximum.accumulate(np.where(is_there, np.arange(len(prices))[:, None], 0), axis=0)
    return np.nan_to_num(np.take_along_axis(prices, rows, axis=0), nan=0.0)


def _require_prices(opens: Array, closes: Array, n_bars: int) -> None:
    is_even = len(opens) == len(closes) == n_bars
    if not is_even:
        message = f"{len(opens)} opens and {len(closes)} closes for {n_bars} directions"
        raise DataError(f"{message}; give one of each for every bar")
    bad = int((~(np.isfinite(opens) & np.isfinite(closes) & (opens > 0.0) & (closes > 0.0))).sum())
    if bad:
        raise DataError(f"{bad} of {n_bars} bars have an open or a close that is no positive number; leave them out")
