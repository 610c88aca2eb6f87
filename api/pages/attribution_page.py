"""An attribution as one HTML page with plots: no other file, no network, no script; for screens and for paper."""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal
from hashlib import sha256

import numpy as np
import polars as pl
from markupsafe import Markup

from api.pages.plots import BOTTOM, HEIGHT, TOP, Drawing, Plot, Shape, dots, padded, ticks, year_marks
from api.pages.research_page import page_environment, page_text
from api.use_cases.attribution import Attribution, AttributionReport, GainLineView
from api.use_cases.attribution_decay import AlphaDecay
from api.use_cases.attribution_decisions import decision_parts
from api.use_cases.attribution_lines import daily_gains
from nodes.kernels.arrays import Array

_SECURITY = "default-src 'none'; img-src data:; style-src '{}'; base-uri 'none'; form-action 'none'"
_ROW = 26.0
_NAMES = 260.0
_LEAST_USD = Decimal("0.005")
_SHOWN = 3
_LEAST_POINTS = 2
_THOUSAND = 1e3
_TEXT = 14.0


def attribution_page(found: Attribution, report: AttributionReport, decay: AlphaDecay) -> str:
    """The page of an attribution, complete, with how long alpha lasts."""
    style = page_text("trace.css") + page_text("research.css")
    lines = tuple(line for line in report.lines if any(abs(each) >= _LEAST_USD for each in line.by_symbol.values()))
    return (
        page_environment()
        .get_template("attribution.html.jinja")
        .render(
            style=Markup(style),  # noqa: S704  # our own file, named by its digest in the security policy
            security=_SECURITY.format(f"sha256-{b64encode(sha256(style.encode()).digest()).decode()}"),
            report=report,
            lines=lines,
            symbols=sorted({symbol for line in lines for symbol in line.by_symbol}),
            behind={line.line: _decisions(found, line.line) for line in lines},
            drawings=(lines_drawing(lines), path_drawing(found)),
            fading=(fading_drawing(decay), delay_drawing(decay)),
            decay=decay,
            money=_usd,
            whole=_whole,
            number=_number,
            frac=_frac,
        )
    )


def lines_drawing(lines: Sequence[GainLineView]) -> Drawing:
    """Each line as a bar from zero."""
    says = "What each source brought and each cost took, in USD."
    amounts = [float(line.usd) for line in lines]
    if not amounts:
        return Drawing("Sources and costs", says, None, "Nothing was made and nothing was paid.")
    low, high = padded(np.array([*amounts, 0.0]))
    plot = Plot("Sources and costs", (low, high), (float(len(lines)), 0.0), _ROW * len(lines) + TOP + BOTTOM, _NAMES)
    for value in ticks(low, high, 4):
        plot.shapes.append(Shape("line", "grid", (plot.x(value), TOP, plot.x(value), plot.height - BOTTOM)))
        plot.shapes.append(Shape("text", "tick", (plot.x(value), plot.height - 12), _thousands(value), "middle"))
    for place, (line, amount) in enumerate(zip(lines, amounts, strict=True)):
        top, bottom = plot.y(place + 0.2), plot.y(place + 0.8)
        left, right = sorted((plot.x(0.0), plot.x(amount)))
        plot.shapes.append(Shape("text", "name", (plot.left - 12, plot.y(place + 0.5) + 5), line.line, "end"))
        look = "bar beyond" if line.group == "costs" else "bar"
        plot.shapes.append(Shape("rect", look, (left, top, max(right - left, 0.5), bottom - top)))
    plot.shapes.append(Shape("line", "axis", (plot.x(0.0), TOP, plot.x(0.0), plot.height - BOTTOM)))
    return Drawing("Sources and costs", says, plot)


def path_drawing(found: Attribution) -> Drawing:
    """How gains, what the market made of them, the shares' own part, and costs added up."""
    says = "Gains as they added up: all of it in gold; market, own returns and costs in grey, named at their end."
    paths = {name: np.asarray(np.cumsum(gains), np.float64) for name, gains in daily_gains(found.window).items()}
    total = np.asarray(sum(paths.values()), np.float64)
    if len(total) < _LEAST_POINTS:
        return Drawing("Day by day", says, None, "One session is no path.")
    every = np.concatenate([total, *paths.values(), [0.0]])
    plot = Plot("Gains as they added up", (0.0, float(len(total) - 1)), padded(every), HEIGHT)
    plot.axes(None, _thousands)
    sessions = found.window.book.sessions[found.window.first : found.window.last + 1]
    year_marks(plot, pl.Series(sessions, dtype=pl.Date))
    _curves(plot, paths, total)
    return Drawing("Day by day", says, plot)


def _curves(plot: Plot, paths: Mapping[str, Array], total: Array) -> None:
    last, below = float(len(total) - 1), 0.0
    for name, path in sorted(paths.items(), key=lambda item: -item[1][-1]):
        plot.curve("trial index", path)
        below = max(plot.y(float(path[-1])) - 5.0, below + _TEXT)
        plot.shapes.append(Shape("text", "tick", (plot.x(last) - 4, below), name, "end"))
    plot.curve("chosen", total)


def fading_drawing(decay: AlphaDecay) -> Drawing:
    """The information coefficient by delay, with its interval."""
    says = (
        f"What {decay.score} knew of the next {decay.by_delay[0].horizon_sessions} session's returns, traded so many "
        "sessions late: mean rank correlation a session. An interval across zero may be nothing."
    )
    told = ((each.delay_sessions, each.value, each.low, each.high) for each in decay.by_delay)
    return _late("What the score knew", says, told)


def delay_drawing(decay: AlphaDecay) -> Drawing:
    """What holding the book later would have cost."""
    says = (
        "What holding the same book so many sessions later would have cost a session, in USD; negative where it paid."
    )
    told = ((each.delay_sessions, each.usd, each.low_usd, each.high_usd) for each in decay.delay_costs[1:])
    return _late("What delay would have cost", says, told)


def _late(title: str, says: str, told: Iterable[tuple[int, float | None, float | None, float | None]]) -> Drawing:
    rows = [
        (_late_text(delay), value, low, high)
        for delay, value, low, high in told
        if value is not None and low is not None and high is not None
    ]
    if not rows:
        return Drawing(title, says, None, "Too few sessions to say.")
    return Drawing(title, says, dots(title, rows))


def _late_text(delay: int) -> str:
    return "at once" if not delay else f"{delay} session late" if delay == 1 else f"{delay} sessions late"


def _decisions(found: Attribution, line: str) -> tuple[tuple[str, str, str], ...]:
    """The decisions that brought or cost most: beginning of the id, share, money."""
    parts = [part for part in decision_parts(found.window, line) if part.decision_id]
    return tuple((part.decision_id.hex()[:12], part.symbol, _usd(part.usd)) for part in parts[:_SHOWN])


def _usd(amount: Decimal) -> str:
    return f"{amount:,.2f}"


def _whole(amount: Decimal) -> str:
    return f"{amount:,.0f}"


def _number(value: float | None) -> str:
    return "not known" if value is None else f"{value:.4f}"


def _frac(value: float | None) -> str:
    return "" if value is None else f"{value:.2%}"


def _thousands(value: float) -> str:
    return f"{value / _THOUSAND:,g}k" if value else "0"
