"""Luck around events and in tails: cumulative abnormal returns, exceedances of value at risk, fading of a score."""

from __future__ import annotations

import math
from typing import Annotated, Literal

import msgspec
import numpy as np

from api.use_cases.significance import Number, Question, finite
from nodes.kernels.arrays import Array, Index
from nodes.kernels.significance.abnormal_returns import EventWindows, NormalReturn, abnormal_returns
from nodes.kernels.significance.clusters import clustered_mean
from nodes.kernels.significance.decay import Coefficient, Correlation, Reading, decay
from nodes.kernels.significance.event_study import cumulative, event_tests
from nodes.kernels.significance.exceedances import basel_plus_factor, basel_zone, coverage, kupiec_test
from nodes.kernels.significance.tails import Tested
from nodes.vocabulary.errors import DataError

MAX_CELLS = 5_000_000
MAX_EVENTS = 10_000
MAX_HORIZONS = 60

Gapped = Annotated[
    list[Annotated[list[Number | None], msgspec.Meta(min_length=1)]],
    msgspec.Meta(
        min_length=1, description="One row a session, oldest first; one column a share; null where it has none."
    ),
]
GappedSeries = Annotated[
    list[Number | None], msgspec.Meta(min_length=1, description="One number a session, oldest first; null where none.")
]
Offset = Annotated[int, msgspec.Meta(ge=-5_000, le=5_000)]
Window = Annotated[tuple[Offset, ...], msgspec.Meta(min_length=2, max_length=2, description="First and last session.")]
Place = Annotated[int, msgspec.Meta(ge=0, le=10_000_000)]
Share = Annotated[float, msgspec.Meta(gt=0, lt=1)]


class EventAsked(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """An event.

    Attributes:
        session: row of the returns in which it happened, from 0.
        share: column of the share to which it happened, from 0.
    """

    session: Place
    share: Place


class CarAsked(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """A question for an event study.

    Attributes:
        returns: of the shares.
        market: of the market, as long as the returns.
        events: what happened when, to which share.
        estimation: first and last session of the estimation window, from the event.
        window: first and last session over which abnormal returns are added up, from the event.
        model: what is expected without the event.
        min_sessions: an event with fewer usable sessions in its estimation window is absent.
    """

    returns: Gapped
    market: GappedSeries
    events: Annotated[list[EventAsked], msgspec.Meta(min_length=1, max_length=MAX_EVENTS)]
    estimation: Window = (-250, -11)
    window: Window = (-1, 1)
    model: NormalReturn = NormalReturn.MARKET_MODEL
    min_sessions: Annotated[int, msgspec.Meta(ge=1, le=5_000)] = 60


class TestedView(msgspec.Struct, frozen=True):
    """A test.

    Attributes:
        test: its name.
        statistic: its value; null where it is undefined.
        p_value: two-sided; null where it is undefined.
        degrees: degrees of freedom; null for the normal law.
    """

    test: str
    statistic: float | None
    p_value: float | None
    degrees: float | None


class CarView(msgspec.Struct, frozen=True):
    """The answer of an event study.

    Attributes:
        verdict: in words.
        mean_car: mean cumulative abnormal return; null without an event that has one.
        n_events: events that have one.
        n_absent: events that have none.
        residual_correlation: mean correlation of abnormal returns across events; null where it cannot be told.
        tests: of the mean.
    """

    verdict: str
    mean_car: float | None
    n_events: int
    n_absent: int
    residual_correlation: float | None
    tests: tuple[TestedView, ...]


class ExceedancesAsked(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """A question about value at risk. Give returns and value at risk, or how many exceedances there were.

    Attributes:
        level: with what probability the value at risk was to be exceeded.
        returns: what the book earned.
        value_at_risk: the loss, as a positive number: one, or one a session.
        n_exceedances: how often it was exceeded.
        n_sessions: in how many sessions.
    """

    level: Share = 0.01
    returns: GappedSeries | None = None
    value_at_risk: Number | list[Number | None] | None = None
    n_exceedances: Place | None = None
    n_sessions: Annotated[int, msgspec.Meta(ge=1, le=10_000_000)] | None = None


class ExceedancesView(msgspec.Struct, frozen=True):
    """The answer about value at risk.

    Attributes:
        verdict: in words.
        n_exceedances: how often it was exceeded.
        n_sessions: in how many sessions.
        expected: how often it was to be.
        zone: of the Basel framework.
        plus_factor: what its table adds to the multiplier; null unless of 250 sessions at 1 %.
        tests: Kupiec's and, of a series, Christoffersen's.
    """

    verdict: str
    n_exceedances: int
    n_sessions: int
    expected: float
    zone: str
    plus_factor: float | None
    tests: tuple[TestedView, ...]


class DecayAsked(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """A question for how fast a score's information fades.

    Attributes:
        scores: of the shares, known at the end of each session.
        returns: of the same sessions and shares.
        horizons: over how many sessions returns are earned, increasing from 1.
        delays: how many sessions later they begin, increasing from 0.
        correlation: of ranks, or of values.
        min_shares: a session with fewer shares has no coefficient.
        confidence: of the intervals.
    """

    scores: Gapped
    returns: Gapped
    horizons: Annotated[
        tuple[Annotated[int, msgspec.Meta(ge=1, le=2_500)], ...], msgspec.Meta(max_length=MAX_HORIZONS)
    ] = (
        1,
        5,
        21,
    )
    delays: Annotated[
        tuple[Annotated[int, msgspec.Meta(ge=0, le=2_500)], ...], msgspec.Meta(max_length=MAX_HORIZONS)
    ] = (
        0,
        1,
        2,
        5,
        10,
    )
    correlation: Literal["rank", "linear"] = "rank"
    min_shares: Annotated[int, msgspec.Meta(ge=3, le=1_000_000)] = 5
    confidence: Share = 0.95


class CoefficientView(msgspec.Struct, frozen=True):
    """The mean information coefficient at one horizon and delay.

    Attributes:
        horizon_sessions: how long the return is earned.
        delay_sessions: how much later it begins.
        coefficient: mean over sessions; null without any.
        low: lower end of its interval.
        high: upper end of its interval.
        n_sessions: how many have one.
    """

    horizon_sessions: int
    delay_sessions: int
    coefficient: float | None
    low: float | None
    high: float | None
    n_sessions: int


class DecayView(msgspec.Struct, frozen=True):
    """The answer about a score.

    Attributes:
        verdict: in words.
        half_life_sessions: first delay at which half is left; null where none is.
        fitted_half_life_sessions: of an exponential through the delays; null where none fits.
        coefficients: at each horizon without delay, then at the shortest one with each delay.
    """

    verdict: str
    half_life_sessions: float | None
    fitted_half_life_sessions: float | None
    coefficients: tuple[CoefficientView, ...]


def car(asked: CarAsked) -> CarView:
    """Did these events move prices?

    Cumulative abnormal returns around events with the tests of MacKinlay, Patell, Boehmer-Musumeci-Poulsen and
    Kolari-Pynnonen, and with errors robust to clusters of sessions and of shares.
    """
    returns, market = _gapped(asked.returns, "returns"), _gapped_series(asked.market)
    rows, shares = _places(asked.events, returns.shape)
    if len(market) != len(returns):
        message = f"the market has {len(market)} sessions, the returns {len(returns)}; give it for the same ones"
        raise DataError(message)
    (first, last), (fitted_from, fitted_to) = asked.window, asked.estimation
    windows = EventWindows((fitted_from, fitted_to), (first, last), asked.min_sessions)
    found = abnormal_returns(returns, market, (rows, shares), windows, asked.model)
    told = event_tests(found, first, last)
    sums = cumulative(found, first, last).values
    plain = ("cross_sectional", "mackinlay", "patell", "bmp", "adjusted_patell", "adjusted_bmp")
    tests = [_tested(name, getattr(told, name)) for name in plain]
    tests += _clustered(sums, rows, shares)
    return CarView(
        verdict=_car_verdict(told.mean_car, told.adjusted_bmp, told.n_events),
        mean_car=finite(told.mean_car),
        n_events=told.n_events,
        n_absent=told.n_absent,
        residual_correlation=finite(told.residual_correlation),
        tests=tuple(tests),
    )


def exceedances(asked: ExceedancesAsked) -> ExceedancesView:
    """Was value at risk exceeded as often as it should be, and not in a row?

    Kupiec's test of coverage, Christoffersen's of independence and of both, and the zone of the Basel framework.
    """
    if (
        asked.returns is not None
        and asked.value_at_risk is not None
        and asked.n_exceedances is asked.n_sessions is None
    ):
        returns = _gapped_series(asked.returns)
        limit = _value_at_risk(asked.value_at_risk, len(returns))
        found = coverage(returns, limit, asked.level)
        counts = found.n_exceedances, found.n_sessions
        tests = [_tested(name, getattr(found, name)) for name in ("unconditional", "independence", "conditional")]
    elif (
        asked.n_exceedances is not None
        and asked.n_sessions is not None
        and asked.returns is asked.value_at_risk is None
    ):
        counts = asked.n_exceedances, asked.n_sessions
        tests = [_tested("unconditional", kupiec_test(*counts, asked.level))]
    else:
        message = (
            "neither a series nor counts are told; give returns and value_at_risk, or n_exceedances and n_sessions"
        )
        raise DataError(message)
    expected = counts[1] * asked.level
    zone = basel_zone(*counts, asked.level).value
    return ExceedancesView(
        verdict=f"Exceeded {counts[0]} times in {counts[1]:,} sessions, {expected:g} expected: {zone}.",
        n_exceedances=counts[0],
        n_sessions=counts[1],
        expected=expected,
        zone=zone,
        plus_factor=finite(basel_plus_factor(*counts, asked.level)),
        tests=tuple(tests),
    )


def information_decay(asked: DecayAsked) -> DecayView:
    """How long does a score's information last?

    Information coefficients by horizon and by delay, with intervals that allow for dependence.
    """
    scores, returns = _gapped(asked.scores, "scores"), _gapped(asked.returns, "returns")
    reading = Reading(Correlation(asked.correlation), asked.min_shares, asked.confidence)
    found = decay(scores, returns, asked.horizons, asked.delays, reading)
    half = finite(found.half_life_sessions)
    said = "does not fall to a half over these delays" if half is None else f"falls to a half after {half:.1f} sessions"
    return DecayView(
        verdict=f"The coefficient {said}.",
        half_life_sessions=half,
        fitted_half_life_sessions=finite(found.fitted_half_life_sessions),
        coefficients=tuple(_coefficient(each) for each in (*found.by_horizon, *found.by_delay)),
    )


def _gapped(rows: list[list[float | None]], what: str) -> Array:
    width = len(rows[0])
    for place, row in enumerate(rows):
        if len(row) != width:
            message = (
                f"{what}: row {place} has {len(row)} numbers, the first one {width}; write null where one is absent"
            )
            raise DataError(message)
    if width * len(rows) > MAX_CELLS:
        message = f"{what} have {width * len(rows):,} numbers, at most {MAX_CELLS:,} are read; ask for fewer at a time"
        raise DataError(message)
    return np.array(rows, dtype=np.float64)


def _gapped_series(values: list[float | None]) -> Array:
    return np.array(values, dtype=np.float64)


def _places(events: list[EventAsked], shape: tuple[int, ...]) -> tuple[Index, Index]:
    for event in events:
        if event.session >= shape[0] or event.share >= shape[1]:
            message = (
                f"an event of share {event.share} in session {event.session} lies outside of {shape[0]} sessions by "
                f"{shape[1]} shares; count both from 0"
            )
            raise DataError(message)
    rows, shares = ([getattr(event, name) for event in events] for name in ("session", "share"))
    return np.array(rows, dtype=np.int64), np.array(shares, dtype=np.int64)


def _value_at_risk(given: float | list[float | None], count: int) -> Array:
    if not isinstance(given, list):
        return np.full(count, given)
    if len(given) != count:
        message = f"value_at_risk has {len(given)} sessions, the returns {count}; give it for the same ones"
        raise DataError(message)
    return _gapped_series(given)


def _clustered(sums: Array, rows: Index, shares: Index) -> list[TestedView]:
    """The tests robust to clusters, as far as there are two of a kind."""
    known = np.isfinite(sums)
    ways = {"by_session": (rows,), "by_share": (shares,), "by_both": (rows, shares)}
    return [
        _tested(f"clustered_{name}", clustered_mean(sums, way).tests[0])
        for name, way in ways.items()
        if all(len(np.unique(each[known])) > 1 for each in way)
    ]


def _tested(name: str, found: Tested) -> TestedView:
    return TestedView(name, finite(found.statistic), finite(found.p), finite(found.degrees))


def _car_verdict(mean_car: float, adjusted: Tested, n_events: int) -> str:
    if math.isnan(mean_car):
        return "No event has an abnormal return."
    p_value = "cannot be told" if math.isnan(adjusted.p) else f"is {adjusted.p:.4f}"
    return f"{mean_car:+.4%} over {n_events} events; p {p_value} by the test that allows for their correlation."


def _coefficient(found: Coefficient) -> CoefficientView:
    estimate = found.estimate
    return CoefficientView(
        horizon_sessions=found.horizon_sessions,
        delay_sessions=found.delay_sessions,
        coefficient=finite(estimate.value),
        low=finite(estimate.low),
        high=finite(estimate.high),
        n_sessions=estimate.n_periods,
    )


QUESTIONS = (
    Question("car", CarAsked, car),
    Question("exceedances", ExceedancesAsked, exceedances),
    Question("decay", DecayAsked, information_decay),
)
