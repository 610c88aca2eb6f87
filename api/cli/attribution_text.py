"""Attribution as tables on a terminal."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal

from rich.console import Console
from rich.table import Table
from rich.text import Text

from api.use_cases.attribution import AttributionReport
from api.use_cases.attribution_brinson import BrinsonView
from api.use_cases.attribution_decisions import DecisionPart
from api.use_cases.attribution_shortfall import ShortfallView

_QUIET, _NO_VALUE = "quiet", "-"
_LEAST_USD = Decimal("0.005")
_MOST_DECISIONS = 30


def print_attribution(console: Console, report: AttributionReport) -> None:
    """The whole report: sources and costs, the benchmark, the shortfall."""
    span = f"{report.from_on} to {report.to_on}, {report.n_sessions} sessions"
    console.print(Text.assemble((report.account_id, "bold"), f" {span}"))
    console.print(f"made {report.total_usd:,.2f} USD on {report.opening_usd:,.2f} USD")
    console.print()
    symbols = sorted({symbol for line in report.lines for symbol in line.by_symbol})
    table = _table("from", "USD", "of equity", *(symbol or "cash" for symbol in symbols))
    for line in report.lines:
        if any(abs(amount) >= _LEAST_USD for amount in line.by_symbol.values()):
            shares = (f"{line.by_symbol.get(symbol, Decimal(0)):,.0f}" for symbol in symbols)
            table.add_row(line.line, f"{line.usd:,.2f}", _frac(line.of_equity_frac), *shares)
    table.add_row(Text("all lines", style="bold"), Text(f"{report.parts_usd:,.2f}", style="bold"))
    console.print(table)
    _print_brinson(console, report.brinson)
    _print_shortfall(console, report.shortfall)
    for note in report.notes:
        console.print(Text(note, style=_QUIET))
    console.print(Text(f"attributed by {report.terms}; --line NAME shows the decisions behind a line", style=_QUIET))


def print_decisions(console: Console, line: str, parts: Sequence[DecisionPart]) -> None:
    """The decisions behind a line, those that brought or cost most first."""
    total = sum((part.usd for part in parts), Decimal(0))
    console.print(f"{line}: {total:,.2f} USD by {len(parts)} decisions")
    table = _table("decision", "share", "USD")
    for part in parts[:_MOST_DECISIONS]:
        name = part.decision_id.hex()[:12] or "no decision"
        table.add_row(Text(name, style="id"), part.symbol, f"{part.usd:,.2f}")
    console.print(table)
    if len(parts) > _MOST_DECISIONS:
        console.print(Text(f"{len(parts) - _MOST_DECISIONS} more; --json has all", style=_QUIET))


def _print_brinson(console: Console, found: BrinsonView) -> None:
    if not found.segments:
        return
    console.print()
    whole = f"{_frac(found.return_frac)} before costs, all shares in equal parts {_frac(found.benchmark_return_frac)}"
    console.print(f"against the benchmark: {whole} ({found.allocation}, linked after {found.linking})")
    table = _table("segment", "allocation", "selection", "weight", "benchmark")
    for each in found.segments:
        weights = (_frac(each.mean_weight_frac), _frac(each.mean_benchmark_frac))
        table.add_row(each.segment, _frac(each.allocation_frac), _frac(each.selection_frac), *weights)
    console.print(table)


def _print_shortfall(console: Console, found: ShortfallView) -> None:
    if not found.n_orders:
        return
    console.print()
    bps = _NO_VALUE if found.total_bps is None else f"{found.total_bps:.1f} bps"
    console.print(f"shortfall of {found.n_orders} orders: {found.total_usd:,.2f} USD, {bps} of what was decided")
    table = _table("delay", "realised", "missed", "fees")
    amounts = (found.delay_usd, found.realised_usd, found.missed_usd, found.fee_usd)
    table.add_row(*(f"{amount:,.2f}" for amount in amounts))
    console.print(table)


def _table(*names: str) -> Table:
    table = Table(box=None, header_style=_QUIET)
    for place, name in enumerate(names):
        table.add_column(name, justify="left" if place == 0 else "right")
    return table


def _frac(value: float | None) -> str:
    return _NO_VALUE if value is None else f"{value:.2%}"
