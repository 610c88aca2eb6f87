"""Round trips of a run, with how far each was for and against us on the way."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from fractions import Fraction
from itertools import accumulate, pairwise
from typing import Any

import polars as pl

from adapters.lake.lake import Lake
from nodes.kernels.track_records import RoundTrip, first_in_first_out

_TRIPS = {
    "symbol": pl.String(),
    "opened_on": pl.Date(),
    "closed_on": pl.Date(),
    "shares": pl.Int64(),
    "entry_usd": pl.Float64(),
    "exit_usd": pl.Float64(),
    "pnl_usd": pl.Float64(),
    "fees_usd": pl.Float64(),
    "adverse_usd": pl.Float64(),
    "favourable_usd": pl.Float64(),
    "opening_decision": pl.String(),
    "closing_decision": pl.String(),
}


@dataclass(frozen=True, slots=True)
class Traded:
    """A fill, or a split of a share that was held.

    Attributes:
        symbol: of which share.
        on: the session.
        shares: filled; 0 for a split.
        price_usd: of each.
        fee_usd: of the fill.
        decision_id: the decision that was filled.
        new_shares: of a split.
        old_shares: of a split.
    """

    symbol: str
    on: date
    shares: int
    price_usd: Decimal
    fee_usd: Decimal
    decision_id: bytes
    new_shares: int = 1
    old_shares: int = 1


def trip_rows(traded: Sequence[Traded], lake: Lake) -> pl.DataFrame:
    """The round trips of all symbols, by close."""
    rows: list[dict[str, Any]] = []
    for symbol in sorted({each.symbol for each in traded}):
        own = [each for each in traded if each.symbol == symbol]
        rows += _symbol_rows(symbol, own, _Prices(lake, symbol, [each for each in own if not each.shares]))
    rows.sort(key=lambda row: (row["closed_on"], row["symbol"], row["opened_on"]))
    return pl.DataFrame(rows, schema=_TRIPS)


class _Prices:
    """Lows and highs of a symbol, in the shares of its last session."""

    def __init__(self, lake: Lake, symbol: str, splits: Sequence[Traded]) -> None:
        own = lake.panel.filter(pl.col("symbol") == symbol).select("session_on", "low_usd", "high_usd")
        self._rows = own
        self._splits = splits

    def factor(self, on: date) -> Fraction:
        """Last shares for one share of a day."""
        found = Fraction(1)
        for split in self._splits:
            if split.on > on:
                found *= Fraction(split.new_shares, split.old_shares)
        return found

    def extremes(self, first_on: date, last_on: date) -> tuple[float, float]:
        """The lowest and highest price between two days, both included, in last shares."""
        rows = self._rows.filter(pl.col("session_on").is_between(first_on, last_on))
        factors = [float(self.factor(on)) for on in rows["session_on"].to_list()]
        lows = [low / factor for low, factor in zip(rows["low_usd"].to_list(), factors, strict=True)]
        highs = [high / factor for high, factor in zip(rows["high_usd"].to_list(), factors, strict=True)]
        return min(lows), max(highs)


def _symbol_rows(symbol: str, traded: Sequence[Traded], prices: _Prices) -> list[dict[str, Any]]:
    fills = [each for each in traded if each.shares]
    ratios = [prices.factor(each.on) for each in fills]
    paid = [each.price_usd * by.denominator / by.numerator for each, by in zip(fills, ratios, strict=True)]
    scaled = list(zip(_last_shares(traded), paid, strict=True))
    trips = first_in_first_out(scaled, [each.fee_usd for each in fills])
    return [_row(symbol, trip, fills[trip.opened_by], fills[trip.closed_by], prices) for trip in trips]


def _last_shares(traded: Sequence[Traded]) -> list[int]:
    """The shares of each fill as last shares, so that they add up to what an account has after each split.

    A split pays out what is no whole share of the position, and not of each fill that led to it.
    """
    shares: list[int] = []
    for each in traded:
        if each.shares:
            shares.append(each.shares)
            continue
        held = [int(total * Fraction(each.new_shares, each.old_shares)) for total in accumulate(shares, initial=0)]
        shares = [after - before for before, after in pairwise(held)]
    return shares


def _row(symbol: str, trip: RoundTrip, opened: Traded, closed: Traded, prices: _Prices) -> dict[str, Any]:
    low, high = prices.extremes(opened.on, closed.on)
    gains = [(price - float(trip.entry_usd)) * trip.shares for price in (low, high)]
    return {
        "symbol": symbol,
        "opened_on": opened.on,
        "closed_on": closed.on,
        "shares": trip.shares,
        "entry_usd": float(trip.entry_usd),
        "exit_usd": float(trip.exit_usd),
        "pnl_usd": float(trip.pnl_usd),
        "fees_usd": float(trip.fees_usd),
        "adverse_usd": min(0.0, *gains),
        "favourable_usd": max(0.0, *gains),
        "opening_decision": opened.decision_id.hex(),
        "closing_decision": closed.decision_id.hex(),
    }
