"""The lines of an attribution: what each source and each cost came to, share by share.

Lines come to the gain exactly. What the model cannot part is a line of its own (unmodelled), and so is what the books
made beside the lake's returns (residue: cash for broken shares, marks, rounding of the model's floats).
"""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from fractions import Fraction
from functools import cached_property

import numpy as np

from api.use_cases.attribution_book import AccountBook, ShareRow
from api.use_cases.attribution_model import ReturnModel
from nodes.kernels.arrays import Array, Index
from nodes.kernels.attribution.gains import Cost
from nodes.kernels.attribution.parting import Flags, timed

_ZERO = Decimal(0)
FINE = Decimal("1e-6")
"""Floats of the model become decimals of a millionth; what rounding leaves is residue."""
_ALL = -1
Amounts = dict[str, Decimal]
REST = ("unmodelled", "residue", "cash")
"""Lines that no source explains: returns that the model does not part, what rounding left, the account's own money."""


@dataclass(frozen=True)
class Line:
    """One line.

    Attributes:
        name: market, timing, sector:NAME, factor:NAME, selection, alpha, a cost, or what is left.
        group: market, sectors, factors, timing, selection, alpha, other, or costs.
        by_symbol: what it brought in USD, share by share; costs are negative.
    """

    name: str
    group: str
    by_symbol: Mapping[str, Decimal]

    @property
    def usd(self) -> Decimal:
        """All of it."""
        return sum(self.by_symbol.values(), _ZERO)


@dataclass(frozen=True)
class Window:
    """An account over some sessions, beside the model of returns.

    Attributes:
        book: the account.
        model: of the returns.
        first: place of the first session whose gains count.
        last: of the last.
    """

    book: AccountBook
    model: ReturnModel
    first: int
    last: int

    @cached_property
    def rows(self) -> tuple[ShareRow, ...]:
        """What happened in those sessions."""
        return tuple(row for row in self.book.rows if self.first <= row.place <= self.last)

    @cached_property
    def _by_symbol(self) -> Mapping[str, tuple[ShareRow, ...]]:
        found: dict[str, list[ShareRow]] = {}
        for row in self.rows:
            found.setdefault(row.symbol, []).append(row)
        return {symbol: tuple(rows) for symbol, rows in found.items()}

    def rows_of(self, symbol: str) -> tuple[ShareRow, ...]:
        """The same of one share."""
        return self._by_symbol.get(symbol, ())

    @cached_property
    def _splits(self) -> Mapping[str, tuple[tuple[date, Fraction], ...]]:
        found: dict[str, list[tuple[date, Fraction]]] = {}
        for row in self.book.rows:
            new, old = row.day.split_ratio
            if new != old:
                found.setdefault(row.symbol, []).append((self.book.sessions[row.place], Fraction(new, old)))
        return {symbol: tuple(splits) for symbol, splits in found.items()}

    def split_ratio(self, symbol: str, after_on: date, until_on: date) -> Fraction:
        """How many shares one became after one session and until another."""
        inside = (ratio for on, ratio in self._splits.get(symbol, ()) if after_on < on <= until_on)
        return math.prod(inside, start=Fraction(1))

    @cached_property
    def symbols(self) -> tuple[str, ...]:
        """The shares that were held or traded; an account's own money is the empty one."""
        return tuple(sorted(self._by_symbol))

    @cached_property
    def exposure(self) -> Array:
        """USD held of each share of the model, sessions by shares."""
        found = np.zeros((self.last - self.first + 1, len(self.model.past.symbols)))
        for row in self.rows:
            column = self.model.past.places.get(row.symbol)
            if column is not None:
                found[row.place - self.first, column] = float(row.gain.exposure_usd)
        return found

    @cached_property
    def lines(self) -> tuple[Line, ...]:
        """Every line, see `lines_of`."""
        return lines_of(self)

    @cached_property
    def lake_rows(self) -> Index:
        """The model's row of each session; -1 where it has none."""
        return self.model.rows(self.book.sessions[self.first : self.last + 1])

    def of_model(self, values: Array) -> Array:
        """The rows of these sessions; NaN where the model has none."""
        found = values[np.maximum(self.lake_rows, 0)].copy()
        found[self.lake_rows < 0] = np.nan
        return found

    @cached_property
    def is_known(self) -> Flags:
        """Where returns are parted, sessions by shares."""
        return np.isfinite(self.of_model(self.model.parts.own))

    def is_parted(self, row: ShareRow) -> bool:
        """Whether the model parts the return that a row is made of."""
        place = self.model.past.places.get(row.symbol)
        return place is not None and bool(self.is_known[row.place - self.first, place])

    @cached_property
    def _lot_shares(self) -> dict[str, tuple[tuple[bytes, ...], Array]]:
        return {}

    def lot_share(self, symbol: str) -> tuple[tuple[bytes, ...], Array]:
        """The decisions with shares of one symbol in the book, and the part of each, sessions by decisions."""
        if symbol not in self._lot_shares:
            self._lot_shares[symbol] = self._lot_share(symbol)
        return self._lot_shares[symbol]

    def _lot_share(self, symbol: str) -> tuple[tuple[bytes, ...], Array]:
        rows = [row for row in self.rows_of(symbol) if row.lots]
        decisions = tuple(dict.fromkeys(decision for row in rows for decision, _ in row.lots))
        places = {decision: place for place, decision in enumerate(decisions)}
        found = np.zeros((self.last - self.first + 1, len(decisions)))
        for row in rows:
            held = sum((shares for _, shares in row.lots), _ZERO)
            for decision, shares in row.lots:
                found[row.place - self.first, places[decision]] += float(shares / held)
        return decisions, found


def lines_of(window: Window) -> tuple[Line, ...]:
    """Every line, in the order in which they are read; those of nothing are left out, market and costs apart."""
    modelled = _modelled(window)
    paper: Amounts = defaultdict(Decimal)
    apart: Amounts = defaultdict(Decimal)
    own: Amounts = defaultdict(Decimal)
    for row in window.rows:
        place = own if not row.symbol else paper if window.is_parted(row) else apart
        place[row.symbol] += row.gain.paper_usd
    told: Amounts = defaultdict(Decimal)
    for line in modelled:
        for symbol, amount in line.by_symbol.items():
            told[symbol] += amount
    residue = {symbol: amount - told[symbol] for symbol, amount in paper.items()}
    rest = [Line(name, "other", dict(each)) for name, each in zip(REST, (apart, residue, own), strict=True)]
    found = (*modelled, *rest, *_cost_lines(window))
    return tuple(
        line for line in found if line.group in {"market", "alpha", "selection"} or any(line.by_symbol.values())
    )


def _modelled(window: Window) -> tuple[Line, ...]:
    market, own = _timed(window, "market"), _timed(window, "own")
    sector = _held(window, window.model.parts.sector)
    names = window.model.sector_names
    of_sector = [
        Line(f"sector:{name}", "sectors", {s: v for s, v in sector.items() if _sector(window, s) == number})
        for number, name in enumerate(names)
    ]
    styles = [
        Line(f"factor:{name}", "factors", _held(window, part)) for name, part in window.model.parts.styles.items()
    ]
    return (
        Line("market", "market", market[0]),
        *of_sector,
        *styles,
        Line("timing", "timing", market[1]),
        Line("selection", "selection", own[0]),
        Line("alpha", "alpha", own[1]),
    )


def _timed(window: Window, part: str) -> tuple[Amounts, Amounts]:
    """Static and active part of what the market, or the shares' own returns, made."""
    exposures, returns = timed_series(window, part)
    found = timed(exposures, returns, window.is_known)
    return _amounts(window, found.static), _amounts(window, found.active)


def timed_series(window: Window, part: str) -> tuple[Array, Array]:
    """Exposures and returns of a part that is timed: USD times beta and the market, or USD and the own return."""
    if part == "market":
        beta = window.of_model(window.model.parts.beta)
        market = window.of_model(np.repeat(window.model.market[:, np.newaxis], beta.shape[1], axis=1))
        return window.exposure * np.where(window.is_known, beta, 0.0), market
    return window.exposure, window.of_model(window.model.parts.own)


def _held(window: Window, part: Array) -> Amounts:
    """What exposures made of a part."""
    made = np.where(window.is_known, window.exposure * window.of_model(part), 0.0)
    return _amounts(window, np.add.accumulate(made, axis=0)[_ALL])


def _amounts(window: Window, values: Array) -> Amounts:
    """Floats as decimals, of the shares that were held or traded."""
    places = window.model.past.places
    return {
        symbol: Decimal(float(values[places[symbol]])).quantize(FINE) for symbol in window.symbols if symbol in places
    }


def _sector(window: Window, symbol: str) -> int:
    return int(window.model.sectors[window.model.past.places[symbol]])


def _cost_lines(window: Window) -> Iterable[Line]:
    costs: dict[Cost, Amounts] = {kind: defaultdict(Decimal) for kind in Cost}
    for row in window.rows:
        for kind, amount in row.gain.costs_usd:
            costs[kind][row.symbol] -= amount
    return (Line(kind.value, "costs", dict(amounts)) for kind, amounts in costs.items())


def daily_gains(window: Window) -> Mapping[str, Array]:
    """What each session brought by market, sectors, factors, own returns, the rest and costs; together all of it."""
    parts = window.model.parts
    by_name = {"market": parts.market, "sectors": parts.sector, "own": parts.own}
    if parts.styles:
        by_name["factors"] = np.asarray(sum(parts.styles.values()), np.float64)
    found = {
        name: np.add.accumulate(np.where(window.is_known, window.exposure * window.of_model(part), 0.0), axis=1)[:, -1]
        for name, part in by_name.items()
    }
    rest, costs = (np.zeros(window.last - window.first + 1) for _ in range(2))
    for row in window.rows:
        costs[row.place - window.first] -= float(row.gain.cost_usd)
        rest[row.place - window.first] += 0.0 if window.is_parted(row) else float(row.gain.paper_usd)
    return {**found, "unmodelled": rest, "costs": costs} if rest.any() else {**found, "costs": costs}
