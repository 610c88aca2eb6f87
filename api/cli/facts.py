"""`assay data fact`, `statement` and `periods`: what companies had said, by what was known at an instant."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import Enum
from typing import Annotated

import polars as pl
import typer
from rich.table import Table

from adapters.lake.facts.store import FactStore
from adapters.lake.views.fundamentals import Question, Stated
from api.bootstrap import fact_store, shell_clock
from api.cli.options import grouped
from api.cli.output import JsonOption, out, print_json
from api.cli.place import LakeOption, chosen
from api.use_cases.fundamentals import (
    FactQuestion,
    as_of_from_text,
    known_periods,
    known_statement,
    plain_statements,
    stated_as_of,
    stated_first,
    stated_revisions,
)

AsOfOption = Annotated[
    str | None,
    typer.Option("--as-of", help="A day (its end in New York) or an RFC 3339 instant.", show_default="now"),
]
Symbol = Annotated[str, typer.Argument(help="Ticker of the company.")]
Concept = Annotated[str, typer.Argument(help="Taxonomy and name, e.g. us-gaap:Assets.")]
_DAY = ["%Y-%m-%d"]
_WHOLE = 1e15
_WHOLE_CELLS = ("value", "accession", "filed on")


class Kind(Enum):
    """Which statement."""

    INCOME = "income"
    BALANCE = "balance"
    CASH_FLOW = "cash-flow"


@dataclass(frozen=True)
class NumberOptions:
    """Which number of a concept is meant, where its name and the last day of its period do not say it."""

    period_start: Annotated[
        datetime | None, typer.Option("--from", formats=_DAY, metavar="DATE", help="First day of the period.")
    ] = None
    unit: Annotated[str | None, typer.Option("--unit", help="E.g. USD, where there are several.")] = None


@dataclass(frozen=True)
class PrintOptions:
    """Which statement of a number is meant."""

    as_of: AsOfOption = None
    first: Annotated[bool, typer.Option("--first-print", help="As it was first stated.")] = False
    every: Annotated[bool, typer.Option("--revisions", help="Every statement of it, the first one first.")] = False

    def stated(self, store: FactStore, asked: FactQuestion) -> tuple[Stated, ...]:
        """The statements that are meant."""
        if self.every:
            return stated_revisions(store, asked)
        return (stated_first(store, asked) if self.first else stated_as_of(store, asked),)


@grouped
def print_fact(
    symbol: Symbol,
    concept: Concept,
    period_end: Annotated[datetime, typer.Argument(help="Last day of the period.", formats=_DAY, metavar="DATE")],
    which: PrintOptions,
    number: NumberOptions,
    lake: LakeOption = None,
    as_json: JsonOption = False,
) -> None:
    """Print a number of a company's statements as it was known."""
    if which.first and which.every:
        raise typer.BadParameter("ask for the first print or for all revisions, not for both", param_hint="--revisions")
    start_on = None if number.period_start is None else number.period_start.date()
    question = Question(symbol, concept, period_end.date(), start_on, number.unit)
    asked = FactQuestion(question, as_of_from_text(which.as_of, shell_clock()))
    found = which.stated(fact_store(chosen(None), lake), asked)
    if as_json:
        plain = plain_statements(found, asked.as_of)
        print_json(plain if which.every else plain[0])
        return
    _print_stated(found)


def print_statement(
    symbol: Symbol,
    kind: Annotated[Kind, typer.Argument(help="Which statement.")],
    as_of: AsOfOption = None,
    annual: Annotated[bool, typer.Option("--annual", help="The newest fiscal year, not the newest quarter.")] = False,
    lake: LakeOption = None,
    as_json: JsonOption = False,
) -> None:
    """Print a company's newest statement that was known, each line with its filing."""
    instant = as_of_from_text(as_of, shell_clock())
    found = known_statement(fact_store(chosen(None), lake), symbol, kind.value, instant, is_annual=annual)
    if as_json:
        print_json({"symbol": symbol, "statement": kind.value, "as_of": instant, "lines": found.to_dicts()})
        return
    ends_on, known_at = found["period_end_on"].max(), found["known_at"].max()
    out().print(f"{symbol} {kind.value}, period to {_text(ends_on)}, known from {_text(known_at)} UTC")
    _print_frame(found, ("concept", "value", "unit", "form", "accession"))


def print_periods(
    symbol: Symbol, concept: Concept, as_of: AsOfOption = None, lake: LakeOption = None, as_json: JsonOption = False
) -> None:
    """Print the periods for which a number was known, newest first."""
    found = known_periods(fact_store(chosen(None), lake), symbol, concept, as_of_from_text(as_of, shell_clock()))
    if as_json:
        print_json(found.to_dicts())
        return
    _print_frame(found, tuple(found.columns))


def _print_stated(found: tuple[Stated, ...]) -> None:
    newest, console = found[-1], out()
    period = f"{newest.period_start_on} to {newest.period_end_on}" if newest.period_start_on else newest.period_end_on
    console.print(f"{newest.symbol} {newest.concept}, {period}, {newest.unit}")
    table = _table("value", "stated as", "form", "accession", "filed on", "known from (UTC)")
    for each in found:
        kind = "retracted" if each.is_retracted else each.kind
        cells = (_number(each.value), kind, each.form, each.accession, str(each.filed_on), _instant(each.known_at))
        table.add_row(*cells)
    console.print(table)


def _print_frame(frame: pl.DataFrame, columns: tuple[str, ...]) -> None:
    table = _table(*(name.replace("_", " ") for name in columns))
    for row in frame.select(columns).iter_rows():
        table.add_row(*(_text(cell) for cell in row))
    out().print(table)


def _table(*columns: str) -> Table:
    table = Table(box=None, pad_edge=False)
    for column in columns:
        table.add_column(
            column, justify="right" if column == "value" else "left", no_wrap=column == "value", overflow="fold"
        )
    return table


def _text(cell: object) -> str:
    if isinstance(cell, datetime):
        return _instant(cell)
    return _number(cell) if isinstance(cell, float) else "" if cell is None else str(cell)


def _number(value: float) -> str:
    return f"{value:,.0f}" if value == int(value) and abs(value) < _WHOLE else f"{value:,.10g}"


def _instant(at: datetime) -> str:
    return f"{at:%Y-%m-%d %H:%M:%S}"
