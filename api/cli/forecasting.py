"""`assay model forecast`: quantiles of a share over named horizons, and how good such forecasts were."""

from __future__ import annotations

from typing import Annotated, Any

import polars as pl
import typer
from rich.table import Table

from adapters.models.forecast_baselines import BASELINES
from adapters.models.forecast_evidence import Evidence, Origins
from adapters.models.forecasters import QUICK, BoostedQuantiles
from api.bootstrap import data_room, shell_clock
from api.cli.facts import AsOfOption
from api.cli.output import JsonOption, out, print_json
from api.cli.place import LakeOption, chosen
from api.cli.progress import progress
from api.use_cases.data_reading import Standpoint
from api.use_cases.data_reading_forecasts import compared, forecasts, history
from api.use_cases.fundamentals import as_of_from_text

_FEW = Origins(n_origins=30, step_sessions=17)
"""Where models that take seconds are tried: 30 origins over some two years."""


def print_forecast(
    symbol: Annotated[str, typer.Argument(help="Ticker, e.g. MSFT.", metavar="SYMBOL", show_default=False)],
    as_of: AsOfOption = None,
    lake: LakeOption = None,
    baselines: Annotated[
        bool,
        typer.Option("--baselines", help="Measure AutoETS, AutoARIMA, GARCH and boosted quantiles too: a minute."),
    ] = False,
    as_json: JsonOption = False,
) -> None:
    """Forecast a share's return over 1, 5 and 21 sessions, with the evidence on such forecasts beside it."""
    at = as_of_from_text(as_of, shell_clock())
    with data_room(chosen(None), lake).store() as store:
        standpoint = Standpoint(store, at)
        found = forecasts(standpoint, symbol)
        path = history(standpoint, symbol).path
    measured: list[Evidence] = []
    if baselines:
        with progress() as told:
            measured = compared(path, (*QUICK, BoostedQuantiles(), *BASELINES), _FEW, told)
    if as_json:
        print_json({"as_of": at, "rows": found.to_dicts(), "compared": measured})
        return
    _print_quantiles(symbol, found)
    _print_evidence(found)
    if measured:
        _print_compared(measured)


def _print_quantiles(symbol: str, found: pl.DataFrame) -> None:
    row = found.row(0, named=True)
    title = f"{symbol} after {row['session_on']}, close {row['close_usd']:,.2f}: returns and prices by level"
    table = Table(title=title, title_justify="left", box=None, pad_edge=False)
    table.add_column("sessions", justify="right")
    table.add_column("")
    levels = found["level_frac"].unique().sort().to_list()
    for level in levels:
        table.add_column(f"{level:.0%}", justify="right")
    for (sessions,), part in found.group_by(["horizon_sessions"], maintain_order=True):
        table.add_row(str(sessions), "return", *(f"{value:+.2%}" for value in part["return_frac"]))
        table.add_row("", "price", *(f"{value:,.2f}" for value in part["price_usd"]))
    out().print(table)


def _print_evidence(found: pl.DataFrame) -> None:
    for row in found.unique("horizon", maintain_order=True).iter_rows(named=True):
        out().print(
            f"{row['horizon']}: over {row['n_forecasts']} forecasts before, pinball loss {row['pinball_bps']:.1f} bps "
            f"(random walk {row['naive_pinball_bps']:.1f}, seasonal {row['seasonal_naive_pinball_bps']:.1f}); skill "
            f"{row['skill_frac']:+.1%} ({row['skill_low_frac']:+.1%} to {row['skill_high_frac']:+.1%}); the 90 % "
            f"interval held {row['coverage_90_frac']:.0%}, the 50 % one {row['coverage_50_frac']:.0%}.",
            soft_wrap=True,
        )


def _print_compared(measured: list[Evidence]) -> None:
    columns = ("horizon", "forecast", "pinball bps", "skill", "from", "to", "50 % held", "90 % held", "tried")
    table = Table(title="Beside other forecasts; skill is over naive", title_justify="left", box=None, pad_edge=False)
    for column in columns:
        table.add_column(column, justify="left" if column in columns[:2] else "right", no_wrap=True)
    for each in measured:
        table.add_row(each.horizon, each.forecaster, f"{each.pinball_bps:.1f}", *_shares(each), str(each.n_forecasts))
    out().print(table)


def _shares(each: Evidence) -> list[str]:
    skill: list[Any] = [f"{value:+.1%}" for value in (each.skill.frac, each.skill.low, each.skill.high)]
    return [*skill, f"{each.coverage_50_frac:.0%}", f"{each.coverage_90_frac:.0%}"]
