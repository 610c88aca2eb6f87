"""Risk as tables on a terminal."""

from __future__ import annotations

from collections.abc import Sequence

from rich.console import Console
from rich.table import Table
from rich.text import Text

from api.use_cases.risk import LimitView, RiskBacktest, RiskReport
from api.use_cases.risk_measures import TestView

_QUIET, _NO_VALUE = "quiet", "-"
_STANDS = {True: ", beyond its limits", False: "", None: "; whether it is beyond its limits is not known"}


def print_report(console: Console, report: RiskReport) -> None:
    """The report of an account."""
    console.print(Text.assemble((report.account_id, "bold"), f" at the close of {report.marked_on}, {report.policy}"))
    console.print(f"worth {report.equity_usd:,.2f} USD, {report.cash_usd:,.2f} USD of it free cash")
    console.print(f"gross {_frac(report.gross_frac)} with pending orders at their worst, net {_frac(report.net_frac)}")
    console.print(f"drawdown {_frac(report.drawdown_frac)}, lost in the last session {_frac(report.daily_loss_frac)}")
    for halt in report.halts:
        told = "" if halt.found is None else f": {_frac(halt.found)} against {_frac(halt.limit)}"
        console.print(Text(f"{halt.rule} stops new risk{told}", style="deny"))
    console.print()
    held = _table("share", "held", "buys", "sells", "worst USD", "weight", "of shortfall")
    parts = {each.symbol: each.shortfall_frac for each in report.contributions}
    for each in report.exposures:
        counts = (each.position_shares, each.pending_buy_shares, each.pending_sell_shares)
        worth = (f"{each.worst_usd:,.0f}", _frac(each.worst_weight_frac), _frac(parts.get(each.symbol)))
        held.add_row(each.symbol, *(f"{count:,}" for count in counts), *worth)
    console.print(held)
    table = _table("method", "value at risk", "shortfall")
    for told_by in report.measures:
        table.add_row(told_by.method, _frac(told_by.value_at_risk_frac), _frac(told_by.expected_shortfall_frac))
    console.print(table)
    console.print(Text(f"measured by {report.terms}{_STANDS[report.is_over]}", style=_QUIET))


def print_backtest(console: Console, found: RiskBacktest) -> None:
    """How each method held, then the breaches of the one that counts."""
    console.print(f"{found.account_id}: losses beyond the value at risk at {found.level_frac:.1%}")
    table = _table("method", "sessions", "breaches", "expected", "zone", "Kupiec p", "independence p", "both p")
    for each in found.methods:
        tests = (_chance(each.kupiec), _chance(each.independence), _chance(each.conditional))
        counts = (str(each.n_sessions), str(each.n_breaches), f"{each.expected:.1f}")
        table.add_row(each.method, *counts, each.zone, *tests)
    console.print(table)
    told = next(each for each in found.methods if each.method == found.incident_method)
    if told.breaches:
        console.print()
        rows = _table("breach", "lost", f"{told.method} value at risk")
        for breach in told.breaches:
            rows.add_row(breach.session_on.isoformat(), _frac(breach.loss_frac), _frac(breach.value_at_risk_frac))
        console.print(rows)


def print_limits(console: Console, found: Sequence[LimitView]) -> None:
    """The limits of a policy."""
    table = _table("rule", "limit", "value", "now", "used")
    for each in found:
        stands = (_number(each.found), _NO_VALUE if each.used_frac is None else f"{each.used_frac:.0%}")
        table.add_row(each.rule, each.limit, _number(each.value), *stands)
    console.print(table)


def _table(*names: str) -> Table:
    table = Table(box=None, header_style=_QUIET)
    for place, name in enumerate(names):
        table.add_column(name, justify="right" if place else "left")
    return table


def _frac(value: float | None) -> str:
    return _NO_VALUE if value is None else f"{value:.2%}"


def _number(value: float | None) -> str:
    return _NO_VALUE if value is None else f"{value:,.6g}"


def _chance(found: TestView) -> str:
    return _NO_VALUE if found.p_value is None else f"{found.p_value:.3f}"
