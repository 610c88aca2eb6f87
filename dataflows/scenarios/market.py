"""A market that was changed: bars and index levels as a scenario says they went.

Every bar is taken apart into what it was against the close before it, splits and dividends counted, changed, and put
together again from the first changed session on. So a shock stays in every later price, a multiple of moves is one of
moves and not of levels, and what nothing changed keeps its bytes. Prices are rounded to a hundredth of a cent.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date

import numpy as np
import polars as pl

from dataflows.scenarios.draws import drawn_sessions
from nodes.kernels.arrays import Array
from nodes.kernels.risk import covariance
from nodes.vocabulary.errors import DataError
from policies.scenario import Bootstrap, Drought, IndexPath, Scenario, Shock, Turbulence

PRICES = ("open_usd", "high_usd", "low_usd", "close_usd")
_OPEN, _HIGH, _LOW, _CLOSE = range(4)
_PLACES = 4
_LEAST = -0.95
_VOLUME_SESSIONS = 20


@dataclass(frozen=True)
class Market:
    """Bars and an index, as the lake has them.

    Attributes:
        panel: symbol, session_on, prices, volume_shares, adjustment_ratio; sorted by symbol and session.
        index_panel: session_on, close_usd.
    """

    panel: pl.DataFrame
    index_panel: pl.DataFrame


@dataclass(frozen=True)
class _Moves:
    """One symbol, or the index, as moves against the close before: one row a session.

    Attributes:
        days: the sessions.
        moves: open, high, low and close against the close before; NaN in the first row.
        volume: shares.
        ratio: what the adjustment says; 1.0 without an event.
        closes: closes as they were, where the path begins.
        first: first row that was changed; the number of rows when none was.
    """

    days: tuple[date, ...]
    moves: Array
    volume: Array
    ratio: Array
    closes: Array
    first: int

    def span(self, first_on: date, last_on: date) -> slice:
        """The rows from one day to another, without the first of all, which has no close before it."""
        low = next((at for at, day in enumerate(self.days) if day >= first_on), len(self.days))
        high = next((at for at, day in enumerate(self.days) if day > last_on), len(self.days))
        return slice(max(low, 1), max(high, 1))

    def changed(self, rows: slice, moves: Array, volume: Array | None = None, ratio: Array | None = None) -> _Moves:
        """The same with other moves in some rows."""
        if rows.start >= rows.stop:
            return self
        every, volumes, ratios = self.moves.copy(), self.volume.copy(), self.ratio.copy()
        every[rows] = np.maximum(moves, _LEAST)
        volumes[rows] = volumes[rows] if volume is None else volume
        ratios[rows] = ratios[rows] if ratio is None else ratio
        return replace(self, moves=every, volume=volumes, ratio=ratios, first=min(self.first, rows.start))


def changed_market(market: Market, scenario: Scenario, path: int = 0) -> Market:
    """The market of a scenario, up to its last session.

    Args:
        market: as it was.
        scenario: what is changed.
        path: which of its ways; only a bootstrap has more than one.

    Raises:
        DataError: there are no sessions to change or to draw from.
    """
    until = pl.col("session_on") <= scenario.last_on
    panel, index_panel = market.panel.filter(until), market.index_panel.filter(until)
    index = _index_moves(index_panel)
    _require_span(index, scenario)
    parts = panel.partition_by("symbol", maintain_order=True)
    shares = {str(part["symbol"][0]): _moves(part) for part in parts}
    after = {name: _changed(moves, index, name, scenario, path) for name, moves in shares.items()}
    frames = [_frame(part, after[str(part["symbol"][0])]) for part in parts]
    after_index = _changed(index, index, None, scenario, path)
    closes = _prices(after_index)[:, _CLOSE]
    told = index_panel.with_columns(close_usd=pl.Series(closes))
    return Market(pl.concat(frames, rechunk=True), told if after_index.first < len(index.days) else index_panel)


def level_fracs(before: pl.DataFrame, after: pl.DataFrame) -> Mapping[tuple[str, date], float]:
    """For each bar that was changed, its close by what it had been: what a dividend of then is worth now."""
    joined = before.join(after, on=["symbol", "session_on"], how="inner", suffix="_after")
    moved = joined.filter(pl.col("close_usd") != pl.col("close_usd_after"))
    rows = moved.select("symbol", "session_on", pl.col("close_usd_after") / pl.col("close_usd")).iter_rows()
    return {(symbol, day): value for symbol, day, value in rows}


def _require_span(index: _Moves, scenario: Scenario) -> None:
    rows = index.span(scenario.first_on, scenario.last_on)
    if rows.start >= rows.stop:
        span = f"from {scenario.first_on} to {scenario.last_on}"
        ends = f"{index.days[0]} to {index.days[-1]}" if index.days else "none"
        message = f"scenario {scenario.name!r} goes {span}, the index has levels from {ends}"
        raise DataError(f"{message}; name a lake that covers the span")


def _changed(own: _Moves, index: _Moves, name: str | None, scenario: Scenario, path: int) -> _Moves:
    """The moves of a share after every change of a scenario; of the index for the name None."""
    for change in scenario.changes:
        match change:
            case Bootstrap():
                own = _drawn(own, index, change, scenario, path)
            case IndexPath():
                own = _along(own, index, change, is_index=name is None)
            case Shock():
                own = _shocked(own, change, name)
            case Turbulence():
                rows = own.span(change.first_on, change.last_on)
                own = own.changed(rows, own.moves[rows] * change.move_ratio)
            case Drought() if name is not None and _concerns(change.symbols, name):
                own = _dry(own, change)
            case _:
                pass
    return own


def _concerns(symbols: tuple[str, ...], name: str) -> bool:
    return not symbols or name in symbols


def _shocked(own: _Moves, change: Shock, name: str | None) -> _Moves:
    rows = own.span(change.on, change.on)
    if name is None:
        jump = change.index_frac if change.index_frac is not None else (0.0 if change.symbols else change.price_frac)
    else:
        jump = change.price_frac if _concerns(change.symbols, name) else 0.0
    if jump == 0.0:
        return own
    volume = np.round(own.volume[rows] * change.volume_ratio)
    return own.changed(rows, (1.0 + own.moves[rows]) * (1.0 + jump) - 1.0, volume)


def _dry(own: _Moves, change: Drought) -> _Moves:
    rows = own.span(change.first_on, change.last_on)
    moves = own.moves[rows].copy()
    middle = (moves[:, _HIGH] + moves[:, _LOW]) / 2.0
    half = (moves[:, _HIGH] - moves[:, _LOW]) / 2.0 * change.range_ratio
    moves[:, _HIGH], moves[:, _LOW] = middle + half, middle - half
    return own.changed(rows, moves, np.round(own.volume[rows] * change.volume_ratio))


def _along(own: _Moves, index: _Moves, change: IndexPath, *, is_index: bool) -> _Moves:
    """A share that goes with the index: its beta times the index, its usual range around that."""
    start = own.span(change.first_on, date.max).start
    rows = slice(start, min(start + len(change.index_fracs), len(own.days)))
    known = own.span(index.days[max(0, index.span(change.first_on, date.max).start - change.beta_sessions)], date.max)
    history = slice(known.start, start)
    if rows.start >= rows.stop or history.stop - history.start < 2:  # noqa: PLR2004  # a slope needs two
        return own
    slope = 1.0 if is_index else _beta(own, index, history)
    closes = slope * np.array(change.index_fracs[: rows.stop - rows.start])
    past = own.moves[history]
    reach = float(np.mean(past[:, _HIGH] - past[:, _LOW] - np.abs(past[:, _CLOSE] - past[:, _OPEN]))) / 2.0
    high, low = np.maximum(closes, 0.0) + reach, np.minimum(closes, 0.0) - reach
    moves = np.column_stack([np.zeros(len(closes)), high, low, closes])
    volume = np.full(len(closes), round(float(np.mean(own.volume[history])) * change.volume_ratio))
    return own.changed(rows, moves, volume, np.ones(len(closes)))


def _beta(own: _Moves, index: _Moves, history: slice) -> float:
    levels = dict(zip(index.days, index.moves[:, _CLOSE].tolist(), strict=True))
    pairs = [
        (move, levels[day])
        for day, move in zip(own.days[history], own.moves[history, _CLOSE].tolist(), strict=True)
        if day in levels
    ]
    matrix = covariance(np.array(pairs))
    return float(matrix[0, 1] / matrix[1, 1])


def _drawn(own: _Moves, index: _Moves, change: Bootstrap, scenario: Scenario, path: int) -> _Moves:
    """A share over drawn sessions, the same ones for all: what it did against its close before, volume as usual."""
    span, source = index.span(scenario.first_on, scenario.last_on), index.span(change.drawn_from, change.drawn_to)
    days = index.days[source]
    if not days:
        message = f"no session of the index lies from {change.drawn_from} to {change.drawn_to}; draw from others"
        raise DataError(message)
    places = {day: at for at, day in enumerate(own.days)}
    drawn = [days[at] for at in drawn_sessions(change, len(days), span.stop - span.start, path)]
    wanted = dict(zip(index.days[span], drawn, strict=True))
    rows = own.span(scenario.first_on, scenario.last_on)
    found = [places.get(wanted[day]) if day in wanted else None for day in own.days[rows]]
    if rows.start >= rows.stop or any(at is None or at == 0 for at in found):
        return own
    at = np.array(found, dtype=np.int64)
    usual = float(np.mean(own.volume[max(0, rows.start - _VOLUME_SESSIONS) : rows.start]))
    before = np.array([np.mean(own.volume[max(0, each - _VOLUME_SESSIONS) : each]) for each in at.tolist()])
    volume = np.round(own.volume[at] / np.where(before > 0.0, before, 1.0) * usual)
    return own.changed(rows, own.moves[at], volume, np.ones(len(at)))


def _moves(part: pl.DataFrame) -> _Moves:
    prices = part.select(PRICES).to_numpy().astype(float)
    ratio = part["adjustment_ratio"].to_numpy().astype(float)
    return _apart(part["session_on"].to_list(), prices, part["volume_shares"].to_numpy().astype(float), ratio)


def _index_moves(index_panel: pl.DataFrame) -> _Moves:
    closes = index_panel["close_usd"].to_numpy().astype(float)
    flat = np.column_stack([closes] * 4)
    return _apart(index_panel["session_on"].to_list(), flat, np.zeros(len(closes)), np.ones(len(closes)))


def _apart(days: list[date], prices: Array, volume: Array, ratio: Array) -> _Moves:
    moves = np.full(prices.shape, np.nan)
    moves[1:] = prices[1:] * ratio[1:, None] / prices[:-1, _CLOSE, None] - 1.0
    return _Moves(tuple(days), moves, volume, ratio, prices[:, _CLOSE], len(days))


def _prices(moves: _Moves) -> Array:
    """The prices from the first changed row on; what lies before is NaN but for the close."""
    prices = np.full(moves.moves.shape, np.nan)
    prices[:, _CLOSE] = moves.closes
    for row in range(moves.first, len(prices)):
        prices[row] = np.round(prices[row - 1, _CLOSE] * (1.0 + moves.moves[row]) / moves.ratio[row], _PLACES)
    return prices


def _frame(part: pl.DataFrame, moves: _Moves) -> pl.DataFrame:
    """The bars of a share with what was changed put in: high and low hold open and close, as in every bar."""
    if moves.first >= part.height:
        return part
    prices = _prices(moves)[moves.first :]
    high, low = prices.max(axis=1), prices.min(axis=1)
    tail = part.slice(moves.first).with_columns(
        open_usd=pl.Series(prices[:, _OPEN]),
        high_usd=pl.Series(high),
        low_usd=pl.Series(low),
        close_usd=pl.Series(prices[:, _CLOSE]),
        volume_shares=pl.Series(moves.volume[moves.first :]).cast(pl.Int64),
        adjustment_ratio=pl.Series(moves.ratio[moves.first :]),
    )
    return pl.concat([part.slice(0, moves.first), tail])
