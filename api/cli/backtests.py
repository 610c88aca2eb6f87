"""`assay backtest`: a strategy over years, through the plans that decide live, under stated assumptions."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date
from itertools import product
from pathlib import Path
from typing import Annotated, Any

import msgspec
import typer
from rich.console import Console
from rich.table import Table
from rich.text import Text

from adapters.sql.jobs import JobBox
from api.backtest_parts import backtest_home, backtest_work, member_universe, shipped_study
from api.bootstrap import chosen_lake, read_candidate
from api.cli.options import grouped
from api.cli.output import JsonOption, err, out, print_json
from api.cli.place import HomeOption, chosen
from api.cli.progress import progress
from api.cli.running import DataOptions, SpanOptions
from api.cli.writing import write_file
from api.pages.backtest_page import number_text
from api.research_parts import job_box
from api.settings import Settings
from api.use_cases.backtest_jobs import (
    FORMATS,
    KIND,
    REPORT,
    TABLES,
    BacktestResult,
    ComparisonResult,
    asked_backtest,
    formatted,
    table_key,
)
from api.use_cases.backtest_retraining import RetrainingAsked, Trained
from api.use_cases.backtests import BacktestAsked, sweep_market
from api.use_cases.jobs import done_job
from api.use_cases.policies import file_bytes
from dataflows.backtest.assumptions import param_value
from dataflows.backtest.retraining import retraining_of
from dataflows.backtest.sweep import SweepPoint
from dataflows.backtest.sweep import sweep as bar_sweep
from dataflows.us_equities import history_sessions
from nodes.vocabulary.errors import EdgeError

app = typer.Typer(no_args_is_help=True, help="Backtests: years of a strategy under stated assumptions.")

PAGE = "tear-sheet.html"
MAX_POINTS = 500
_SHOWN = (
    "yearly_return_frac",
    "index_yearly_return_frac",
    "yearly_volatility_frac",
    "sharpe_ratio",
    "max_drawdown_frac",
    "index_max_drawdown_frac",
    "mean_gross_frac",
    "yearly_turnover_frac",
    "spread_cost_usd",
    "impact_cost_usd",
    "latency_cost_usd",
    "commission_cost_usd",
    "sell_fee_cost_usd",
    "venue_fee_cost_usd",
    "borrow_cost_usd",
    "cost_bps",
    "n_decisions",
    "fill_frac",
)
_COMPARED = ("yearly_return_frac", "max_drawdown_frac", "cost_usd", "cost_bps", "fill_frac")


@dataclass(frozen=True)
class MarketOptions:
    """What the market is taken to be like."""

    assumptions: Annotated[
        Path | None, typer.Option("--assumptions", help="Policy that says what the market is like.", metavar="FILE")
    ] = None
    assume: Annotated[
        list[str] | None,
        typer.Option("--assume", help="Change an assumption and compare: NAME=VALUE[,NAME=VALUE].", metavar="CHANGE"),
    ] = None
    members_of: Annotated[
        str | None,
        typer.Option("--members-of", help="Trade who was in this index at the first close, gone since or not."),
    ] = None
    retrain: Annotated[
        Path | None,
        typer.Option("--retrain", help="Policy that says when the model is trained anew.", metavar="FILE"),
    ] = None
    model_study: Annotated[
        Path | None,
        typer.Option("--model-study", help="The study that it names.", metavar="FILE", show_default="the shipped one"),
    ] = None
    has_study: Annotated[
        bool, typer.Option("--study/--no-study", help="Work out capacity, sensitivity and reality gap, too.")
    ] = True


@app.command()
@grouped
def run(
    span: SpanOptions,
    data: DataOptions,
    market: MarketOptions,
    policy: Annotated[Path | None, typer.Option("--policy", help="The policy that decides.", metavar="FILE")] = None,
    home: HomeOption = None,
    as_json: JsonOption = False,
) -> None:
    """Run a strategy over years of sessions, and write its tear sheet and tables."""
    settings = data.on_lake(chosen(home))
    first_on = settings.first_on if span.first is None else span.first.date()
    settings = _with_members(settings, market.members_of, first_on)
    file = market.assumptions or settings.assumptions
    asked = BacktestAsked(
        assumptions=file_bytes(file).decode(errors="replace"),
        file=str(file.name),
        first_on=first_on,
        last_on=None if span.last is None else span.last.date(),
        changes=tuple(market.assume or ()),
        has_study=market.has_study,
        retraining=None if market.retrain is None else asked_retraining(market.retrain, market.model_study),
    )
    result, folder = finished_backtest(settings, asked, policy)
    if as_json:
        print_json({"result": result, "folder": str(folder)})
    else:
        print_backtest(out(), result, folder)


def asked_retraining(file: Path, study_file: Path | None) -> RetrainingAsked:
    """The retraining of a policy's file, with the study that it names: that of a file, else the shipped one."""
    text = file_bytes(file)
    study = study_file or shipped_study(retraining_of(text, str(file)).study)
    texts = (text.decode(errors="replace"), file_bytes(study).decode(errors="replace"))
    return RetrainingAsked(texts[0], file.name, texts[1], study.name)


@app.command()
@grouped
def sweep(
    span: SpanOptions,
    data: DataOptions,
    vary: Annotated[list[str], typer.Option("--vary", help="NAME=VALUE,VALUE: a parameter and what to try.")],
    policy: Annotated[
        Path | None, typer.Option("--policy", help="The policy whose signal it is.", metavar="FILE")
    ] = None,
    cost_bps: Annotated[float, typer.Option("--cost-bps", min=0.0, help="Cost of trading, of what is traded.")] = 15.0,
    as_json: JsonOption = False,
) -> None:
    """Try many settings of a strategy's signal over bars: fast, without guardrails, to see which are alike."""
    settings = data.on_lake(chosen(None))
    lake = chosen_lake(settings)
    first_on = settings.first_on if span.first is None else span.first.date()
    plan, wanted = read_candidate(policy or settings.policy).generation.session, varied(vary)
    n_history = max(history_sessions({**plan.params, **each}) for each in wanted)
    market = sweep_market(lake, first_on, lake.last_on if span.last is None else span.last.date(), n_history)
    points = bar_sweep(plan, market, wanted, cost_bps)
    if as_json:
        print_json(points)
    else:
        out().print(_swept(points))


def varied(texts: list[str]) -> list[dict[str, Any]]:
    """Every combination of what is to be tried. Raises EdgeError when there are none, or too many."""
    names, values = [], []
    for text in texts:
        name, _, listed = text.partition("=")
        names.append(name.strip())
        values.append([param_value(value.strip()) for value in listed.split(",") if value.strip()])
    found = [dict(zip(names, each, strict=True)) for each in product(*values)]
    if not 0 < len(found) <= MAX_POINTS:
        message = (
            f"{len(found)} settings come of {', '.join(texts)}, expected 1 to {MAX_POINTS}; write NAME=VALUE,VALUE"
        )
        raise EdgeError(message)
    return found


def _swept(points: tuple[SweepPoint, ...]) -> Table:
    shown = Table(box=None, pad_edge=False)
    shown.add_column("setting", overflow="fold")
    for name in ("return a year", "sharpe", "deepest fall", "turnover a year"):
        shown.add_column(name, justify="right")
    for point in sorted(points, key=lambda each: -each.sharpe_ratio):
        setting = ", ".join(f"{name} {value}" for name, value in point.setting.items())
        numbers = (point.yearly_return_frac, point.max_drawdown_frac, point.yearly_turnover_frac)
        grown, fallen, turned = (number_text("_frac", value) for value in numbers)
        shown.add_row(setting, grown, number_text("ratio", point.sharpe_ratio), fallen, turned)
    return shown


@app.command()
def table(
    job: Annotated[str, typer.Argument(help="A backtest's job, or `latest`.", metavar="JOB", show_default=False)],
    name: Annotated[str, typer.Argument(help=f"One of {', '.join(TABLES)}.", metavar="TABLE", show_default=False)],
    form: Annotated[str, typer.Option("--format", help=f"One of {', '.join(FORMATS)}.")] = "csv",
    output: Annotated[Path | None, typer.Option("--output", "-o", help="Where to write it.", metavar="FILE")] = None,
    home: HomeOption = None,
) -> None:
    """Write a table of a backtest that is done."""
    with job_box(chosen(home)) as box:
        part = box.part(_job_id(box, job), table_key(name))
    if part is None:
        message = f"backtest {job} has no table {name!r}; take one of {', '.join(TABLES)} of one that is done"
        raise EdgeError(message)
    content = formatted(part, form)
    if output is None:
        typer.echo(content if form == "parquet" else content.decode(), nl=False)
    else:
        write_file(output, content)


def _with_members(settings: Settings, index: str | None, on: date) -> Settings:
    """The settings with the members of an index for a universe; who has no bars is told."""
    if index is None:
        return settings
    found = member_universe(settings, index, on)
    if found.without_bars:
        told = ", ".join(found.without_bars[:10])
        err().print(f"{len(found.without_bars)} members have no bars in the lake and are left out: {told}")
    return replace(settings, universe=found.names, universe_on=on)


def finished_backtest(settings: Settings, asked: BacktestAsked, policy: Path | None) -> tuple[BacktestResult, Path]:
    """A backtest, done here, and the folder with its log, its page and its tables."""
    with job_box(settings) as box, progress() as told:
        job = asked_backtest(box, asked, settings.principal)
        done = done_job(box, job, backtest_work(settings, policy), told)
        folder = backtest_home(settings, done.job_id)
        write_file(folder / PAGE, box.part(done.job_id, REPORT) or b"")
        for name in TABLES:
            part = box.part(done.job_id, table_key(name))
            if part is not None:
                write_file(folder / f"{name}.parquet", part)
                write_file(folder / f"{name}.csv", formatted(part, "csv"))
    write_file(folder / "result.json", msgspec.json.format(done.result or b"", indent=1))
    return msgspec.json.decode(done.result or b"", type=BacktestResult), folder


def print_backtest(console: Console, result: BacktestResult, folder: Path) -> None:
    """What a backtest came to, for a person."""
    console.print(Text(f"{result.policy} on {result.assumptions}, {result.n_sessions:,} sessions", style="gold"))
    facts = Table(box=None, pad_edge=False, show_header=False)
    for name in _SHOWN:
        figure = result.figures.get(name)
        if figure is not None:
            facts.add_row(Text(name, style="quiet"), Text(number_text(name, figure.value)), figure.says)
    console.print(facts)
    if result.retraining:
        console.print()
        console.print(Text(f"Trained by {result.retraining}", style="gold"))
        console.print(_trained(result.trained))
    for row in result.comparisons:
        console.print()
        console.print(Text(f"What {row.name} costs", style="gold"))
        console.print(_compared(result, row))
    console.print()
    console.print(f"Tear sheet  {folder / PAGE}", soft_wrap=True)
    console.print(f"Decisions   assay decisions --home {folder}", soft_wrap=True)


def _trained(trained: tuple[Trained, ...]) -> Table:
    shown = Table(box=None, pad_edge=False)
    for name in ("trained at", "on data to", "version", "gate", "scored by"):
        shown.add_column(name, no_wrap=True)
    shown.add_column("why", overflow="fold")
    for each in trained:
        version, scorer = (name.rpartition(" ")[2] for name in (each.model, each.scored_by or "nobody"))
        why = each.reasons[0] if each.reasons else ""
        shown.add_row(each.trained_on.isoformat(), each.studied_to.isoformat(), version, each.action, scorer, why)
    return shown


def _compared(result: BacktestResult, row: ComparisonResult) -> Table:
    shown = Table(box=None, pad_edge=False)
    shown.add_column("")
    for name in ("as it stands", "changed", "difference"):
        shown.add_column(name, justify="right")
    for name in _COMPARED:
        values = (result.figures[name].value, row.figures.get(name), row.differences.get(name))
        shown.add_row(Text(name, style="quiet"), *(number_text(name, value) for value in values))
    ends = f"{number_text('_frac', row.low_frac)} to {number_text('_frac', row.high_frac)}"
    yearly = number_text("_frac", row.yearly_difference_frac)
    shown.add_row(Text("return a year, 95 % interval", style="quiet"), "", ends, yearly)
    shown.add_row(Text("orders that differ", style="quiet"), "", "", f"{row.n_other_orders:,}")
    return shown


def _job_id(box: JobBox, job: str) -> str:
    if job != "latest":
        return job
    found: Any = next((each for each in box.newest(100) if each.kind == KIND), None)
    if found is None:
        message = "no backtest was run here; run `assay backtest run` first"
        raise EdgeError(message)
    return str(found.job_id)
