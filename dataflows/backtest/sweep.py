"""Many settings of a strategy's parameters at once, over bars: scores by the live nodes, holdings by a shortcut.

For every setting the market's nodes of the session plan run once over the whole history, so that the scores of each
session are those of the session runs, bit for bit. What follows is simpler than live, and that much faster: the chosen
shares are weighed by inverse volatility instead of by equal risk, capital is constant, no guardrail speaks, and orders
trade at the next opening for a stated cost. A sweep says which settings are alike, not what one of them earns: that is
for a backtest.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from types import SimpleNamespace
from typing import Any

import numpy as np
import polars as pl

from dataflows.backtest.shared import account_nodes
from dataflows.engine.evaluation import continued
from dataflows.engine.plan import NodeKind, Plan, PlanNode
from nodes.kernels.arrays import Array, array
from nodes.kernels.cross_section import highest, weighted_score
from nodes.kernels.simulator.bars import BarPanel, BarTerms, BookRun, FillAt, book_run
from nodes.kernels.track_records import drawdown_path, returns_of, yearly_sharpe
from nodes.vocabulary.absent import Absent
from nodes.vocabulary.errors import EdgeError, PlanError

SESSIONS_A_YEAR = 252.0
_BPS = 1e4
_WANTED = ("signal_features", "signal_weights", "close_usd", "open_usd", "volume_shares", "volatility_frac")
_KNOBS = ("max_feature_score", "n_selected", "target_gross_frac", "max_target_weight_frac")


@dataclass(frozen=True)
class SweepMarket:
    """The market of a sweep.

    Attributes:
        panel: bars by symbol and session with adjustment_ratio, as in `SessionSnapshot`.
        index_panel: levels of the index.
        first_on: the first session that is held from.
        last_on: the last session.
    """

    panel: pl.DataFrame
    index_panel: pl.DataFrame
    first_on: date
    last_on: date


@dataclass(frozen=True)
class SweepPoint:
    """What one setting came to.

    Attributes:
        setting: the parameters that were set.
        yearly_return_frac: mean daily gain on the constant capital, a year.
        sharpe_ratio: a year.
        max_drawdown_frac: of the capital with its gains.
        yearly_turnover_frac: half of what was traded a year, by the capital.
    """

    setting: Mapping[str, Any]
    yearly_return_frac: float
    sharpe_ratio: float
    max_drawdown_frac: float
    yearly_turnover_frac: float


def sweep(
    plan: Plan, market: SweepMarket, settings: Sequence[Mapping[str, Any]], cost_bps: float
) -> tuple[SweepPoint, ...]:
    """What each setting comes to.

    Args:
        plan: the session plan.
        market: bars.
        settings: parameters of the plan to set, the others as the policy has them.
        cost_bps: cost of trading, of what is traded.

    Raises:
        EdgeError: a parameter is none of the plan's.
        PlanError: the plan has no signal of features.
    """
    terms = BarTerms(FillAt.NEXT_OPEN, half_spread_frac=cost_bps / _BPS)
    return tuple(_point(setting, bar_targets(plan, market, setting), terms) for setting in settings)


@dataclass(frozen=True)
class BarTargets:
    """Wanted holdings over bars, in shares that splits and dividends leave alone.

    Attributes:
        sessions: the sessions, ascending.
        symbols: the symbols, sorted.
        scores: composite scores, sessions by symbols.
        shares: wanted at each close.
        bars: adjusted bars.
        capital_usd: what is invested.
    """

    sessions: tuple[date, ...]
    symbols: tuple[str, ...]
    scores: Array
    shares: Array
    bars: BarPanel
    capital_usd: float


def bar_targets(plan: Plan, market: SweepMarket, setting: Mapping[str, Any], capital_usd: float = 1e6) -> BarTargets:
    """What a setting wants to hold at each close of the market's span."""
    values = _values(plan, market, setting)
    days = market.panel["session_on"]
    sessions = tuple(days.unique().sort().to_list())
    symbols = tuple(market.panel["symbol"].unique().sort().to_list())
    place = _placing(market.panel, sessions, symbols)
    features = {name: place(array(column)) for name, column in values["signal_features"].items()}
    knobs = [values[name] for name in _KNOBS]
    scores = np.array(
        [
            weighted_score({name: rows[at] for name, rows in features.items()}, values["signal_weights"], knobs[0])
            for at in range(len(sessions))
        ]
    )
    volatility = place(array(values["volatility_frac"]))
    weights = _weights(scores, volatility, symbols, knobs)
    growth = _growth(place(array(market.panel["adjustment_ratio"])))
    closes, opens = (place(array(values[f"{name}_usd"])) * growth for name in ("close", "open"))
    volumes = place(array(values["volume_shares"].cast(pl.Float64))) / growth
    is_in = np.array([market.first_on <= day <= market.last_on for day in sessions])
    with np.errstate(invalid="ignore", divide="ignore"):
        shares = np.nan_to_num(weights * capital_usd / closes)
    bars = BarPanel(opens[is_in], closes[is_in], np.nan_to_num(volumes[is_in]), volatility[is_in])
    kept = tuple(day for day, inside in zip(sessions, is_in.tolist(), strict=True) if inside)
    return BarTargets(kept, symbols, scores[is_in], shares[is_in], bars, capital_usd)


def _values(plan: Plan, market: SweepMarket, setting: Mapping[str, Any]) -> dict[str, Any]:
    """The values of the market's nodes over the whole history."""
    nodes = {node.name: node for node in plan.nodes}
    unknown = sorted(name for name in setting if name not in nodes or nodes[name].kind is not NodeKind.PARAMETER)
    if unknown:
        known = ", ".join(sorted(name for name, node in nodes.items() if node.kind is NodeKind.PARAMETER))
        message = f"{unknown[0]} is no parameter of session runs; vary one of {known}"
        raise EdgeError(message, reason="invalid")
    missing = [name for name in (*_WANTED, *_KNOBS) if name not in nodes]
    if missing:
        message = f"session plan {plan.name} has no {missing[0]}; sweep a policy that scores by a signal of features"
        raise PlanError(message)
    snapshot = SimpleNamespace(
        panel=market.panel, index_panel=market.index_panel, session_on=market.panel["session_on"].max()
    )
    values = continued([_set(node, setting) for node in _upstream(plan)], snapshot, {})
    absent = next((value for name in (*_WANTED, *_KNOBS) if isinstance(value := values[name], Absent)), None)
    if absent is not None:
        message = f"{absent.node} {absent.reason}; sweep over bars that have it"
        raise PlanError(message)
    return values


def _set(node: PlanNode, setting: Mapping[str, Any]) -> PlanNode:
    return replace(node, value=setting[node.name]) if node.name in setting else node


def _upstream(plan: Plan) -> list[PlanNode]:
    """The nodes that what is wanted depends on, in the plan's order."""
    nodes, own = {node.name: node for node in plan.nodes}, {node.name for node in account_nodes(plan)}
    waiting, found = [*_WANTED, *_KNOBS], set[str]()
    while waiting:
        name = waiting.pop()
        if name not in found and name not in own:
            found.add(name)
            waiting += nodes[name].arguments
    return [node for node in plan.nodes if node.name in found]


def _placing(panel: pl.DataFrame, sessions: tuple[date, ...], symbols: tuple[str, ...]) -> Any:  # noqa: ANN401
    """What puts a column of the panel into sessions by symbols, NaN where a symbol has no bar."""
    row_of, column_of = {day: at for at, day in enumerate(sessions)}, {name: at for at, name in enumerate(symbols)}
    rows = np.array([row_of[day] for day in panel["session_on"].to_list()])
    columns = np.array([column_of[name] for name in panel["symbol"].to_list()])

    def place(values: Array) -> Array:
        found = np.full((len(sessions), len(symbols)), np.nan)
        found[rows, columns] = values
        return found

    return place


def _growth(ratios: Array) -> Array:
    """Shares that one share of the first session became, dividends put back into shares."""
    return np.asarray(np.cumprod(np.where(np.isfinite(ratios), ratios, 1.0), axis=0), np.float64)


def _weights(scores: Array, volatility: Array, symbols: tuple[str, ...], knobs: Sequence[Any]) -> Array:
    """Weights of the chosen symbols by inverse volatility, capped; what a cap cuts off is not invested."""
    _, n_selected, gross, cap = knobs
    weights = np.zeros_like(scores)
    for at in range(len(scores)):
        is_known = np.isfinite(volatility[at]) & (volatility[at] > 0.0)
        chosen = highest(np.where(is_known, scores[at], np.nan), symbols, n_selected)
        if chosen.any():
            inverse = np.where(chosen, 1.0 / np.where(is_known, volatility[at], 1.0), 0.0)
            weights[at] = np.minimum(inverse / math.fsum(inverse.tolist()) * gross, cap)
    return weights


def _point(setting: Mapping[str, Any], targets: BarTargets, terms: BarTerms) -> SweepPoint:
    run: BookRun = book_run(targets.shares, targets.bars, targets.capital_usd, terms)
    gains = returns_of(run.equity) * run.equity[:-1] / targets.capital_usd
    traded = math.fsum((np.abs(np.diff(run.shares, axis=0)) * np.nan_to_num(targets.bars.closes[1:])).ravel().tolist())
    years = len(run.equity) / SESSIONS_A_YEAR
    return SweepPoint(
        setting=setting,
        yearly_return_frac=math.fsum(gains.tolist()) / years,
        sharpe_ratio=yearly_sharpe(gains, SESSIONS_A_YEAR),
        max_drawdown_frac=-float(drawdown_path(run.equity).min()),
        yearly_turnover_frac=traded / 2.0 / targets.capital_usd / years,
    )
