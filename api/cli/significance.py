"""`assay significance`: a command for each question of luck that HTTP answers, over CSV and Parquet files."""

from __future__ import annotations

from dataclasses import asdict
from functools import partial
from pathlib import Path
from typing import Annotated, Any, TypeVar

import msgspec
import typer
from rich.text import Text

from api.cli.market import plain_table
from api.cli.options import grouped
from api.cli.output import JsonOption, out, print_facts, print_json
from api.cli.place import HomeOption, log_reader
from api.cli.progress import progress
from api.cli.samples import benchmark_of, panel_of, series_of
from api.cli.significance_options import (
    AgainstOption,
    Around,
    Centring,
    Fading,
    Family,
    LevelOption,
    Metric,
    Others,
    PanelFile,
    Panels,
    Record,
    RiskFreeOption,
    Studentisation,
    StudentOption,
    Trials,
    YearOption,
)
from api.use_cases import significance_events as events
from api.use_cases import significance_haircuts as many
from api.use_cases import significance_panels as panels
from api.use_cases import significance_sharpe as records
from api.use_cases.model_reading import family_view
from api.use_cases.significance_size import calibration
from nodes.kernels.significance.calibration import Experiment
from nodes.vocabulary.errors import EdgeError

_Asked = TypeVar("_Asked", bound=msgspec.Struct)
_SHOWN = 25

app = typer.Typer(no_args_is_help=True, help="Tell luck from skill: tests of strategies, track records and events.")


@app.command("spa")
@grouped
def spa(
    family: Family,
    studentise: StudentOption = Studentisation.KERNEL,
    as_json: JsonOption = False,
) -> None:
    """Is the best of these strategies better than the benchmark? Hansen's superior predictive ability."""
    _tell(panels.spa(_asked(panels.SpaAsked, **_family(family), studentisation=studentise.value)), as_json=as_json)


@app.command("reality-check")
@grouped
def reality_check(
    family: Family,
    as_json: JsonOption = False,
) -> None:
    """Is the largest mean of these strategies over the benchmark's? White's Reality Check; prefer spa."""
    _tell(panels.white(_asked(panels.FamilyAsked, **_family(family))), as_json=as_json)


@app.command("step-m")
@grouped
def step_m(
    family: Family,
    level: LevelOption = 0.05,
    studentise: StudentOption = Studentisation.KERNEL,
    centring: Annotated[
        Centring, typer.Option("--centring", help="consistent leaves out what is clearly worse.")
    ] = Centring.UPPER,
    as_json: JsonOption = False,
) -> None:
    """Which of these strategies are better than the benchmark? Romano and Wolf's stepwise testing."""
    asked = _asked(
        panels.StepAsked, **_family(family), studentisation=studentise.value, level=level, centring=centring.value
    )
    _tell(panels.stepwise(asked), as_json=as_json)


@app.command("pbo")
def pbo(
    file: PanelFile,
    blocks: Annotated[int, typer.Option("--blocks", help="An even number; 16 make 12,870 splits.")] = 16,
    metric: Annotated[Metric, typer.Option("--metric", help="By what the best is chosen.")] = Metric.SHARPE,
    as_json: JsonOption = False,
) -> None:
    """Does choosing the best of these backtests choose a good strategy? Probability of overfitting by CSCV."""
    panel = panel_of(file)
    asked = _asked(panels.PboAsked, returns=panel.rows, names=panel.names, n_blocks=blocks, metric=metric.value)
    _tell(panels.pbo(asked), as_json=as_json)


@app.command("sharpe")
def sharpe(
    returns: Annotated[str, typer.Argument(help="FILE, FILE:COLUMN or numbers with commas.", metavar="SERIES")],
    risk_free: RiskFreeOption = 0.0,
    periods_per_year: Annotated[int, typer.Option("--periods-per-year", help="How many make a year.")] = 252,
    lags: Annotated[
        int | None, typer.Option("--lags", help="Of the autocorrelation.", show_default="4 (n/100)^(2/9)")
    ] = None,
    as_json: JsonOption = False,
) -> None:
    """What is the Sharpe ratio of these returns, and how wrong may it be? Errors after Lo and Mertens."""
    given = {"returns": series_of(returns), "risk_free": risk_free, "periods_per_year": periods_per_year}
    _tell(records.sharpe(_asked(records.SharpeAsked, **given, n_lags=lags)), as_json=as_json)


@app.command("psr")
@grouped
def psr(
    record: Record,
    benchmark_sharpe: AgainstOption = 0.0,
    as_json: JsonOption = False,
) -> None:
    """How sure is it that the true Sharpe ratio is over a benchmark? The probabilistic Sharpe ratio."""
    _tell(records.psr(_asked(records.PsrAsked, **_record(record), benchmark_sharpe=benchmark_sharpe)), as_json=as_json)


@app.command("dsr")
@grouped
def dsr(record: Record, trials: Trials, home: HomeOption = None, as_json: JsonOption = False) -> None:
    """How sure is it that the best of many trials has skill? The deflated Sharpe ratio."""
    asked = _asked(
        records.DsrAsked,
        **_record(record),
        n_trials=trials.trials,
        trial_sharpe_variance=trials.trial_variance,
        trial_sharpes=None if trials.trial_sharpes is None else series_of(trials.trial_sharpes),
        mean_correlation=trials.correlation,
        family=trials.family,
    )
    _tell(records.dsr(records.counted(asked, partial(_n_trials, home))), as_json=as_json)


@app.command("min-track-record")
@grouped
def min_track_record(
    record: Record,
    benchmark_sharpe: AgainstOption = 0.0,
    level: LevelOption = 0.05,
    as_json: JsonOption = False,
) -> None:
    """How long must a track record be to show its Sharpe ratio over a benchmark?"""
    asked = _asked(records.TrackRecordAsked, **_record(record), benchmark_sharpe=benchmark_sharpe, level=level)
    _tell(records.min_track_record(asked), as_json=as_json)


@app.command("min-backtest-length")
def min_backtest_length(
    trials: Annotated[float, typer.Option("--trials", help="How many configurations were looked at.")],
    target: Annotated[float, typer.Option("--target", help="Sharpe ratio a year that the best one shows.")] = 1.0,
    as_json: JsonOption = False,
) -> None:
    """How long must a backtest be to bear so many trials?"""
    asked = _asked(records.BacktestAsked, n_trials=trials, target_sharpe_annual=target)
    _tell(records.min_backtest_length(asked), as_json=as_json)


@app.command("multiple-testing")
def multiple_testing(
    p_values: Annotated[str, typer.Argument(help="FILE, FILE:COLUMN or numbers with commas.", metavar="SERIES")],
    level: LevelOption = 0.05,
    as_json: JsonOption = False,
) -> None:
    """Which of many p-values stand? Bonferroni, Sidak, Holm, BH, BY and Harvey-Liu's BHY."""
    asked = _asked(many.MultipleTestingAsked, p_values=series_of(p_values), level=level)
    _tell(many.multiple_testing(asked), as_json=as_json)


@app.command("haircut")
@grouped
def haircut(
    ratio: Annotated[float, typer.Option("--sharpe", help="A year's with --periods-per-year, else a period's.")],
    n_periods: Annotated[int, typer.Option("--n-periods", help="How many returns it was estimated from.")],
    others: Others,
    periods_per_year: YearOption = None,
    as_json: JsonOption = False,
) -> None:
    """What do many tests leave of a Sharpe ratio? Harvey and Liu's haircut."""
    asked = _asked(
        many.HaircutAsked,
        sharpe=ratio,
        n_periods=n_periods,
        periods_per_year=periods_per_year,
        other_p_values=None if others.other_p_values is None else series_of(others.other_p_values),
        n_tests=others.tests,
        mean_correlation=others.correlation,
        n_draws=others.draws,
        seed=others.seed,
    )
    _tell(many.haircut(asked), as_json=as_json)


@app.command("car")
@grouped
def car(
    file: Annotated[
        Path, typer.Argument(help="CSV or Parquet: a column of returns a share, a row a session.", metavar="FILE")
    ],
    market: Annotated[str, typer.Option("--market", help="The market's returns: a column of FILE, or FILE:COLUMN.")],
    happened: Annotated[
        Path,
        typer.Option("--events", help="CSV or Parquet: session (row of FILE from 0), share (its column from 0)."),
    ],
    around: Around,
    as_json: JsonOption = False,
) -> None:
    """Did these events move prices? Cumulative abnormal returns with tests that allow for clustering."""
    panel = panel_of(file, leaving_out=market)
    sessions, shares = (series_of(f"{happened}:{column}") for column in ("session", "share"))
    asked = _asked(
        events.CarAsked,
        returns=panel.rows,
        market=benchmark_of(market, file),
        events=[{"session": session, "share": share} for session, share in zip(sessions, shares, strict=True)],
        estimation=around.estimation,
        window=around.window,
        model=around.model.value,
        min_sessions=around.min_sessions,
    )
    _tell(events.car(asked), as_json=as_json)


@app.command("exceedances")
def exceedances(
    level: Annotated[float, typer.Option("--level", help="Probability that it is exceeded.")] = 0.01,
    returns: Annotated[str | None, typer.Option("--returns", help="What the book earned.", metavar="SERIES")] = None,
    value_at_risk: Annotated[
        str | None, typer.Option("--value-at-risk", help="The loss as a positive number.", metavar="SERIES")
    ] = None,
    count: Annotated[int | None, typer.Option("--exceedances", help="How many, instead of series.")] = None,
    sessions: Annotated[int | None, typer.Option("--sessions", help="In how many sessions.")] = None,
    as_json: JsonOption = False,
) -> None:
    """Was value at risk exceeded as often as it should be? Kupiec, Christoffersen and the Basel zone."""
    limit = None if value_at_risk is None else series_of(value_at_risk)
    asked = _asked(
        events.ExceedancesAsked,
        level=level,
        returns=None if returns is None else series_of(returns),
        value_at_risk=limit[0] if limit is not None and len(limit) == 1 else limit,
        n_exceedances=count,
        n_sessions=sessions,
    )
    _tell(events.exceedances(asked), as_json=as_json)


@app.command("decay")
@grouped
def decay(
    scores: Annotated[Path, typer.Argument(help="CSV or Parquet: a column of scores a share.", metavar="SCORES")],
    returns: Annotated[Path, typer.Argument(help="The same shares' returns, session by session.", metavar="RETURNS")],
    fading: Fading,
    as_json: JsonOption = False,
) -> None:
    """How long does a score's information last? Information coefficients by horizon and by delay."""
    asked = _asked(
        events.DecayAsked,
        scores=panel_of(scores).rows,
        returns=panel_of(returns).rows,
        horizons=series_of(fading.horizons),
        delays=series_of(fading.delays),
        correlation=fading.correlation.value,
        min_shares=fading.min_shares,
        confidence=fading.confidence,
    )
    _tell(events.information_decay(asked), as_json=as_json)


@app.command("size")
@grouped
def size(
    panels_asked: Panels,
    repetitions: Annotated[int, typer.Option("--repetitions", help="How many panels.", min=1)] = 1_000,
    workers: Annotated[
        int, typer.Option("--workers", help="Processes; the answer does not depend on them.", min=1)
    ] = 1,
    kept: Annotated[
        Path | None, typer.Option("--keep", help="What was counted: run it again to go on.", metavar="FILE")
    ] = None,
    as_json: JsonOption = False,
) -> None:
    """Do these tests keep their promise? How often each speaks of skill in panels that have none, or some."""
    experiment = Experiment(
        law=panels_asked.law.value,
        n_periods=panels_asked.periods,
        n_strategies=panels_asked.strategies,
        lead=panels_asked.lead,
        noise=panels_asked.noise,
        level=panels_asked.level,
        block_periods=panels_asked.block,
        n_resamples=panels_asked.resamples,
        seed=panels_asked.seed,
    )
    with progress() as told:
        found = calibration(experiment, repetitions, workers, told, kept)
    if as_json:
        print_json(asdict(found))
        return
    table = plain_table("test", "spoke", "share", "95 % interval", "keeps its level")
    for each in found.tests:
        share, kept_level = each.share, {None: "-", True: "yes", False: "no"}[each.keeps_level]
        interval = f"{share.low:.1%} to {share.high:.1%}"
        table.add_row(each.test, f"{share.n_spoken:,}", f"{share.frac:.1%}", interval, kept_level)
    out().print(table)
    out().print(
        f"{repetitions:,} panels; of a test of exactly {experiment.level:g}, {found.nominal_from} to "
        f"{found.nominal_to} are expected."
    )


def _family(given: Family) -> dict[str, Any]:
    """The fields that every question about a family of strategies has."""
    panel = panel_of(given.file, leaving_out=given.benchmark)
    return {
        "returns": panel.rows,
        "names": panel.names,
        "benchmark": benchmark_of(given.benchmark, given.file),
        "sense": given.sense.value,
        "scheme": given.scheme.value,
        "block_periods": given.block,
        "n_resamples": given.resamples,
        "seed": given.seed,
    }


def _record(given: Record) -> dict[str, Any]:
    """The fields that every question about a track record has."""
    return asdict(given) | {"returns": None if given.returns is None else series_of(given.returns)}


def _n_trials(home: Path | None, family: str) -> int:
    """How many trials the ledger of a family holds in the log of a home."""
    with log_reader(home) as reader:
        return family_view(reader, family).n_trials


def _asked(kind: type[_Asked], **given: Any) -> _Asked:  # noqa: ANN401  # as the struct has them
    """The question, checked as HTTP checks it.

    Raises:
        EdgeError: a value does not fit.
    """
    try:
        return msgspec.convert({name: each for name, each in given.items() if each is not None}, kind, strict=False)
    except msgspec.ValidationError as error:
        message = f"the question cannot be understood: {error}; correct it, or see --help"
        raise EdgeError(message) from error


def _tell(told: msgspec.Struct, *, as_json: bool) -> None:
    """Print an answer: its sentence, its numbers, then its lists as tables."""
    if as_json:
        print_json(told)
        return
    said = msgspec.to_builtins(told)
    out().print(Text(said.pop("verdict")), soft_wrap=True)
    lists = {name: said.pop(name) for name in list(said) if _is_table(said[name])}
    print_facts(out(), {name: _cell(value) for name, value in said.items()})
    for name, rows in lists.items():
        out().print(Text(f"\n{name.replace('_', ' ')}", style="quiet"))
        _print_table(rows)


def _is_table(value: object) -> bool:
    return isinstance(value, list | tuple) and bool(value) and isinstance(value[0], dict)


def _print_table(rows: list[dict[str, Any]]) -> None:
    table = plain_table(*(name.replace("_", " ") for name in rows[0]))
    for row in rows[:_SHOWN]:
        table.add_row(*(_cell(value) for value in row.values()))
    out().print(table)
    if len(rows) > _SHOWN:
        out().print(Text(f"and {len(rows) - _SHOWN:,} more: see --json", style="quiet"))


def _cell(value: object) -> str:
    """A value in few characters; what is not known is a dash, never a zero."""
    if value is None:
        return "-"
    if isinstance(value, float):
        return f"{value:,.6g}"
    if isinstance(value, list | tuple):
        return ", ".join(_cell(each) for each in value) or "none"
    return str(value)
