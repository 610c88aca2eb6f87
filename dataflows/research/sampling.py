"""From the features of a panel to samples: when each begins, what became of it, how much it counts.

Features are the nodes that trading uses; a label is made of returns after the instant at which features were known, and
lives in `Samples` alone: no plan ever sees it.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import numpy as np
import polars as pl

from dataflows.engine.catalog import NodeModule, installed_modules
from dataflows.engine.compile import compiled_dataflow
from dataflows.engine.dataflow import Dataflow, Kind
from dataflows.engine.evaluation import evaluated
from dataflows.engine.plan import Plan
from dataflows.features import STAGES, FeatureSnapshot
from dataflows.research.design import LabelDesign, StudyDesign
from dataflows.research.samples import Samples
from nodes.kernels.arrays import Array, Index, array, positive
from nodes.kernels.barriers import Bars, Bets, triple_barrier
from nodes.kernels.spans import average_uniqueness, sorted_spans
from nodes.vocabulary.absent import Absent
from nodes.vocabulary.errors import DataError

_RETURN, _SYMBOL, _DAY = "total_return_frac", "symbol", "bar_on"


@dataclass(frozen=True, eq=False)
class Market:
    """Sessions, shares and what they returned: what a book is valued on.

    Attributes:
        sessions: every session of the panel, ascending.
        symbols: the shares, sorted.
        returns: total return of each share over each session; NaN without one.
    """

    sessions: pl.Series
    symbols: tuple[str, ...]
    returns: Array


@dataclass(frozen=True, eq=False)
class SampleTable:
    """Samples with the market they live in.

    Attributes:
        samples: all that is known and labelled.
        market: sessions and returns.
        shares: column of each sample's share in the market.
        n_incomplete: samples left out since a feature or the volatility was absent.
        n_unfinished: samples left out since their label is not decided by the last session.
        sides: the primary rule's side of each sample; None where the label is none of a primary rule.
    """

    samples: Samples
    market: Market
    shares: Index
    n_incomplete: int
    n_unfinished: int
    sides: Array | None = None


@dataclass(frozen=True, eq=False)
class Labels:
    """What became of rows.

    Attributes:
        end: session in which it was decided; -1 where it is not yet.
        target: class 0 or 1, or the value.
        earned: what the bet earned until then: holding the share, or following the primary rule.
    """

    end: Index
    target: Array
    earned: Array

    def at(self, places: Index) -> Labels:
        """Those at some places."""
        return Labels(self.end[places], self.target[places], self.earned[places])


@dataclass(frozen=True, eq=False)
class StudyRows:
    """Every row that a sample could begin at, whether it is complete and decided or not.

    Attributes:
        market: sessions and returns.
        sessions: ordinal of each row's session.
        shares: column of its share in the market.
        features: one row each; NaN where absent.
        is_complete: which have every feature, a volatility, and a side where a primary rule is followed.
        labels: of the complete ones, in their order.
        sides: the primary rule's side of each row, 0 or NaN where it has none; None without such a rule.
    """

    market: Market
    sessions: Index
    shares: Index
    features: Array
    is_complete: np.ndarray
    labels: Labels
    sides: Array | None = None


def study_plan(design: StudyDesign, modules: Iterable[NodeModule] | None = None) -> Plan:
    """The plan of a study's features. Raises PolicyError or PlanError with every fault."""
    primary = (design.label.primary,) if design.label.primary else ()
    outputs = tuple(dict.fromkeys((*design.features, *primary, _RETURN, design.label.volatility, _SYMBOL, _DAY)))
    dataflow = Dataflow("research", Kind.SESSION, STAGES, FeatureSnapshot, outputs)
    found = tuple(installed_modules(STAGES) if modules is None else modules)
    return compiled_dataflow(design.nodes, dataflow, found)


def study_rows(design: StudyDesign, plan: Plan, snapshot: FeatureSnapshot) -> StudyRows:
    """Every row that a sample of a study could begin at. Raises DataError when a feature is absent from the data."""
    values = evaluated(plan, snapshot)
    frame = pl.DataFrame({name: _column(name, values[name]) for name in plan.dataflow.outputs})
    market, session, share = _market(frame)
    entries = np.flatnonzero(session % design.label.step_sessions == 0).astype(np.int64)
    features = np.column_stack([array(frame[name]) for name in design.features])[entries]
    volatility = array(frame[design.label.volatility])[entries]
    known = np.isfinite(features).all(axis=1) & (volatility > 0.0)
    sides = None
    if design.label.primary:
        sides = np.sign(array(frame[design.label.primary])[entries])
        known &= np.isfinite(sides) & (sides != 0.0)
    bets = np.ones(len(entries)) if sides is None else sides
    labels = _labels(design, _bars(snapshot.panel, session), entries[known], volatility[known], bets[known])
    return StudyRows(market, session[entries], share[entries], features, known, labels, sides)


def sample_table(design: StudyDesign, plan: Plan, snapshot: FeatureSnapshot) -> SampleTable:
    """The samples of a study. Raises DataError when a feature is absent from the data or no sample is complete."""
    found = study_rows(design, plan, snapshot)
    market, known, labels = found.market, found.is_complete, found.labels
    decided = np.flatnonzero(labels.end >= 0)
    if not len(decided):
        message = f"none of {len(known)} samples has all of {len(design.features)} features and a label"
        raise DataError(f"{message}; use features that the data know, or a longer history")
    rows = np.column_stack((found.sessions, found.shares))[known][decided]
    samples, shares, order = _samples(design, market, rows, found.features[known][decided], labels.at(decided))
    sides = None if found.sides is None else found.sides[known][decided][order]
    return SampleTable(samples, market, shares, int((~known).sum()), int((labels.end < 0).sum()), sides)


def _column(name: str, value: Any) -> pl.Series:  # noqa: ANN401  # what a node returned
    if isinstance(value, Absent):
        message = f"feature {name} is absent: {value.reason}; leave it out of the study, or import its facts"
        raise DataError(message)
    if not isinstance(value, pl.Series):
        message = f"feature {name} is a {type(value).__name__}, not a column; leave it out of the study"
        raise DataError(message)
    return value


def _market(frame: pl.DataFrame) -> tuple[Market, Index, Index]:
    """The market of a panel, and for each of its rows the session and the column of its share."""
    sessions, symbols = frame[_DAY].unique().sort(), frame[_SYMBOL].unique().sort()
    session = np.searchsorted(sessions.to_physical().to_numpy(), frame[_DAY].to_physical().to_numpy()).astype(np.int64)
    share = symbols.search_sorted(frame[_SYMBOL]).to_numpy().astype(np.int64)
    returns = np.full((len(sessions), len(symbols)), np.nan)
    returns[session, share] = array(frame[_RETURN])
    return Market(sessions, tuple(symbols.to_list()), returns), session, share


def _bars(panel: pl.DataFrame, session: Index) -> Bars:
    symbol = panel["symbol"]
    begins = np.flatnonzero((symbol != symbol.shift(1)).fill_null(value=True).to_numpy())
    columns = ("open_usd", "high_usd", "low_usd", "close_usd", "adjustment_ratio")
    opening, high, low, close, ratio = (positive(array(panel[name])) for name in columns)
    return Bars(opening, high, low, close, ratio, session, np.append(begins, panel.height).astype(np.int64))


def _labels(design: StudyDesign, bars: Bars, entries: Index, volatility: Array, sides: Array) -> Labels:
    """For each entry when its label was decided (-1 where it is not yet), what it is, and what it earned.

    The path begins where a trade could: at the close of the share's bar `delay` bars after the features were known.
    """
    label = design.label
    ends = np.repeat(bars.segments[1:], np.diff(bars.segments))
    row = np.minimum(entries + design.book.delay_sessions, ends[entries] - 1)
    has_begun = row == entries + design.book.delay_sessions
    width = np.where(has_begun, volatility * np.sqrt(label.horizon_sessions), np.nan)
    is_fixed = label.kind in {"forward-return", "scaled-return"}
    upper, lower = (np.where(is_fixed & has_begun, np.inf, score * width) for score in _scores(label))
    vertical = bars.session[row] + label.horizon_sessions
    exits = triple_barrier(bars, Bets(row, upper, lower, vertical, sides))
    has_paid = (exits.return_frac > 0.0).astype(np.float64)
    target = exits.return_frac / width if label.target_kind == "value" else has_paid
    return Labels(exits.session, target, exits.return_frac)


def _scores(label: LabelDesign) -> tuple[float, float]:
    return label.upper_score, label.lower_score


def _samples(
    design: StudyDesign, market: Market, rows: Index, features: Array, labels: Labels
) -> tuple[Samples, Index, Index]:
    """The samples in order of their spans, the column of each one's share, and the places that they came from."""
    spans, order = sorted_spans(rows[:, 0].copy(), labels.end)
    shares = rows[order, 1]
    names = [market.symbols[share] for share in shares.tolist()]
    keys = pl.DataFrame({"symbol": names, "session_on": market.sessions.gather(spans.starts)})
    samples = Samples(
        keys=keys,
        features=features[order],
        names=design.features,
        target=labels.target[order],
        kind=design.label.target_kind,
        spans=spans,
        weights=average_uniqueness(spans, np.arange(len(market.sessions), dtype=np.int64)),
        returns=labels.earned[order],
    )
    return samples, shares, order
