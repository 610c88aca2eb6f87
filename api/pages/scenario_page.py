"""One scenario as one HTML page: no other file, no network, no script; for screens and for paper."""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from hashlib import sha256

import numpy as np
from markupsafe import Markup

from api.pages.plots import BOTTOM, TOP, Plot, Shape
from api.pages.research_page import page_environment, page_text
from api.use_cases.scenarios import PathReport, ScenarioReport, SessionRow
from nodes.kernels.arrays import Array

_SECURITY = "default-src 'none'; img-src data:; style-src '{}'; base-uri 'none'; form-action 'none'"
_LEFT = 84.0
_BASIS = {
    "real": "It happened: prices are those of the market.",
    "calibrated": "It did not happen so: prices follow a path that was fitted to what happened.",
    "hypothetical": "It did not happen: prices were changed as the scenario says.",
}


@dataclass(frozen=True)
class PathView:
    """One path as the page shows it."""

    report: PathReport
    worth: Plot
    figures: tuple[tuple[str, str, str, str], ...]
    fired: tuple[SessionRow, ...]


def scenario_page(report: ScenarioReport) -> str:
    """The page of a scenario, complete."""
    style = page_text("trace.css") + page_text("research.css")
    return (
        page_environment()
        .get_template("scenario.html.jinja")
        .render(
            style=Markup(style),  # noqa: S704  # our own file, named by its digest in the security policy
            security=_SECURITY.format(f"sha256-{b64encode(sha256(style.encode()).digest()).decode()}"),
            report=report,
            basis=_BASIS[report.basis],
            worst=min(report.paths, key=lambda path: path.guarded.return_frac),
            paths=tuple(_view(path) for path in report.paths),
            money=_usd,
            frac=_frac,
            saved=_saved,
        )
    )


def _view(path: PathReport) -> PathView:
    guarded, bare = path.guarded, path.bare
    figures = (
        ("return", _frac(guarded.return_frac), _frac(bare.return_frac), _frac(path.index_return_frac)),
        (
            "largest fall",
            f"{guarded.max_drawdown_frac:.1%}",
            f"{bare.max_drawdown_frac:.1%}",
            f"{path.index_drawdown_frac:.1%}",
        ),
        ("worst day", _frac(guarded.worst_day_frac), _frac(bare.worst_day_frac), ""),
        ("worth at the end", _usd(guarded.end_usd), _usd(bare.end_usd), ""),
        ("orders let out", str(guarded.n_orders), str(bare.n_orders), ""),
        ("orders stopped", str(guarded.n_denied), str(bare.n_denied), ""),
        ("traded", _usd(guarded.traded_usd), _usd(bare.traded_usd), ""),
        ("fees", _usd(guarded.fees_usd), _usd(bare.fees_usd), ""),
        ("borrow fees", _usd(guarded.borrow_usd), _usd(bare.borrow_usd), ""),
    )
    return PathView(path, _worth(path), figures, tuple(row for row in path.sessions if row.fired))


def _worth(path: PathReport) -> Plot:
    """Worth with guardrails, without and of the index; below, a mark at each close at which a guardrail fired."""
    start = float(path.start_usd)
    curves = [_curve(start, [value(row) for row in path.sessions]) for value in (_guarded, _bare, _index)]
    every = np.concatenate(curves)
    pad = (float(every.max() - every.min()) or 1.0) * 0.08
    plot = Plot(
        f"Worth of the account on path {path.number}, with guardrails, without and of the index",
        (0.0, float(len(path.sessions))),
        (float(every.min()) - pad, float(every.max()) + pad),
        left=_LEFT,
    )
    plot.axes(None, lambda value: f"{value:,.0f}")
    _days(plot, [row.session_on for row in path.sessions])
    for look, curve in zip(("chosen", "trial", "ideal"), curves, strict=True):
        plot.curve(look, curve)
    for place, row in enumerate(path.sessions, start=1):
        if row.fired:
            plot.shapes.append(Shape("circle", "dot sure", (plot.x(float(place)), plot.height - BOTTOM - 5.0, 3.0)))
    return plot


def _guarded(row: SessionRow) -> float:
    return float(row.equity_usd)


def _bare(row: SessionRow) -> float:
    return float(row.bare_usd)


def _index(row: SessionRow) -> float:
    return row.index_usd


def _curve(start: float, values: Sequence[float]) -> Array:
    return np.array([start, *values], dtype=np.float64)


def _days(plot: Plot, days: Sequence[date]) -> None:
    """About eight days below the axis."""
    for place in range(0, len(days), max(1, -(-len(days) // 8))):
        x = plot.x(float(place + 1))
        plot.shapes.append(Shape("line", "grid", (x, TOP, x, plot.height - BOTTOM)))
        plot.shapes.append(Shape("text", "tick", (x, plot.height - 12), days[place].isoformat(), "middle"))


def _frac(value: float) -> str:
    return f"{value:+.1%}"


def _usd(value: Decimal) -> str:
    return f"{value:,.0f} USD"


def _saved(value: Decimal | None) -> str:
    if value is None:
        return "not asked for"
    if value == 0:
        return "nothing"
    return f"{'saved' if value > 0 else 'cost'} {_usd(abs(value))}"
