"""What a scenario showed, as tables on a terminal."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal

from rich.console import Console
from rich.table import Table
from rich.text import Text

from api.use_cases.scenario_hours import HourRow
from api.use_cases.scenarios import GuardrailRow, PathReport, ScenarioReport
from policies.scenario import Scenario

_QUIET = "quiet"


def print_scenarios(console: Console, found: Sequence[Scenario]) -> None:
    """The scenarios there are."""
    table = Table(box=None, header_style=_QUIET)
    for name in ("scenario", "basis", "from", "to", "title"):
        table.add_column(name)
    for each in found:
        days = (each.first_on.isoformat(), each.last_on.isoformat())
        table.add_row(Text(each.name, style="id"), each.basis, *days, Text(each.title))
    console.print(table)


def print_scenario(console: Console, report: ScenarioReport) -> None:
    """The report of a scenario: each way that it went, or the first ones of many and all in a table."""
    console.print(Text.assemble("\n", (report.title, "bold"), f" ({report.basis}), {report.policy}"))
    console.print(
        f"{report.n_sessions} sessions from {report.first_on} to {report.last_on}, book built from {report.lead_on}"
    )
    if len(report.paths) > 1:
        _print_paths(console, report.paths)
    worst = min(report.paths, key=lambda path: path.guarded.return_frac)
    if len(report.paths) > 1:
        console.print(Text(f"\nPath {worst.number}, the worst", style="bold"))
    _print_money(console, worst)
    _print_guardrails(console, worst.guardrails)
    for told in worst.buy_ins:
        console.print(told)
    for rule, days in worst.halts.items():
        console.print(f"{rule} halted new risk at {len(days)} closes, first on {days[0]}, last on {days[-1]}")
    _print_hours(console, report.hours)
    console.print(Text(f"\nWhat was saved, or cost where it is negative, is an {report.note}.", style=_QUIET))


def _print_money(console: Console, path: PathReport) -> None:
    table = Table(box=None, header_style=_QUIET)
    for name in ("", "with guardrails", "without", "index"):
        table.add_column(name, justify="left" if not name else "right")
    guarded, bare = path.guarded, path.bare
    table.add_row("return", _frac(guarded.return_frac), _frac(bare.return_frac), _frac(path.index_return_frac))
    falls = (guarded.max_drawdown_frac, bare.max_drawdown_frac, path.index_drawdown_frac)
    table.add_row("drawdown", *(f"{fall:.1%}" for fall in falls))
    table.add_row("worst day", _frac(guarded.worst_day_frac), _frac(bare.worst_day_frac), "")
    table.add_row("worth at the end", _usd(guarded.end_usd), _usd(bare.end_usd), "")
    table.add_row("orders let out", str(guarded.n_orders), str(bare.n_orders), "")
    table.add_row("orders stopped", str(guarded.n_denied), str(bare.n_denied), "")
    table.add_row("fees", _usd(guarded.fees_usd), _usd(bare.fees_usd), "")
    table.add_row("borrow fees", _usd(guarded.borrow_usd), _usd(bare.borrow_usd), "")
    console.print(table)
    console.print(f"guardrails together {saved_text(path.saved_usd)}")


def _print_guardrails(console: Console, rows: Sequence[GuardrailRow]) -> None:
    if not rows:
        console.print("\nNo guardrail fired.")
        return
    console.print()
    table = Table(box=None, header_style=_QUIET)
    for name in ("guardrail", "says", "orders", "changed", "first", "last", "saved USD"):
        table.add_column(name, justify="right" if name in {"orders", "changed", "saved USD"} else "left", no_wrap=True)
    for row in rows:
        changed = "" if row.n_changed is None else str(row.n_changed)
        days = (row.first_on.isoformat(), row.last_on.isoformat())
        told = "" if row.saved_usd is None else f"{row.saved_usd:+,.0f}"
        table.add_row(row.rule, Text(row.verdict, style=row.verdict), str(row.n_orders), changed, *days, told)
    console.print(table)


def _print_hours(console: Console, rows: Sequence[HourRow]) -> None:
    if not rows:
        return
    console.print(Text("\nBy the hour, judged and not sent", style="bold"))
    table = Table(box=None, header_style=_QUIET)
    for name in ("hour ended", "share", "price", "move", "a purchase", "a sale"):
        table.add_column(name, justify="right" if name in {"price", "move"} else "left")
    for row in rows:
        told = tuple(
            "" if word is None else " ".join((word, *rules))
            for word, rules in ((row.buy, row.buy_rules), (row.sell, row.sell_rules))
        )
        table.add_row(row.ended_at[11:16], row.symbol, f"{row.price_usd:.2f}", _frac(row.move_frac), *told)
    console.print(table)


def _print_paths(console: Console, paths: Sequence[PathReport]) -> None:
    table = Table(box=None, header_style=_QUIET)
    for name in ("path", "return", "without", "drawdown", "without", "index", "guardrails"):
        table.add_column(name, justify="right")
    for path in paths:
        falls = (f"{path.guarded.max_drawdown_frac:.1%}", f"{path.bare.max_drawdown_frac:.1%}")
        gains = (_frac(path.guarded.return_frac), _frac(path.bare.return_frac))
        table.add_row(str(path.number), *gains, *falls, _frac(path.index_return_frac), saved_text(path.saved_usd))
    console.print(table)


def saved_text(saved_usd: Decimal) -> str:
    """What was saved or cost, in words."""
    if saved_usd == 0:
        return "nothing"
    return f"{'saved' if saved_usd > 0 else 'cost'} {_usd(abs(saved_usd))}"


def _frac(value: float) -> str:
    return f"{value:+.1%}"


def _usd(value: Decimal) -> str:
    return f"{value:,.0f} USD"
