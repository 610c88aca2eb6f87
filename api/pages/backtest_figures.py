"""The drawings of a tear sheet: growth, falls, exposures, turnover, costs, capacity, sensitivity, reality gap."""

from __future__ import annotations

import math

import numpy as np
import polars as pl

from api.pages.plots import HEIGHT, Drawing, Plot, Shape, dots, histogram, padded, year_marks
from api.use_cases.backtest_figures import SESSIONS_A_YEAR, column
from api.use_cases.backtest_tables import COST_KINDS
from api.use_cases.backtests import Backtest
from nodes.kernels.track_records import drawdown_path

_LOW, _SHALLOW = 0.45, 0.6
_LEAST_POINTS = 2


def growth_plots(found: Backtest) -> tuple[Plot, Plot]:
    """Growth of the account beside that of the index, and how far each was below its peak."""
    sessions = found.tables.sessions
    levels = [column(sessions, name) for name in ("equity_usd", "index_level")]
    growths = [np.asarray(each / each[0] - 1.0, np.float64) for each in levels]
    every = np.concatenate([*growths, [0.0]])
    growth = _over_time("Growth of the account and of the index", sessions, padded(every))
    growth.curve("trial index", growths[1])
    growth.curve("chosen", growths[0])
    depths = [drawdown_path(each) for each in levels]
    low = min(float(np.nanmin(each)) for each in depths)
    fall = _over_time("Below the peak", sessions, (low * 1.08 or -0.01, 0.0), HEIGHT * _LOW)
    fall.curve("fall", depths[0], is_area=True)
    fall.curve("trial index", depths[1])
    return growth, fall


def exposure_drawing(found: Backtest) -> Drawing:
    """Gross and net holdings by equity."""
    sessions = found.tables.sessions
    equity, long, short = (column(sessions, name) for name in ("equity_usd", "long_usd", "short_usd"))
    gross, net = (long + short) / equity, (long - short) / equity
    plot = _over_time("Exposure by equity", sessions, padded(np.concatenate([gross, net, [0.0]])), HEIGHT * _SHALLOW)
    plot.curve("trial index", net)
    plot.curve("count", gross)
    return Drawing("Exposure", "Absolute holdings by equity at each close in gold, long less short in grey.", plot)


def turnover_drawing(found: Backtest) -> Drawing:
    """What was bought and sold in each month, by equity."""
    monthly = (
        found.tables.sessions.with_columns(month=pl.col("session_on").dt.truncate("1mo"))
        .group_by("month", maintain_order=True)
        .agg(traded=pl.col("traded_usd").implode(), equity=pl.col("equity_usd").last())
    )
    sums = [math.fsum(each) for each in monthly["traded"].to_list()]
    parts = np.array(sums) / 2.0 / column(monthly, "equity")
    span, top = (0.0, float(len(parts))), float(parts.max(initial=0.0)) * 1.08 or 0.01
    plot = Plot("Turnover by month", span, (0.0, top), HEIGHT * _SHALLOW)
    plot.axes(None, lambda value: f"{value:.0%}")
    year_marks(plot, monthly["month"])
    plot.bars(np.arange(len(parts) + 1, dtype=np.float64), parts, ["bar"] * len(parts))
    return Drawing("Turnover", "Half of what was bought and sold in a month, by equity at its end.", plot)


def costs_drawing(found: Backtest) -> Drawing:
    """Costs by kind as they added up, lowest first."""
    sessions = found.tables.sessions
    paths = [np.asarray(np.cumsum(column(sessions, kind)), np.float64) for kind in COST_KINDS]
    known = [(kind, path) for kind, path in zip(COST_KINDS, paths, strict=True) if float(np.abs(path).max()) > 0.0]
    total = np.asarray(sum((path for _, path in known), np.zeros(sessions.height)), np.float64)
    span = (0.0, float(max(sessions.height - 1, 1)))
    plot = Plot("Costs as they added up", span, padded(np.append(total, 0.0)), HEIGHT * _SHALLOW)
    plot.axes(None, _compact)
    year_marks(plot, sessions["session_on"])
    plot.curve("chosen", total)
    last = float(sessions.height - 1)
    for kind, path in known:
        plot.curve("trial index", path)
        if path[-1] > total[-1] * 0.03:
            word = kind.removesuffix("_usd").replace("_", " ")
            plot.shapes.append(Shape("text", "tick", (plot.x(last) - 4, plot.y(float(path[-1])) - 5), word, "end"))
    return Drawing("Costs by kind", "All costs in gold, each kind in grey, in USD since the first session.", plot)


def capacity_drawing(found: Backtest) -> Drawing:
    """Yearly growth by the size of the account, on a scale of powers of ten."""
    says = (
        "The same policy with another opening cash. Limits of the policy in dollars and shares stay as they are, and "
        "the market gives no more than its part of the volume: a large account is invested ever less."
    )
    points = [(math.log10(float(each.opening_cash_usd)), each.figures) for each in found.capacity]
    if len(points) < _LEAST_POINTS:
        return Drawing("Capacity", says, None, "Capacity was not asked for.")
    growth = np.array([figures["yearly_return_frac"] for _, figures in points])
    pad = (points[-1][0] - points[0][0]) * 0.04
    plot = Plot("Growth a year by size", (points[0][0] - pad, points[-1][0] + pad), padded(np.append(growth, 0.0)))
    plot.axes(lambda value: _compact(10.0**value) if value == round(value) else "", lambda value: f"{value:.1%}")
    path = "M" + "L".join(f"{plot.x(x)} {plot.y(float(y))}" for (x, _), y in zip(points, growth, strict=True))
    plot.shapes.append(Shape("path", "chosen", text=path))
    for (x, figures), y in zip(points, growth, strict=True):
        plot.shapes.append(Shape("circle", "dot sure", (plot.x(x), plot.y(float(y)), 4.0)))
        word = f"{figures['mean_gross_frac']:.0%} invested"
        anchor = "end" if x == points[-1][0] else "start" if x == points[0][0] else "middle"
        plot.shapes.append(Shape("text", "tick", (plot.x(x), plot.y(float(y)) - 10), word, anchor))
    return Drawing("Capacity", says, plot)


def sensitivity_drawing(found: Backtest) -> Drawing:
    """What each assumption, varied alone, does to the yearly return."""
    says = (
        "Difference of the mean return a year, in percentage points, when one assumption is varied and all luck stays "
        "the same; 95 % intervals by Newey and West. An interval across zero may be nothing."
    )
    known = [(each.name, each.yearly_difference) for each in found.sensitivity]
    rows = [(name, 100.0 * each.value, 100.0 * each.low, 100.0 * each.high) for name, each in known]
    if not rows:
        return Drawing("Sensitivity", says, None, "Sensitivity was not asked for.")
    return Drawing("Sensitivity", says, dots("Difference of return a year by assumption", rows))


def parameters_drawing(found: Backtest) -> Drawing:
    """What the strategy's own parameters do to the Sharpe ratio, over bars."""
    says = (
        "Sharpe ratio when a parameter of the strategy's signal is halved or doubled, by the bar path: scores are the "
        "live ones, weights go by inverse volatility, no guardrail speaks. Intervals are one standard error each way."
    )
    if not found.parameters:
        return Drawing("Parameters", says, None, "The bar path needs a signal of features, and a study.")
    years = found.tables.sessions.height / SESSIONS_A_YEAR
    rows = []
    for point in found.parameters:
        name = ", ".join(f"{key} {value}" for key, value in point.setting.items()) or "as the policy has it"
        error = math.sqrt((1.0 + point.sharpe_ratio**2 / (2.0 * SESSIONS_A_YEAR)) / years)
        rows.append((name, point.sharpe_ratio, point.sharpe_ratio - error, point.sharpe_ratio + error))
    return Drawing("Parameters", says, dots("Sharpe ratio by parameter", rows))


def gap_drawings(found: Backtest) -> tuple[Drawing, ...]:
    """Errors of each predictor in the market that nothing was calibrated to."""
    gap = found.gap
    if gap is None:
        return (Drawing("Reality gap", "Predicted against realised cost.", None, found.gap_absence),)
    realised = column(gap.orders, "realised_cost_bps")
    far_bps = 0.1 * float(np.median(np.abs(realised)))
    says = "Realised less predicted cost in basis points, one count an order; gold is off by over a tenth."
    return tuple(
        Drawing(
            f"The {key} predictor",
            says,
            histogram(
                f"Errors of the {key} predictor",
                realised - column(gap.orders, f"{key}_bps"),
                (0.0, "as predicted"),
                lambda value: abs(value) > far_bps,
            ),
        )
        for key in ("policy", "calibrated", "learnt")
    )


def _over_time(title: str, sessions: pl.DataFrame, y_span: tuple[float, float], height: float = HEIGHT) -> Plot:
    plot = Plot(title, (0.0, float(max(sessions.height - 1, 1))), y_span, height)
    plot.axes(None, lambda value: f"{value:.0%}")
    year_marks(plot, sessions["session_on"])
    return plot


def _compact(value: float) -> str:
    """An amount in few characters: 1.5M, 20k."""
    for scale, letter in ((1e6, "M"), (1e3, "k")):
        if abs(value) >= scale:
            return f"{value / scale:g}{letter}"
    return f"{value:g}"
