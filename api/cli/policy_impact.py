"""`assay policy impact`: what a candidate would have made of the decisions that a home recorded."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from pathlib import Path
from typing import Annotated

import msgspec
import typer
from rich.console import Console
from rich.table import Table
from rich.text import Text

from adapters.sql.jobs import JOBS, JobBox
from api.bootstrap import shell_clock
from api.cli.options import grouped
from api.cli.output import JsonOption, out, print_facts, print_json
from api.cli.place import HomeOption, chosen
from api.cli.progress import progress
from api.cli.writing import write_file
from api.impact_parts import impact_work
from api.log_parts import require_log
from api.settings import Settings
from api.use_cases.impact_jobs import (
    HORIZON_SESSIONS,
    MAX_HORIZON_SESSIONS,
    MAX_LAST,
    ImpactAsked,
    ImpactSummary,
    RowFilter,
    asked_impact,
    impact_rows,
    kept_impact,
)
from api.use_cases.impact_views import ImpactView, impact_view
from api.use_cases.jobs import done_job
from api.use_cases.policies import file_bytes
from governance.impact_rows import ImpactRow

_DAY = ["%Y-%m-%d"]


@dataclass(frozen=True)
class ImpactOptions:
    """Which decisions, and what else of them."""

    last: Annotated[
        int | None, typer.Option("--last", min=1, max=MAX_LAST, help="Only the newest decisions, so many.")
    ] = None
    since: Annotated[
        datetime | None,
        typer.Option("--since", help="Only those as of this day or later.", formats=_DAY, metavar="DATE"),
    ] = None
    until: Annotated[
        datetime | None,
        typer.Option("--until", help="Only those as of this day or earlier.", formats=_DAY, metavar="DATE"),
    ] = None
    horizon: Annotated[
        int,
        typer.Option("--horizon", min=1, max=MAX_HORIZON_SESSIONS, help="Sessions over which later P&L is estimated."),
    ] = HORIZON_SESSIONS
    has_path: Annotated[
        bool, typer.Option("--path/--no-path", help="Simulate the book again under the candidate, too.")
    ] = False
    workers: Annotated[int | None, typer.Option("--workers", min=1, max=64, help="Processes.")] = None
    rows: Annotated[int, typer.Option("--rows", min=0, max=1000, help="How many decisions to show.")] = 10
    output: Annotated[
        Path | None, typer.Option("--output", "-o", help="Write the report's own bytes here.", metavar="FILE")
    ] = None


@grouped
def impact(
    file: Annotated[Path, typer.Argument(help="A policy file.", metavar="FILE")],
    options: ImpactOptions,
    home: HomeOption = None,
    as_json: JsonOption = False,
) -> None:
    """Say what a policy would have made of recorded decisions: what flips, by rule, by symbol, and its worth."""
    settings = chosen(home)
    require_log(settings)
    asked = ImpactAsked(
        text=file_bytes(file).decode(errors="replace"),
        file=str(file),
        last=options.last,
        since=options.since.date() if options.since else None,
        until=options.until.date() if options.until else None,
        horizon_sessions=options.horizon,
        has_path=options.has_path,
    )
    view, summary, rows, body = done_impact(settings, asked, options)
    if options.output is not None:
        write_file(options.output, body)
    if as_json:
        print_json({"impact_digest": summary.impact_digest, "report": view, "decisions": rows})
    else:
        print_impact(out(), view, summary, rows)


def done_impact(
    settings: Settings, asked: ImpactAsked, options: ImpactOptions
) -> tuple[ImpactView, ImpactSummary, tuple[ImpactRow, ...], bytes]:
    """An impact, done here: its report, the summary, its first decisions and the report's own bytes."""
    with JobBox(settings.home / JOBS, shell_clock) as box, progress() as told:
        job = asked_impact(box, asked, settings.principal)
        done = done_job(box, job, impact_work(settings, options.workers), told)
        body = kept_impact(box, done.job_id)
        rows, _ = impact_rows(box, done.job_id, RowFilter(), options.rows) if options.rows else ((), False)
    return impact_view(body), msgspec.json.decode(done.result or b"", type=ImpactSummary), rows, body


def print_impact(console: Console, view: ImpactView, summary: ImpactSummary, rows: tuple[ImpactRow, ...]) -> None:
    """What an impact came to, for a person."""
    live = f" against what {view.origin} recorded" + (f"; {view.live} is live" if view.live else "")
    console.print(Text.assemble((view.candidate, "gold"), live), soft_wrap=True)
    print_facts(
        console,
        {
            "decisions": f"{view.n_decisions:,} judged, {view.asked}",
            "verdict flips": f"{view.n_flipped:,}",
            "size differs": f"{view.n_resized:,}",
            "otherwise": f"{view.n_changed - view.n_flipped:,} with the same verdict and another size or other rules",
            "notional": f"{_usd(view.effect.notional_usd)} could be sent of those that changed, "
            f"recorded {_usd(view.effect.notional_before_usd)}",
            "later P&L": f"{_usd(view.effect.later_pnl_usd)} over {view.horizon_sessions} sessions; an estimate",
            "report": summary.impact_digest,
        },
    )
    for name, count in view.unread.items():
        console.print(f"{count:,} not judged: {name}", style="yellow")
    for name, count in view.lacking.items():
        console.print(f"{count:,} snapshots lack {name}, which the candidate reads: it is absent there", style="yellow")
    if view.session_nodes:
        names = ", ".join(list(view.session_nodes)[:6])
        console.print(
            f"The session plan differs in {len(view.session_nodes)} nodes ({names}): snapshots were taken as they "
            "were; --path runs the sessions again",
            style="yellow",
        )
    for table in (_flips(view), _rules(view), _symbols(view), _decisions(rows)):
        if table.row_count:
            console.print()
            console.print(table)
    _print_path(console, view)


def _table(*headers: str) -> Table:
    table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0))
    for place, header in enumerate(headers):
        table.add_column(header, header_style="quiet", justify="right" if place else "left")
    return table


def _flips(view: ImpactView) -> Table:
    table = _table("Verdict", "Decisions", "Recorded notional", "Candidate's", "Later P&L")
    for each in view.flips:
        effect = each.effect
        amounts = (_usd(effect.notional_before_usd), _usd(effect.notional_usd), _usd(effect.later_pnl_usd))
        table.add_row(f"{each.before} to {each.after}", f"{effect.n_decisions:,}", *amounts)
    return table


def _rules(view: ImpactView) -> Table:
    table = _table("Rule", "Objected", "Objects", "Newly", "No longer")
    for each in view.rules:
        if each.added.n_decisions or each.dropped.n_decisions:
            counts = (each.n_before, each.n_now, each.added.n_decisions, each.dropped.n_decisions)
            table.add_row(each.rule_id, *(f"{count:,}" for count in counts))
    return table


def _symbols(view: ImpactView) -> Table:
    table = _table("Symbol", "Decisions", "Changed", "Recorded notional", "Candidate's", "Later P&L")
    for each in view.symbols:
        effect = each.effect
        if effect.n_decisions:
            amounts = (_usd(effect.notional_before_usd), _usd(effect.notional_usd), _usd(effect.later_pnl_usd))
            table.add_row(each.symbol, f"{each.n_decisions:,}", f"{effect.n_decisions:,}", *amounts)
    return table


def _decisions(rows: tuple[ImpactRow, ...]) -> Table:
    table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0))
    for header in ("Decision", "Session", "Symbol", "Recorded", "Candidate", "Because"):
        table.add_column(header, header_style="quiet", overflow="fold", no_wrap=header == "Decision")
    for row in rows:
        before, after = f"{row.verdict_before} {row.shares_before:,}", f"{row.verdict} {row.shares:,}"
        because = row.because[0] if row.because else "no longer: " + ", ".join(row.rules_dropped)
        said = because if row.rules_added or row.rules_dropped else "another size"
        table.add_row(row.decision_id[:12], row.session_on.isoformat(), row.symbol, before, after, said)
    return table


def _print_path(console: Console, view: ImpactView) -> None:
    path = view.path
    if path is None:
        return
    console.print()
    parted = "never" if path.parted_on is None else f"on {path.parted_on}"
    print_facts(
        console,
        {
            "path": f"{path.n_sessions:,} sessions from {path.first_on} to {path.last_on}, in {path.origin}",
            "equity": f"{_usd(path.equity_usd)}, recorded {_usd(path.equity_before_usd)}",
            "deepest fall": f"{path.drawdown_frac:.1%}, recorded {path.drawdown_before_frac:.1%}",
            "parted": parted,
        },
    )


def _usd(amount: Decimal) -> str:
    return f"{amount:,.0f} USD"
