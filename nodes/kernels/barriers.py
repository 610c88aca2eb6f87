"""The triple barrier: how each bet ended, at a profit, at a loss, or when its time was up.

A bet is entered at the close of its row and followed over the later rows of its share, in total return. A barrier is
touched by a price beyond it, strictly. What happens within a bar is not known, so this holds:

1. The open comes first. Beyond a barrier it ends the bet at the open, not at the barrier: a gap.
2. A bar that breaches both barriers breached the lower one first: the loss is taken, and the exit is marked ambiguous.
3. A breach within the bar ends the bet at the barrier.
4. A bar of the vertical barrier's session ends at its close what no price barrier ended.
5. A share without a bar in that session (a halt) ends at the open of its next bar.
6. A share that has no bar since that session (delisted, or halted for good) ended at its last close.
7. A bet whose time is not up is open: it has no outcome, unless a price barrier was touched.

Source: Lopez de Prado (2018), Advances in Financial Machine Learning, sections 3.3 to 3.6 and snippets 3.2 to 3.8; for
closes alone, pass them as all four prices.
"""

from __future__ import annotations

from dataclasses import dataclass, fields

import numpy as np
import numpy.typing as npt

from nodes.kernels.arrays import Array, Index
from nodes.vocabulary.errors import DataError

Flags = npt.NDArray[np.bool_]

LOWER, VERTICAL, UPPER, ENDED, OPEN, UNKNOWN = -1, 0, 1, 2, 3, 4
"""What ended a bet: a barrier, the share's last bar, nothing yet; or it cannot be told for want of data."""
NEVER = int(np.iinfo(np.int64).max)
"""The vertical barrier of a bet without one."""
_BATCH = 8192
"""Bets that are followed together: few enough to stay in the processor's cache."""


@dataclass(frozen=True, eq=False)
class Bars:
    """Bars of a panel sorted by share and session. A bar without a close counts as absent.

    Attributes:
        opening: opening price, raw; NaN where it is missing: then the bar has no gap.
        high: highest price; where it is missing, the higher one of open and close.
        low: lowest price; where it is missing, the lower one of open and close.
        close: closing price.
        ratio: adjustment ratio of each row: 2.0 on the day of a 2:1 split. Where it is missing the path is unknown.
        session: when each bar was, a whole number that increases within a share: the ordinal of its session.
        segments: first row of each share's block, then the height.
    """

    opening: Array
    high: Array
    low: Array
    close: Array
    ratio: Array
    session: Index
    segments: Index


@dataclass(frozen=True, eq=False)
class Bets:
    """Bets, one an event.

    Attributes:
        row: row of the panel at whose close the bet is entered.
        upper: profit at which it ends, a fraction; infinity for none; NaN where it is not known.
        lower: loss at which it ends, a positive fraction; infinity for none; NaN where it is not known.
        vertical: session by whose close it ends; NEVER for none.
        side: 1.0 for a bet on a rise, -1.0 for one on a fall; NaN or 0 where there is no bet.
    """

    row: Index
    upper: Array
    lower: Array
    vertical: Index
    side: Array


@dataclass(frozen=True, eq=False)
class Exits:
    """How the bets ended.

    Attributes:
        touch: UPPER, LOWER, VERTICAL, ENDED, OPEN or UNKNOWN.
        row: row of the exit; -1 for OPEN and UNKNOWN.
        session: session by which the outcome was known; -1 for OPEN and UNKNOWN.
        return_frac: return in the direction of the bet, exit price over entry less 1, times the side; NaN without exit.
        is_gap: whether it ended at an open beyond a barrier.
        is_ambiguous: whether its last bar breached both barriers.
    """

    touch: Index
    row: Index
    session: Index
    return_frac: Array
    is_gap: Flags
    is_ambiguous: Flags


def triple_barrier(bars: Bars, bets: Bets) -> Exits:
    """How each bet ended, by the laws of this module.

    Formula: the first bar t after the entry with side x (price_t x ratios since / entry - 1) > upper or < -lower, or
    with session_t >= vertical
    Unit: see `Exits`. Missing: UNKNOWN where entry, a barrier, the side or a ratio on the way is missing.
    Source: Lopez de Prado (2018), snippet 3.2.
    """
    _require(bars, bets)
    paths = _Paths(bars)
    found = _unknown(len(bets.row))
    for begin in range(0, len(bets.row), _BATCH):
        _follow(paths, bets, found, np.arange(begin, min(begin + _BATCH, len(bets.row)), dtype=np.int64))
    return found


def barrier_labels(exits: Exits) -> Array:
    """1 for the upper barrier, -1 for the lower, 0 where time was up or the share ended; NaN without an outcome.

    Source: Lopez de Prado (2018), exercise 3.3: what the vertical barrier ends is labelled 0.
    """
    labels = np.where(exits.touch == ENDED, VERTICAL, exits.touch).astype(np.float64)
    return np.where(exits.touch > ENDED, np.nan, labels)


def sign_labels(exits: Exits) -> Array:
    """The sign of the return, whatever ended the bet; NaN without an outcome.

    Source: Lopez de Prado (2018), snippet 3.5.
    """
    return np.sign(exits.return_frac)


def meta_labels(exits: Exits) -> Array:
    """1 where the bet made money in its direction, 0 where it did not; NaN without an outcome.

    Source: Lopez de Prado (2018), snippet 3.7.
    """
    return np.where(np.isnan(exits.return_frac), np.nan, 1.0 * (exits.return_frac > 0.0))


class _Paths:
    """What a bet sees on its way: prices with their gaps filled, where shares end, when the panel ends."""

    def __init__(self, bars: Bars) -> None:
        self.bars = bars
        self.opening = bars.opening
        self.high = np.fmax(bars.high, np.fmax(bars.opening, bars.close))
        self.low = np.fmin(bars.low, np.fmin(bars.opening, bars.close))
        self.is_split = bool(np.any(bars.ratio != 1.0))
        self.stop = np.repeat(bars.segments[1:], np.diff(bars.segments))
        self.last_session = int(np.max(bars.session, initial=-1))
        self.is_absent = np.isnan(bars.close)


class _Walk:
    """Bets that have not ended yet, side by side."""

    def __init__(self, paths: _Paths, bets: Bets, which: Index) -> None:
        row = bets.row[which]
        self.which, self.row, self.stop = which, row.copy(), paths.stop[row]
        self.entry, self.growth = paths.bars.close[row], np.ones(len(which))
        self.upper, self.lower, self.side = bets.upper[which], bets.lower[which], bets.side[which]
        self.vertical = bets.vertical[which]
        self.last_row, self.last_return = row.copy(), np.zeros(len(which))

    def __len__(self) -> int:
        return len(self.which)

    def keep(self, keeps: Flags) -> None:
        """Go on with some of the bets."""
        if not keeps.all():
            for name, values in vars(self).items():
                setattr(self, name, values[keeps])

    def returns(self, price: Array) -> Array:
        """Returns of the bets at a price of the row that each is on."""
        found: Array = (price[self.row] * self.growth / self.entry - 1.0) * self.side
        return found


def _follow(paths: _Paths, bets: Bets, found: Exits, which: Index) -> None:
    """Walk some bets to their ends, writing what is found."""
    walk = _Walk(paths, bets, which)
    known = ~np.isnan(walk.entry) & ~np.isnan(walk.upper) & ~np.isnan(walk.lower) & (np.abs(walk.side) == 1.0)
    walk.keep(known)
    with np.errstate(invalid="ignore", over="ignore"):
        while len(walk):
            walk.row += 1
            _end(paths, walk, found)
            if len(walk):
                _step(paths, walk, found)


def _end(paths: _Paths, walk: _Walk, found: Exits) -> None:
    """Bets whose share has no further bar are open, or ended with it when their time is up."""
    over = walk.row >= walk.stop
    if not over.any():
        return
    due = over & (walk.vertical <= paths.last_session)
    found.touch[walk.which[over & ~due]] = OPEN
    _write(found, walk, due, ENDED, walk.last_return, walk.last_row, walk.vertical)
    walk.keep(~over)


def _step(paths: _Paths, walk: _Walk, found: Exits) -> None:
    """One bar on: what it ends is written, the rest goes on."""
    if paths.is_split:
        walk.growth = walk.growth * paths.bars.ratio[walk.row]
        walk.keep(~np.isnan(walk.growth))
    absent = paths.is_absent[walk.row]
    opening, session = walk.returns(paths.opening), paths.bars.session[walk.row]
    best, worst = _extremes(paths, walk)
    close = walk.returns(paths.bars.close)
    gap_up, gap_down = (opening > walk.upper) & ~absent, (opening < -walk.lower) & ~absent
    up, down = (best > walk.upper) & ~absent, (worst < -walk.lower) & ~absent
    late, due = (session > walk.vertical) & ~absent, (session == walk.vertical) & ~absent
    ended = up | down | late | due
    if ended.any():
        touch = np.where(
            gap_up, UPPER, np.where(gap_down | (down & ~late), LOWER, np.where(up & ~late, UPPER, VERTICAL))
        )
        at_open = gap_up | gap_down | (late & ~np.isnan(opening))
        at_barrier = np.where(touch == LOWER, -walk.lower, walk.upper)
        value = np.where(at_open, opening, np.where(touch == VERTICAL, close, at_barrier))
        found.is_gap[walk.which[ended]] = (gap_up | gap_down)[ended]
        found.is_ambiguous[walk.which[ended]] = (up & down & ~at_open & ~late)[ended]
        _write(found, walk, ended, touch, value, walk.row, session)
    walk.last_row = np.where(absent, walk.last_row, walk.row)
    walk.last_return = np.where(absent, walk.last_return, close)
    walk.keep(~ended)


def _extremes(paths: _Paths, walk: _Walk) -> tuple[Array, Array]:
    """The best and the worst return within the bar, each in the direction of the bet."""
    high, low = walk.returns(paths.high), walk.returns(paths.low)
    return np.fmax(high, low), np.fmin(high, low)


def _write(
    found: Exits, walk: _Walk, ended: Flags, touch: int | Index, value: Array, row: Index, session: Index
) -> None:
    which = walk.which[ended]
    found.touch[which] = touch if isinstance(touch, int) else touch[ended]
    found.return_frac[which] = value[ended]
    found.row[which] = row[ended]
    found.session[which] = session[ended]


def _unknown(count: int) -> Exits:
    return Exits(
        touch=np.full(count, UNKNOWN, np.int64),
        row=np.full(count, -1, np.int64),
        session=np.full(count, -1, np.int64),
        return_frac=np.full(count, np.nan),
        is_gap=np.zeros(count, np.bool_),
        is_ambiguous=np.zeros(count, np.bool_),
    )


def _require(bars: Bars, bets: Bets) -> None:
    height = int(bars.segments[-1])
    lengths = {item.name: len(getattr(bars, item.name)) for item in fields(bars) if item.name != "segments"}
    uneven = {name: length for name, length in lengths.items() if length != height}
    if uneven:
        raise DataError(f"bars of {height} rows have {uneven}; give every column one value a row")
    outside = bets.row[(bets.row < 0) | (bets.row >= height)]
    if len(outside):
        raise DataError(f"a bet is entered on row {outside[0]} of {height}; give rows of the panel")
    negative = np.flatnonzero((bets.upper <= 0.0) | (bets.lower <= 0.0))
    if len(negative):
        place = int(negative[0])
        message = f"bet {place} has the barriers {bets.upper[place]} and {bets.lower[place]}"
        raise DataError(f"{message}; give positive fractions, infinity for none")
