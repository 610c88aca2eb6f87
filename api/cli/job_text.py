"""The closing table of the main job: what happened, what it cost, how fast it was, and what to type next."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from rich.console import Console
from rich.table import Table
from rich.text import Text

from api.use_cases.main_job import JobResult
from api.use_cases.research_jobs import ResearchResult
from api.use_cases.summary import RunSummary, Tally
from api.views.shown import scalar_text
from governance.replay import ReplayOutcome, ReplayReport

_BAR = 20


def print_job(console: Console, result: JobResult, home: str, study: tuple[ResearchResult, Path] | None = None) -> None:
    """The whole closing table."""
    summary = result.summary
    console.print(Text.assemble("\n", (f"{summary.origin}", "bold"), f", {summary.policy}"))
    console.print(f"{summary.n_sessions:,} sessions from {summary.first_on} to {summary.last_on}")
    _print_tallies(console, "Orders", summary.verdicts, summary.n_decisions)
    _print_tallies(console, "Objections", summary.reasons, summary.n_decisions)
    _print_pairs(console, "Money", _money(summary))
    if study is not None:
        _print_pairs(console, "Research", research_pairs(*study))
    _print_pairs(console, "Work and proof", _work(result))
    _print_next(console, summary, home)


def _print_tallies(console: Console, title: str, tallies: tuple[Tally, ...], n_decisions: int) -> None:
    if not tallies:
        return
    console.print(Text(f"\n{title}", style="bold"))
    table = Table.grid(padding=(0, 2))
    for column in ("left", "right", "left", "left", "left"):
        table.add_column(justify=column)
    for tally in tallies:
        share = tally.n_orders / n_decisions if n_decisions else 0.0
        table.add_row(
            Text(f"  {tally.label}", style=tally.effect or "quiet"),
            f"{tally.n_orders:,}",
            Text(_bar(share), style="gold"),
            Text(tally.effect, style="quiet"),
            Text(tally.decision_id.hex()[:12], style="id"),
        )
    console.print(table)


def _bar(share: float) -> str:
    """A bar of twenty at most; anything at all shows."""
    eighths = max(1, round(share * _BAR * 8))
    whole, rest = divmod(eighths, 8)
    return "█" * whole + (" ▏▎▍▌▋▊▉"[rest] if rest else "")


def _print_pairs(console: Console, title: str, pairs: Iterable[tuple[str, str]]) -> None:
    console.print(Text(f"\n{title}", style="bold"))
    table = Table.grid(padding=(0, 2))
    for name, text in pairs:
        table.add_row(Text(f"  {name}", style="quiet"), text)
    console.print(table)


def _money(summary: RunSummary) -> tuple[tuple[str, str], ...]:
    account, fills = summary.account, summary.fills
    return (
        ("equity", f"{scalar_text(account.equity_usd, 'Usd')} from {scalar_text(account.contributed_usd, 'Usd')}"),
        ("return", f"{_signed(summary.return_frac)}, index {_signed(summary.index_return_frac)} without dividends"),
        ("drawdown", f"{summary.max_drawdown_frac:.1%} at worst, index {summary.index_drawdown_frac:.1%}"),
        ("turnover", f"{summary.turnover_frac:.2f} times the equity a year"),
        ("cost", f"{_usd(fills.fees_usd)} fees, {_usd(fills.trading_cost_usd)} estimated spread and impact"),
        ("fills", f"{fills.n_fills:,}, {fills.n_expiries:,} orders expired in part or whole"),
    )


def research_pairs(result: ResearchResult, report: Path) -> tuple[tuple[str, str], ...]:
    """What a study came to, line by line."""
    figures = {name: f"{value:.3f}" for name, value in result.figures.items()}
    told = ", ".join(
        f"{words} {figures.get(name, 'not known')}"
        for name, words in (("spa_p_frac", "SPA p-value"), ("dsr_frac", "deflated Sharpe"), ("pbo_frac", "overfitting"))
    )
    traded = "for two persons to decide" if result.action == "act" else "no: the gates keep it out"
    return (
        ("verdict", f"{result.headline}: {told}"),
        ("model", f"{result.model}, chosen among {result.n_trials:,} recorded trials"),
        ("traded", traded),
        ("report", str(report)),
    )


def _signed(frac: float) -> str:
    return f"{frac:+.1%}"


def _usd(amount: object) -> str:
    return scalar_text(amount, "Usd")


def _work(result: JobResult) -> tuple[tuple[str, str], ...]:
    timing, summary = result.timing, result.summary
    speed = (
        f"{timing.n_sessions:,} sessions in {timing.elapsed_s:.1f} s ({timing.sessions_per_s:,.0f}/s)"
        if timing.n_sessions
        else "nothing was left to decide; this is what an earlier run decided"
    )
    rows = [("sessions", speed)]
    if timing.n_decisions:
        rows.append(("decisions", f"{timing.n_decisions:,} decided, {timing.decisions_per_s:,.0f}/s in the append"))
    size = f"{summary.n_entries:,} entries, {result.log_bytes / 1e6:,.1f} MB"
    rows += [
        ("log", size),
        ("checkpoint", f"signed over {result.checkpoint.size:,} entries, root {result.checkpoint.root.hex()[:16]}"),
        ("verified", verified_words(result)),
        ("replayed", replayed_words(result.replays)),
        ("altogether", f"{result.elapsed_s:,.1f} s"),
    ]
    return tuple(rows)


def verified_words(result: JobResult) -> str:
    """What verification covered and found, in one line."""
    report = result.verification
    covered = ", ".join(f"{count:,} {what}" for what, count in report.counts.items())
    return f"intact: {covered}" if report.is_intact else f"{len(report.findings)} findings; see `assay verify`"


def replayed_words(reports: tuple[ReplayReport, ...]) -> str:
    """What replaying found, in one line."""
    counts = {outcome: sum(report.outcome is outcome for report in reports) for outcome in ReplayOutcome}
    return ", ".join(f"{count:,} {outcome.value}" for outcome, count in counts.items() if count) or "none"


def _print_next(console: Console, summary: RunSummary, home: str) -> None:
    """What to type to look closer: the gravest decision first."""
    option = f" --home {home}"
    closest = summary.verdicts[-1].decision_id.hex()[:12] if summary.verdicts else "latest"
    lines = [
        (f"assay trace show {closest}{option}", "one decision, node by node"),
        (f"assay trace page {closest}{option}", "the same as a page for a browser"),
        (
            f"assay decisions --verdict {summary.verdicts[-1].label}{option}" if summary.verdicts else "",
            "others like it",
        ),
        (f"assay verify{option}", "every byte of the log"),
        (f"assay replay {closest}{option}", "compute it again, bit for bit"),
    ]
    console.print(Text("\nLook closer", style="bold"))
    for command, words in lines:
        if command:
            console.print(Text.assemble("  ", (command, "id"), (f"   {words}", "quiet")), soft_wrap=True)
