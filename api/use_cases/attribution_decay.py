"""How long an account's alpha lasts: what its score knew by horizon and delay, whether that changed, what delay costs.

Scores are those that the session runs of the log computed, as their traces archive them; returns are the lake's.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

import msgspec
import numpy as np

from adapters.lake.lake import Lake
from api.use_cases.attribution_book import account_book
from api.use_cases.attribution_lines import Window
from api.use_cases.attribution_model import ReturnModel, return_model
from api.use_cases.incidents import Incident, IncidentReport, incidents, opened_incident
from api.use_cases.model_desk import ModelDesk
from api.use_cases.significance import finite
from dataflows.engine.recorded import recorded_values
from governance.entries import EntryKind
from governance.ports import LogReader
from nodes.kernels.arrays import Array
from nodes.kernels.attribution.fading import Change, Finding, late_gains, level_change, rate_change
from nodes.kernels.significance.bootstrap import Resampling
from nodes.kernels.significance.decay import (
    Coefficient,
    Correlation,
    Reading,
    decay,
    forward_returns,
    session_coefficients,
)
from nodes.kernels.significance.hac import Estimate
from policies.attribution_terms import AttributionTerms


class DecayCoefficientView(msgspec.Struct, frozen=True):
    """What a score knew of the returns over a horizon after a delay: a mean over sessions, with its interval.

    Attributes:
        horizon_sessions: how long the return is earned.
        delay_sessions: sessions between the score and the trade.
        value: the mean information coefficient; null where unknown.
        low: lower end of the interval.
        high: upper end.
        n_sessions: sessions that say something.
    """

    horizon_sessions: int
    delay_sessions: int
    value: float | None
    low: float | None
    high: float | None
    n_sessions: int


class DelayCostView(msgspec.Struct, frozen=True):
    """What holding the book so many sessions later would have cost a session, in USD; negative where it paid.

    Attributes:
        delay_sessions: how much later.
        usd: mean of a session; null where unknown.
        low_usd: lower end of the interval.
        high_usd: upper end.
        n_sessions: sessions that say something.
    """

    delay_sessions: int
    usd: float | None
    low_usd: float | None
    high_usd: float | None
    n_sessions: int


class DecayChangeView(msgspec.Struct, frozen=True):
    """Whether something is otherwise in the newest sessions than in those before.

    Attributes:
        what: fading-rate a session, or level: the information coefficient without delay.
        before: in the older sessions; null where it cannot be told.
        recent: in the newest.
        low: lower end of the interval of recent less before.
        high: upper end.
        finding: changed, unchanged or unknown.
    """

    what: str
    before: float | None
    recent: float | None
    low: float | None
    high: float | None
    finding: str


class AlphaDecay(msgspec.Struct, frozen=True):
    """How long the alpha of an account's score lasts.

    Attributes:
        account_id: whose.
        score: the node of the session run.
        from_on: first session that is looked at.
        to_on: last one.
        n_sessions: how many.
        confidence_frac: of all intervals.
        by_horizon: without delay.
        by_delay: over the shortest horizon.
        is_told: whether the interval without delay lies on one side of zero: else a half-life is one of noise.
        half_life_sessions: delay at which half is left; null where it is not known or not reached.
        fitted_half_life_sessions: of an exponential; likewise.
        delay_costs: in money, of the book that was held.
        changes: of the newest sessions against those before; none while these are too few.
        has_changed: whether one of them changed: an alert.
        terms: family and version of the terms.
    """

    account_id: str
    score: str
    from_on: date
    to_on: date
    n_sessions: int
    confidence_frac: float
    by_horizon: tuple[DecayCoefficientView, ...]
    by_delay: tuple[DecayCoefficientView, ...]
    is_told: bool
    half_life_sessions: float | None
    fitted_half_life_sessions: float | None
    delay_costs: tuple[DelayCostView, ...]
    changes: tuple[DecayChangeView, ...]
    has_changed: bool
    terms: str


@dataclass(frozen=True)
class _Series:
    """Scores and returns of the same sessions and shares."""

    sessions: tuple[date, ...]
    scores: Array
    returns: Array


def alpha_decay(reader: LogReader, lake: Lake, terms: AttributionTerms, account_id: str) -> AlphaDecay:
    """How long the alpha of an account's score lasts, over the newest sessions that the terms name.

    Raises:
        EdgeError: the account was never valued in this log.
    """
    book = account_book(reader, lake, account_id)
    return decay_of(reader, Window(book, return_model(lake, terms), 0, len(book.sessions) - 1), terms)


def decay_of(reader: LogReader, window: Window, terms: AttributionTerms) -> AlphaDecay:
    """The same up to the last session of a window, whose book and model are there already."""
    account_id = window.book.account_id
    series = _series(reader, window, terms)
    reading = Reading(Correlation(terms.correlation), terms.min_decay_shares, terms.confidence_frac)
    found = decay(series.scores, series.returns, terms.decay_horizons, terms.decay_delays, reading)
    changes, first = _changes(series, terms, reading), found.by_delay[0].estimate
    return AlphaDecay(
        account_id=account_id,
        score=terms.score,
        from_on=series.sessions[0],
        to_on=series.sessions[-1],
        n_sessions=len(series.sessions),
        confidence_frac=terms.confidence_frac,
        by_horizon=tuple(_coefficient(each) for each in found.by_horizon),
        by_delay=tuple(_coefficient(each) for each in found.by_delay),
        is_told=first.low > 0.0 or first.high < 0.0,
        half_life_sessions=finite(found.half_life_sessions),
        fitted_half_life_sessions=finite(found.fitted_half_life_sessions),
        delay_costs=_delay_costs(window, terms, series.sessions[0]),
        changes=changes,
        has_changed=any(each.finding == Finding.CHANGED for each in changes),
        terms=f"{terms.family} v{terms.version}",
    )


def recorded_change(found: AlphaDecay, models: ModelDesk, principal: str) -> Incident | None:
    """The incident of a change of alpha decay, opened once: none while nothing changed, or one of it is open."""
    if not found.has_changed:
        return None
    title = f"Alpha of {found.score} fades otherwise, account {found.account_id}"
    with models.store.reader() as reader:
        if any(each.title == title and each.ended_at is None for each in incidents(reader)):
            return None
    what = " ".join(_sentence(each) for each in found.changes if each.finding == Finding.CHANGED)
    return opened_incident(models, IncidentReport(title, what, models.clock()), principal)


def _sentence(change: DecayChangeView) -> str:
    told = f"{change.what} {change.before:.4f} before, {change.recent:.4f} of late"
    return f"{told}; the difference lies between {change.low:.4f} and {change.high:.4f}."


def _series(reader: LogReader, window: Window, terms: AttributionTerms) -> _Series:
    model, valued = window.model, window.book.sessions[: window.last + 1]
    sessions = tuple(day for day in valued if model.past.row(day) is not None)[-terms.decay_sessions :]
    runs = {
        facts["session_on"]: facts
        for facts in (record.entry.facts for record in reader.of_kind(EntryKind.PLAN))
        if facts["account_id"] == window.book.account_id
    }
    scores = np.full((len(sessions), len(model.past.symbols)), np.nan)
    for place, day in enumerate(sessions):
        _put_scores(scores[place], reader, model, (runs[day], terms.score))
    return _Series(sessions, scores, model.past.returns[model.rows(sessions)])


def _put_scores(row: Array, reader: LogReader, model: ReturnModel, where: tuple[Mapping[str, Any], str]) -> None:
    """The scores of one session run in their shares' places."""
    facts, score = where
    names = ("symbols", score)
    symbols, values = recorded_values(
        reader.body(facts["trace_ref"]), reader.body(facts["session_manifest_ref"]), names
    )
    if symbols is None or values is None:
        return
    for symbol, value in zip(symbols.to_list(), values.to_list(), strict=True):
        place = model.past.places.get(symbol)
        if place is not None and value is not None:
            row[place] = value


def _changes(series: _Series, terms: AttributionTerms, reading: Reading) -> tuple[DecayChangeView, ...]:
    columns = [
        session_coefficients(series.scores, forward_returns(series.returns, terms.decay_horizons[0], delay), reading)
        for delay in terms.decay_delays
    ]
    table = np.column_stack(columns)
    blocks = Resampling("stationary", terms.change_block_sessions, terms.change_resamples, terms.change_seed)
    if len(table) < terms.recent_sessions + 2 * terms.change_block_sessions:
        return ()
    delays = np.array(terms.decay_delays, dtype=np.float64)
    rate = rate_change(table, delays, terms.recent_sessions, blocks, terms.confidence_frac)
    level = level_change(table, terms.recent_sessions, blocks, terms.confidence_frac)
    return _change("fading-rate", rate), _change("level", level)


def _delay_costs(window: Window, terms: AttributionTerms, first_on: date) -> tuple[DelayCostView, ...]:
    looked = replace(window, first=window.book.sessions.index(first_on))
    returns = looked.of_model(looked.model.past.returns)
    found = late_gains(looked.exposure, returns, terms.decay_delays, terms.confidence_frac)
    return tuple(_delay_cost(delay, each) for delay, each in zip(terms.decay_delays, found, strict=True))


def _coefficient(found: Coefficient) -> DecayCoefficientView:
    each = found.estimate
    spread = finite(each.value), finite(each.low), finite(each.high)
    return DecayCoefficientView(found.horizon_sessions, found.delay_sessions, *spread, each.n_periods)


def _delay_cost(delay: int, found: Estimate) -> DelayCostView:
    return DelayCostView(delay, finite(found.value), finite(found.low), finite(found.high), found.n_periods)


def _change(what: str, found: Change) -> DecayChangeView:
    interval = finite(found.low), finite(found.high)
    return DecayChangeView(what, finite(found.before), finite(found.recent), *interval, found.finding.value)
