"""Market-wide circuit breakers as a state machine of one session: falls of an index that halt all trading.

Each level halts for a time that depends on when it is reached, or for the rest of the day, and only once a day; a
lower level does not halt after a higher one has. The index and its thresholds are in 1/10,000 points.

Source: exchange rule 7.12 (S&P 500, since 2013-04-08), NYSE rule 80B before it (Dow Jones Industrial Average).
"""

from __future__ import annotations

from dataclasses import dataclass

from nodes.kernels.market_rules.sessions import SessionTimes
from nodes.vocabulary.errors import DataError

_WHOLE_E4 = 10_000


@dataclass(frozen=True, slots=True)
class HaltLength:
    """How long a level halts while it is early enough.

    Attributes:
        before_close_ns: it applies while more than this is left of the session.
        halt_ns: how long trading halts.
    """

    before_close_ns: int
    halt_ns: int


@dataclass(frozen=True, slots=True)
class BreakerLevel:
    """One level.

    Attributes:
        level: 1, 2 or 3.
        decline_e4: fall of the index that reaches it, in 1/10,000.
        lengths: halts by how early it is, the earliest first.
        closes_after: whether, later than all of them, the level closes the market for the day; else nothing halts.
    """

    level: int
    decline_e4: int
    lengths: tuple[HaltLength, ...]
    closes_after: bool


@dataclass(frozen=True, slots=True)
class BreakerTerms:
    """The numbers of the rule.

    Attributes:
        index: whose falls count.
        levels: the levels, the smallest fall first.
        points_step_e4: where falls were fixed in points for a quarter, the step to which they were rounded, else None.
    """

    index: str
    levels: tuple[BreakerLevel, ...]
    points_step_e4: int | None


@dataclass(frozen=True, slots=True)
class MarketHalt:
    """A halt of all trading.

    Attributes:
        level: the level that caused it.
        started_ns: when.
        ends_ns: when shares may reopen; None when not on this day any more.
    """

    level: int
    started_ns: int
    ends_ns: int | None


@dataclass(frozen=True, slots=True)
class BreakerState:
    """What the breakers did in a session.

    Attributes:
        session: the session.
        thresholds_e4: for each level, the highest value of the index that reaches it.
        halts: the halts so far.
    """

    session: SessionTimes
    thresholds_e4: tuple[int, ...]
    halts: tuple[MarketHalt, ...]

    def halt_at(self, at_ns: int) -> MarketHalt | None:
        """The halt in force at an instant. A later one replaces an earlier one."""
        begun = [halt for halt in self.halts if halt.started_ns <= at_ns]
        last = begun[-1] if begun else None
        return last if last is not None and (last.ends_ns is None or at_ns < last.ends_ns) else None


def breaker_thresholds_e4(
    prior_close_e4: int, terms: BreakerTerms, quarter_mean_e4: int | None = None
) -> tuple[int, ...]:
    """For each level, the highest value of the index that reaches it.

    Formula: floor(prior close * (1 - decline)); with points, prior close - round(decline * quarter mean to the step)
    Unit: 1/10,000 points. Missing: DataError without a positive close, or without the mean where points were fixed.
    Source: exchange rule 7.12(a); NYSE information memo 12-23 for points (1,350, 2,700, 4,050 in late 2012).

    Args:
        prior_close_e4: close of the index in the session before.
        terms: the rule.
        quarter_mean_e4: where points were fixed for a quarter, the index's mean close of the month before it.
    """
    if prior_close_e4 <= 0:
        message = f"last close of {terms.index} was {prior_close_e4}, expected a positive level; correct the close"
        raise DataError(message)
    if terms.points_step_e4 is None:
        return tuple(prior_close_e4 * (_WHOLE_E4 - level.decline_e4) // _WHOLE_E4 for level in terms.levels)
    if quarter_mean_e4 is None:
        message = (
            f"levels of {terms.index} were fixed in points by the quarter; pass the mean close of the month before"
        )
        raise DataError(message)
    step = terms.points_step_e4 * _WHOLE_E4
    falls = (level.decline_e4 * quarter_mean_e4 for level in terms.levels)
    return tuple(prior_close_e4 - (2 * fall + step) // (2 * step) * terms.points_step_e4 for fall in falls)


def first_breaker_state(session: SessionTimes, thresholds_e4: tuple[int, ...]) -> BreakerState:
    """A session in which nothing has halted yet."""
    return BreakerState(session, thresholds_e4, ())


def breaker_state_after_index(state: BreakerState, at_ns: int, index_e4: int, terms: BreakerTerms) -> BreakerState:
    """The state after a value of the index; the same one unless it reaches a level that still can halt.

    Values outside regular hours do not count. Of several levels reached at once the highest acts, and those under it
    are spent with it.
    """
    if not state.session.opens_ns <= at_ns < state.session.closes_ns or index_e4 > state.thresholds_e4[0]:
        return state
    spent = max((halt.level for halt in state.halts), default=0)
    reached = [
        level
        for level, threshold_e4 in zip(terms.levels, state.thresholds_e4, strict=True)
        if index_e4 <= threshold_e4 and level.level > spent
    ]
    for level in reversed(reached):
        halt = _halt(level, at_ns, state.session)
        if halt is not None:
            return BreakerState(state.session, state.thresholds_e4, (*state.halts, halt))
    return state


def _halt(level: BreakerLevel, at_ns: int, session: SessionTimes) -> MarketHalt | None:
    left_ns = session.closes_ns - at_ns
    for length in level.lengths:
        if left_ns > length.before_close_ns:
            return MarketHalt(level.level, at_ns, at_ns + length.halt_ns)
    return MarketHalt(level.level, at_ns, None) if level.closes_after else None
