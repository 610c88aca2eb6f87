"""The account against its universe held in equal parts, by sector: allocation and selection, linked over sessions."""

from __future__ import annotations

import math
from collections.abc import Sequence

import msgspec
import numpy as np

from api.use_cases.attribution_lines import Window
from api.use_cases.significance import finite
from nodes.kernels.arrays import Array, Index
from nodes.kernels.attribution.brinson import Allocation, Effects, Segments, brinson
from nodes.kernels.attribution.linking import Linking, compounded, linked
from policies.attribution_terms import AttributionTerms

CASH, OTHERS = "cash", "without a sector"


class BrinsonSegmentView(msgspec.Struct, frozen=True):
    """What a segment brought over the benchmark, as fractions of the account; null where unknown.

    Attributes:
        segment: a sector, or cash.
        allocation_frac: by another weight than the benchmark's.
        selection_frac: by other holdings, at the weight they were held with.
        mean_weight_frac: its mean weight in the account.
        mean_benchmark_frac: its mean weight in the benchmark.
    """

    segment: str
    allocation_frac: float | None
    selection_frac: float | None
    mean_weight_frac: float | None
    mean_benchmark_frac: float | None


class BrinsonView(msgspec.Struct, frozen=True):
    """The account, before costs, against all shares of its universe in equal parts.

    Attributes:
        allocation: what the return of a segment is held against.
        linking: how sessions are linked.
        n_sessions: sessions that count: the equity was positive and every holding had a return.
        return_frac: what the account made before costs, compounded.
        benchmark_return_frac: what the benchmark made.
        segments: the effects; they come to the difference of the two.
    """

    allocation: str
    linking: str
    n_sessions: int
    return_frac: float | None
    benchmark_return_frac: float | None
    segments: tuple[BrinsonSegmentView, ...]


def brinson_view(window: Window, terms: AttributionTerms) -> BrinsonView:
    """The effects of each session, linked over the sessions of a window."""
    names = (*window.model.sector_names, OTHERS, CASH)
    days = [day for place in range(window.first, window.last + 1) if (day := _day(window, place, names)) is not None]
    if not days:
        return BrinsonView(terms.allocation, terms.linking, 0, None, None, ())
    effects = [brinson(day, Allocation(terms.allocation)).with_interaction_in_selection for day in days]
    made = np.array([day.return_frac for day in days])
    benchmark = np.array([day.benchmark_return_frac for day in days])
    allocation, selection = _linked(effects, made, benchmark, Linking(terms.linking))
    weights, others = (_means([getattr(day, name) for day in days]) for name in ("weights", "benchmark_weights"))
    segments = tuple(
        BrinsonSegmentView(name, *(finite(float(each[place])) for each in (allocation, selection, weights, others)))
        for place, name in enumerate(names)
        if weights[place] or others[place]
    )
    whole, against = finite(compounded(made)), finite(compounded(benchmark))
    return BrinsonView(terms.allocation, terms.linking, len(days), whole, against, segments)


def _linked(effects: Sequence[Effects], made: Array, benchmark: Array, how: Linking) -> tuple[Array, Array]:
    allocation = np.array([each.allocation for each in effects])
    selection = np.array([each.selection for each in effects])
    return linked(allocation, made, benchmark, how), linked(selection, made, benchmark, how)


def _day(window: Window, place: int, names: tuple[str, ...]) -> Segments | None:
    """One session by segment; None where there was no equity before, or a share held had no return."""
    equity = float(window.book.equity_usd[max(place - 1, 0)])
    row = window.lake_rows[place - window.first]
    if equity <= 0.0 or row < 0:
        return None
    exposure, returns = window.exposure[place - window.first] / equity, window.model.past.returns[row]
    known = np.isfinite(returns)
    if np.any((exposure != 0.0) & ~known) or not known.any():
        return None
    segment = np.where(window.model.sectors < 0, len(window.model.sector_names), window.model.sectors).astype(np.int64)
    made = np.where(known, returns, 0.0)
    weights, gains = _by_segment(exposure, exposure * made, segment, len(names))
    even = known / float(np.count_nonzero(known))
    others, benchmark = _by_segment(even, even * made, segment, len(names))
    weights[-1], gains[-1] = 1.0 - math.fsum(weights.tolist()), 0.0
    return Segments(weights, _ratio(gains, weights), others, _ratio(benchmark, others))


def _by_segment(weights: Array, gains: Array, segment: Index, count: int) -> tuple[Array, Array]:
    found = np.zeros((2, count))
    np.add.at(found[0], segment, weights)
    np.add.at(found[1], segment, gains)
    return found[0], found[1]


def _ratio(gains: Array, weights: Array) -> Array:
    """What each segment made; cash, which earns nothing here, made nothing, and one that is not held is not known."""
    with np.errstate(invalid="ignore", divide="ignore"):
        found = np.where(weights != 0.0, gains / weights, np.nan)
    found[-1] = 0.0
    return found


def _means(rows: Sequence[Array]) -> Array:
    return np.array([math.fsum(column.tolist()) / len(rows) for column in np.array(rows).T])
