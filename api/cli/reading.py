"""Commands made of readings: `assay data bars AAPL --as-of 2013-03-01` asks what HTTP answers, in the same words.

What a path holds is an argument, everything else an option. Readings that have a command of their own are left to it.
"""

from __future__ import annotations

import inspect
import sys
from collections.abc import Callable, Mapping
from datetime import date, datetime
from enum import Enum
from pathlib import Path
from typing import Annotated, Any

import polars as pl
import typer
from rich.text import Text

from api.bootstrap import data_room, shell_clock
from api.cli.facts import AsOfOption
from api.cli.output import out, print_json
from api.cli.place import LakeOption, chosen
from api.http.frame_replies import plain
from api.use_cases.data_reading import Parameter, Reading, Standpoint
from api.use_cases.fundamentals import as_of_from_text
from nodes.vocabulary.errors import EdgeError

OWN_COMMANDS = frozenset(
    {"tables", "sources", "quarantine", "number", "number-periods", "financial-statement", "halt-status"}
)
"""Readings with a command elsewhere or in other words: `fact`, `periods`, `statement`, and that of `venue-rules`."""
_DAY = ["%Y-%m-%d"]
_SHOWN = 20


class Form(Enum):
    """How rows are printed."""

    TABLE = "table"
    JSON = "json"
    CSV = "csv"
    PARQUET = "parquet"


def add_readings(app: typer.Typer, readings: tuple[Reading, ...]) -> None:
    """Give a group of commands one for each reading that has none."""
    for reading in readings:
        if reading.name not in OWN_COMMANDS:
            app.command(reading.name, help=reading.text)(command(reading))


def command(reading: Reading) -> Callable[..., None]:
    """The command of a reading."""

    def asked(**given: Any) -> None:  # noqa: ANN401  # each has its type
        common = {name: given.pop(name) for name in ("as_of", "lake", "count", "form", "as_json", "to")}
        words = {name: value.date() if isinstance(value, datetime) else value for name, value in given.items()}
        _print(reading, words, common)

    taken: dict[str, tuple[Any, Any]] = {
        **{each.name: (_declared(each), each.default) for each in reading.parameters},
        "as_of": (AsOfOption, None),
        "count": (Annotated[int | None, typer.Option("--count", min=1, help="At most so many rows.")], None),
        "form": (Annotated[Form, typer.Option("--format", help="How rows are printed.")], Form.TABLE),
        "as_json": (Annotated[bool, typer.Option("--json", help="Answer as JSON, for programs.")], False),
        "to": (Annotated[Path | None, typer.Option("--to", help="File of the answer.", metavar="FILE")], None),
        "lake": (LakeOption, None),
    }
    keyword = inspect.Parameter.KEYWORD_ONLY
    arguments = [inspect.Parameter(name, keyword, default=each[1], annotation=each[0]) for name, each in taken.items()]
    asked.__signature__ = inspect.Signature(arguments)  # type: ignore[attr-defined]  # what typer reads
    asked.__annotations__ = {name: each[0] for name, each in taken.items()}
    return asked


def _declared(each: Parameter) -> Any:  # noqa: ANN401  # an annotation
    """A parameter in typer's words."""
    is_day = each.kind is date
    more: dict[str, Any] = {"help": each.says.text}
    if is_day:
        more |= {"formats": _DAY, "metavar": "DATE"}
    if each.says.least is not None:
        more |= {"min": each.says.least, "max": each.says.most}
    kind = datetime if is_day else each.kind
    if each.is_place:
        return Annotated[kind, typer.Argument(**more)]
    name = f"--{each.name.replace('_', '-')}"
    return Annotated[kind if each.default is not None else kind | None, typer.Option(name, **more)]


def _print(reading: Reading, asked: Mapping[str, Any], common: Mapping[str, Any]) -> None:
    as_of = as_of_from_text(common["as_of"], shell_clock())
    with data_room(chosen(None), common["lake"]).store() as store:
        found = reading.answer(Standpoint(store, as_of), asked)
    kept = found if common["count"] is None else found.head(common["count"])
    form = Form.JSON if common["as_json"] else common["form"]
    if common["to"] is not None or form in {Form.CSV, Form.PARQUET}:
        _write(kept, form, common["to"])
    elif form is Form.JSON:
        print_json({"as_of": as_of, "rows": kept.to_dicts()})
    else:
        _print_table(kept, is_cut=common["count"] is None)


def _write(frame: pl.DataFrame, form: Form, to: Path | None) -> None:
    writers: Mapping[Form, Callable[[Any], Any]] = {
        Form.CSV: plain(frame).write_csv,
        Form.PARQUET: frame.write_parquet,
        Form.JSON: frame.write_json,
    }
    if form not in writers:
        message = f"a file holds csv, parquet or json, not {form.value}; name one with --format"
        raise EdgeError(message)
    try:
        writers[form](sys.stdout.buffer if to is None else to)
    except OSError as error:
        message = f"cannot write {to or 'standard output'}: {error.strerror}; name a file that can be written"
        raise EdgeError(message) from error


def _print_table(frame: pl.DataFrame, *, is_cut: bool) -> None:
    shown = frame.head(_SHOWN) if is_cut else frame
    filled = [name for name in shown.columns if shown[name].null_count() < shown.height]
    columns = [_column(shown[name]) for name in filled]
    for cells in zip(*columns, strict=True):
        out().print(Text("  ".join(cells).rstrip()), soft_wrap=True)
    if shown.height < frame.height:
        out().print(f"{shown.height} of {frame.height:,} rows; --count or --format csv shows more")
    if frame.is_empty():
        out().print("Nothing of it was known.")


def _column(values: pl.Series) -> list[str]:
    """A head and the cells below it, all of one width: a line may be wider than the terminal, never cut."""
    cells = [values.name.replace("_", " "), *(_text(cell) for cell in values)]
    width = max(len(cell) for cell in cells)
    return [cell.rjust(width) if values.dtype.is_numeric() else cell.ljust(width) for cell in cells]


def _text(cell: object) -> str:
    if cell is None:
        return ""
    if isinstance(cell, datetime):
        return f"{cell:%Y-%m-%d %H:%M:%S}"
    return f"{cell:.10g}" if isinstance(cell, float) else str(cell)
