"""Value at risk of an account, and how it held against what happened, session by session."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import pairwise

import msgspec
import numpy as np

from api.use_cases.risk_book import Book, History
from api.use_cases.significance import finite
from nodes.kernels.arrays import Array
from nodes.kernels.significance.exceedances import basel_plus_factor, coverage
from nodes.kernels.significance.tails import Tested
from nodes.kernels.value_at_risk import shortfall_shares, tail_risk
from policies.risk_terms import Method, RiskTerms


class MeasureView(msgspec.Struct, frozen=True):
    """What one method says of the next session.

    Attributes:
        method: historical, normal, student, filtered-ewma or filtered-garch.
        value_at_risk_frac: loss that is exceeded with the probability of its level, of equity; null where unknown.
        expected_shortfall_frac: mean loss in the worst cases of its level; null where unknown.
        value_at_risk_usd: the same in money.
        expected_shortfall_usd: the same in money.
    """

    method: str
    value_at_risk_frac: float | None
    expected_shortfall_frac: float | None
    value_at_risk_usd: float | None
    expected_shortfall_usd: float | None


class TestView(msgspec.Struct, frozen=True):
    """A likelihood ratio, and how probable one so large is where nothing is the matter; null where undefined."""

    statistic: float | None
    p_value: float | None

    __test__ = False


class BreachView(msgspec.Struct, frozen=True):
    """A session that lost more than its value at risk.

    Attributes:
        session_on: the session.
        told_on: the session at whose close its value at risk was told.
        loss_frac: what the account lost, of its equity before.
        value_at_risk_frac: what had been told.
    """

    session_on: date
    told_on: date
    loss_frac: float
    value_at_risk_frac: float


class MethodBacktestView(msgspec.Struct, frozen=True):
    """How a method held against what happened.

    Attributes:
        method: the method.
        n_sessions: sessions with a return and a value at risk told before it.
        n_breaches: how many lost more.
        expected: how many were to.
        kupiec: whether there are too many or too few.
        independence: whether they come in clusters.
        conditional: both at once.
        zone: green, yellow or red, of the Basel framework.
        plus_factor: what its table adds to the multiplier; null unless of 250 sessions at 1 %.
        breaches: each.
    """

    method: str
    n_sessions: int
    n_breaches: int
    expected: float
    kupiec: TestView
    independence: TestView
    conditional: TestView
    zone: str
    plus_factor: float | None
    breaches: tuple[BreachView, ...]


class ShareView(msgspec.Struct, frozen=True):
    """A part of the expected shortfall.

    Attributes:
        symbol: of which share.
        weight_frac: its part of the equity.
        shortfall_frac: what it contributes to the historical expected shortfall; null where unknown.
    """

    symbol: str
    weight_frac: float
    shortfall_frac: float | None


@dataclass(frozen=True)
class _Day:
    """A close of the backtest: what such a book would have made of history, and what it made of the next session."""

    book: Book
    gains: Array
    next_on: date
    made_frac: float


def measures(past: History, book: Book, terms: RiskTerms) -> tuple[MeasureView, ...]:
    """What each method says of the session after a close, of the book as it stands."""
    totals = _totals(past, book, terms)
    return tuple(_measure(method, totals, book.equity_usd, terms) for method in terms.methods)


def shares(past: History, book: Book, terms: RiskTerms) -> tuple[ShareView, ...]:
    """What each share held contributes to the expected shortfall."""
    weights = past.weights(book)
    gains = past.gains(weights, book.session_on, terms.window_sessions)
    parts = shortfall_shares(gains, terms.shortfall_level_frac)
    return tuple(
        ShareView(symbol, float(weights[past.places[symbol]]), finite(float(parts[past.places[symbol]])))
        for symbol in sorted(book.shares)
        if symbol in past.places
    )


def backtests(past: History, found: Sequence[Book], terms: RiskTerms) -> tuple[MethodBacktestView, ...]:
    """Each method against the newest sessions: told at a close of the book held then, held against what it made."""
    days = _days(past, found[-(terms.backtest_sessions + 1) :], terms)
    return tuple(_backtest(method, days, terms) for method in terms.methods)


def _totals(past: History, book: Book, terms: RiskTerms) -> Array:
    """What the book would have made of history; nothing of one without shares, which has no risk to be told of."""
    if not book.shares:
        return np.empty(0)
    gains = past.gains(past.weights(book), book.session_on, terms.window_sessions)
    return np.asarray(gains.sum(axis=1), dtype=np.float64)


def _measure(method: Method, totals: Array, equity_usd: float, terms: RiskTerms) -> MeasureView:
    at_risk = finite(tail_risk(totals, terms.value_at_risk_level_frac, method, terms.decay_frac).value_at_risk)
    beyond = finite(tail_risk(totals, terms.shortfall_level_frac, method, terms.decay_frac).expected_shortfall)
    return MeasureView(
        method=method,
        value_at_risk_frac=at_risk,
        expected_shortfall_frac=beyond,
        value_at_risk_usd=None if at_risk is None else at_risk * equity_usd,
        expected_shortfall_usd=None if beyond is None else beyond * equity_usd,
    )


def _days(past: History, found: Sequence[Book], terms: RiskTerms) -> list[_Day]:
    """The closes whose next session is told: of an account worth nothing or less, or over a gap, there is no return."""
    return [
        _Day(book, _totals(past, book, terms), after.session_on, after.equity_usd / book.equity_usd - 1.0)
        for book, after in pairwise(found)
        if book.equity_usd > 0.0 and past.is_next(after.session_on, book.session_on)
    ]


def _backtest(method: Method, days: Sequence[_Day], terms: RiskTerms) -> MethodBacktestView:
    level = terms.value_at_risk_level_frac
    told = np.array([tail_risk(day.gains, level, method, terms.decay_frac).value_at_risk for day in days])
    made = np.array([day.made_frac for day in days])
    n_sessions = int(np.isfinite(told).sum())
    if not n_sessions:
        none = TestView(None, None)
        return MethodBacktestView(method, 0, 0, 0.0, none, none, none, "unknown", None, ())
    found = coverage(made, told, level)
    return MethodBacktestView(
        method=method,
        n_sessions=found.n_sessions,
        n_breaches=found.n_exceedances,
        expected=level * found.n_sessions,
        kupiec=_test(found.unconditional),
        independence=_test(found.independence),
        conditional=_test(found.conditional),
        zone=found.zone.value,
        plus_factor=finite(basel_plus_factor(found.n_exceedances, found.n_sessions, level)),
        breaches=tuple(
            BreachView(day.next_on, day.book.session_on, -day.made_frac, limit)
            for day, limit in zip(days, told.tolist(), strict=True)
            if day.made_frac < -limit
        ),
    )


def _test(found: Tested) -> TestView:
    return TestView(finite(found.statistic), finite(found.p))


def total_frac(weights: Mapping[str, float]) -> float:
    """What weights add up to, in absolute terms."""
    return math.fsum(abs(weight) for weight in weights.values())
