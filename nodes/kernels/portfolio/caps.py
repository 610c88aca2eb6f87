"""Caps on a portfolio: what each measures, and the same caps as linear rows that an optimiser can keep.

A cap bounds a measure of a book of whole shares. `measures` is what a rule judges; `rows` is what a solver is given.
Weights are fractions of equity, negative when short. What is not known is never taken for nothing:

- a share without a sector counts in every sector;
- a share whose average volume is not known, or is nothing, cannot be traded under a cap on participation;
- a share that nobody lends, or at a fee that is not known, cannot be short under the caps on borrowing;
- a share whose beta is not known leaves the beta of the book unknown (`without_beta` names it).
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import Enum

import numpy as np

from nodes.kernels.arrays import Array, Index


class Measure(Enum):
    """What a cap bounds; the value is the name by which a rule knows it."""

    GROSS = "gross_frac"
    NET = "net_frac"
    BETA = "net_beta_frac"
    TURNOVER = "turnover_frac"
    NAME = "largest_weight_frac"
    SECTOR = "largest_sector_frac"
    PARTICIPATION = "largest_participation_frac"
    SHORT = "unlocated_short_shares"
    FEE = "dearest_borrow_fee_frac"
    DEVIATION = "largest_deviation_frac"


@dataclass(frozen=True)
class Cap:
    """One bound on one measure.

    Attributes:
        rule: id of the rule that says so.
        measure: of what.
        limit: inclusive.
        is_least: whether the measure must be at least the limit; else at most.
    """

    rule: str
    measure: Measure
    limit: float
    is_least: bool = False


@dataclass(frozen=True, eq=False)
class Book:
    """Shares that can be held, what is known of each, and what is held now.

    Attributes:
        symbols: one name each.
        equity_usd: worth of the account, positive.
        price_usd: positive.
        held_shares: whole shares, negative when short.
        sectors: None where it is not known.
        beta_frac: NaN where it is not known.
        adv_shares: average daily volume, NaN where it is not known.
        located_shares: how many may be short: nothing without a locate.
        borrow_fee_frac: a year, NaN where it is not known.
        target_frac: weight that somebody wants, NaN where nobody said.
        lot_shares: orders are whole multiples of it.
    """

    symbols: tuple[str, ...]
    equity_usd: float
    price_usd: Array
    held_shares: Index
    sectors: tuple[str | None, ...]
    beta_frac: Array
    adv_shares: Array
    located_shares: Index
    borrow_fee_frac: Array
    target_frac: Array
    lot_shares: int = 1

    def __len__(self) -> int:
        return len(self.symbols)

    @property
    def held_frac(self) -> Array:
        """Weights of what is held."""
        return self.weights(self.held_shares)

    def weights(self, shares: Index) -> Array:
        """Weights of whole shares."""
        return np.asarray(shares * self.price_usd / self.equity_usd, np.float64)

    def sector_members(self) -> dict[str, Index]:
        """Places of each sector's shares; those without a sector are in all of them, or in one of their own."""
        known = sorted({sector for sector in self.sectors if sector is not None})
        members = {
            name: [place for place, sector in enumerate(self.sectors) if sector in {name, None}]
            for name in known or ["unknown"]
        }
        return {name: np.array(places, np.int64) for name, places in members.items() if places}


@dataclass(frozen=True, eq=False)
class Row:
    """One linear bound: weight coefficients times w, trade's times |w - held|, size's times |w|, at most the bound.

    Attributes:
        cap: the cap that it is a part of.
        subject: the share or the sector that it is about; "" for the whole book.
        places: of the shares that it reads.
        on_weight: coefficient of each of them.
        on_trade: likewise.
        on_size: likewise.
        bound: inclusive.
        slope: what the bound gains where the cap's limit gives way by one; 0 where no limit would help.
    """

    cap: Cap
    subject: str
    places: Index
    on_weight: Array
    on_trade: Array
    on_size: Array
    bound: float
    slope: float = 1.0

    @property
    def name(self) -> str:
        """Rule and subject."""
        return f"{self.cap.rule} {self.subject}".rstrip()

    def value(self, book: Book, weights: Array) -> float:
        """The left side, exact but for one rounding."""
        own = weights[self.places]
        trade = np.abs(own - book.held_frac[self.places])
        parts = (self.on_weight * own, self.on_trade * trade, self.on_size * np.abs(own))
        return math.fsum(np.concatenate(parts).tolist())


def measures(book: Book, shares: Index) -> dict[Measure, float]:
    """Every measure of whole shares, as rules judge them; NaN where what it needs is not known.

    Formula: gross sum |w|; net sum w; beta sum w b; turnover sum |w - held|; the others the largest over shares.
    Unit: fraction of equity; participation of a day's volume; shares; fee a year. Sums are exact, rounded once.
    Source: 17 CFR 270.18f-4 and 15 U.S.C. 80a-5(b)(1) measure exposure and concentration against net worth so.
    """
    weights, size = book.weights(shares), np.abs(book.weights(shares))
    traded = np.abs(shares - book.held_shares)
    short = shares < 0
    fees = book.borrow_fee_frac[short]
    return {
        Measure.GROSS: math.fsum(size.tolist()),
        Measure.NET: math.fsum(weights.tolist()),
        Measure.BETA: math.fsum(np.where(weights == 0.0, 0.0, weights * book.beta_frac).tolist()),
        Measure.TURNOVER: math.fsum(np.abs(book.weights(shares - book.held_shares)).tolist()),
        Measure.NAME: _largest(size),
        Measure.SECTOR: _largest([math.fsum(size[places].tolist()) for places in book.sector_members().values()]),
        Measure.PARTICIPATION: _largest(participations(book, traded)),
        Measure.SHORT: _largest(np.maximum(-shares - book.located_shares, 0)),
        Measure.FEE: math.nan if np.isnan(fees).any() else _largest(fees),
        Measure.DEVIATION: _largest(deviations(book, weights)),
    }


def participations(book: Book, traded_shares: Index) -> Array:
    """Part of a day's volume that each order takes: infinite where the volume is not known and something is traded."""
    volume = np.where(book.adv_shares > 0.0, book.adv_shares, np.nan)
    return np.where(traded_shares == 0, 0.0, np.nan_to_num(traded_shares / volume, nan=np.inf))


def deviations(book: Book, weights: Array) -> Array:
    """Distance of each weight from what somebody wants, 0 where nobody said."""
    return np.where(np.isnan(book.target_frac), 0.0, np.abs(weights - book.target_frac))


def without_beta(book: Book, caps: Sequence[Cap]) -> tuple[str, ...]:
    """The shares whose beta is needed and not known."""
    if all(cap.measure is not Measure.BETA for cap in caps):
        return ()
    return tuple(name for name, beta in zip(book.symbols, book.beta_frac.tolist(), strict=True) if math.isnan(beta))


def is_kept(cap: Cap, value: float) -> bool:
    """Whether a value of the cap's measure is within it; NaN is not."""
    return value >= cap.limit if cap.is_least else value <= cap.limit


def rows(book: Book, caps: Sequence[Cap]) -> tuple[Row, ...]:
    """All caps as linear rows, in the order of the caps, then of sectors or shares."""
    return tuple(row for cap in caps for row in _rows_of(book, cap))


def _rows_of(book: Book, cap: Cap) -> Iterator[Row]:
    every = np.arange(len(book), dtype=np.int64)
    ones, none = np.ones(len(book)), np.zeros(len(book))
    sign = -1.0 if cap.is_least else 1.0
    match cap.measure:
        case Measure.GROSS:
            yield Row(cap, "", every, none, none, ones, cap.limit)
        case Measure.NET:
            yield Row(cap, "", every, sign * ones, none, none, sign * cap.limit)
        case Measure.BETA:
            yield Row(cap, "", every, sign * np.nan_to_num(book.beta_frac), none, none, sign * cap.limit)
        case Measure.TURNOVER:
            yield Row(cap, "", every, none, ones, none, cap.limit)
        case Measure.SECTOR:
            for sector, places in book.sector_members().items():
                zeros = np.zeros(len(places))
                yield Row(cap, sector, places, zeros, zeros, np.ones(len(places)), cap.limit)
        case _:
            yield from _rows_of_shares(book, cap)


def _rows_of_shares(book: Book, cap: Cap) -> Iterator[Row]:
    price = book.price_usd / book.equity_usd
    for place, symbol in enumerate(book.symbols):
        match cap.measure:
            case Measure.NAME:
                yield _row(cap, symbol, place, (0.0, 0.0, 1.0), cap.limit)
            case Measure.PARTICIPATION:
                volume = float(np.nan_to_num(max(book.adv_shares[place], 0.0)))
                yield _row(cap, symbol, place, (0.0, 1.0, 0.0), cap.limit, volume * float(price[place]))
            case Measure.SHORT:
                room = float(book.located_shares[place]) + cap.limit
                yield _row(cap, symbol, place, (-1.0, 0.0, 0.0), room, float(price[place]))
            case Measure.FEE if not book.borrow_fee_frac[place] <= cap.limit:
                yield _row(cap, symbol, place, (-1.0, 0.0, 0.0), 0.0, 0.0)
            case Measure.DEVIATION if math.isfinite(book.target_frac[place]):
                wanted = float(book.target_frac[place])
                yield _row(cap, symbol, place, (1.0, 0.0, 0.0), wanted + cap.limit)
                yield _row(cap, symbol, place, (-1.0, 0.0, 0.0), cap.limit - wanted)


def _row(cap: Cap, subject: str, place: int, on: tuple[float, float, float], room: float, slope: float = 1.0) -> Row:
    """A bound on one share: `room` units of the cap's limit, each worth `slope` of weight."""
    weight, trade, size = (np.array([each]) for each in on)
    return Row(cap, subject, np.array([place], np.int64), weight, trade, size, room * slope, slope)


def _largest(values: Array | Index | Sequence[float]) -> float:
    return float(np.max(values)) if len(values) else 0.0
