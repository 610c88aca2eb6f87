"""The edge of the program: where exceptions become a message, an exit code and, when they surprise, a record.

This is the one place that maps error families to exit codes, and holds the program's one broad except.

     0  done, and the answer is yes
     1  done, and the answer is no: something does not verify, replay, pass its cases or equal
     2  the command line was not understood
    10  PolicyError: the author of a policy must act
    11  DataError: the owner of a feed or a data set must act
    12  PlanError: the developer of a node or a dataflow must act
    13  LogError: the auditor must act
    14  EdgeError: the operator must act
    70  a fault of Assay itself; a record of it was written
   130  interrupted
"""

from __future__ import annotations

import traceback
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from tempfile import gettempdir
from typing import Any

import typer
from rich.console import Console
from rich.text import Text
from typer.core import TyperGroup

from api.cli.output import err
from nodes.vocabulary.errors import AssayError, DataError, EdgeError, Fault, LogError, PlanError, PolicyError

NO = 1
UNEXPECTED = 70
INTERRUPTED = 130
EXIT_CODES: Mapping[type[AssayError], int] = {
    PolicyError: 10,
    DataError: 11,
    PlanError: 12,
    LogError: 13,
    EdgeError: 14,
}
_TITLES: Mapping[type[AssayError], str] = {
    PolicyError: "policy",
    DataError: "data",
    PlanError: "plan",
    LogError: "log",
    EdgeError: "this machine",
}


class EdgeGroup(TyperGroup):
    """The root command: runs the commands and answers for what they raise."""

    def invoke(self, ctx: Any) -> Any:  # noqa: ANN401  # typer's own signature
        """Run the chosen command. Raises typer.Exit with the exit code of whatever it raised."""
        try:
            return super().invoke(ctx)
        except AssayError as error:
            raise typer.Exit(reported(error)) from error
        except KeyboardInterrupt as error:
            err().print("Interrupted. What was acknowledged is kept.")
            raise typer.Exit(INTERRUPTED) from error
        except (typer.Exit, typer.Abort, typer.TyperException, BrokenPipeError):
            raise
        except Exception as error:
            raise typer.Exit(recorded(error)) from error


def reported(error: AssayError) -> int:
    """Tell a person what is wrong and what to do. Returns the exit code."""
    family = next((family for family in EXIT_CODES if isinstance(error, family)), EdgeError)
    faults = error.faults if isinstance(error, PolicyError) else ()
    count = f" ({len(faults)} faults)" if len(faults) > 1 else ""
    console = err()
    console.print(Text.assemble(("error", "bold red"), f" in {_TITLES[family]}{count}"))
    for fault in faults:
        print_fault(console, fault)
    if not faults:
        for line in str(error).splitlines():
            _print_complaint(console, line)
    return EXIT_CODES[family]


def print_fault(console: Console, fault: Fault) -> None:
    """A fault with its place first, as editors and terminals link it, and its mend last."""
    place = fault.file if fault.line == 0 else f"{fault.file}:{fault.line}:{fault.column}"
    text = Text.assemble("  ", (place, "id"), f"\n    {fault.what}\n    ", ("mend: ", "bold"), fault.mend)
    console.print(text, soft_wrap=True)


def _print_complaint(console: Console, line: str) -> None:
    """A message, with its mend (what follows the last semicolon) on a line of its own."""
    what, separator, mend = line.rpartition("; ")
    said = Text.assemble(f"  {what}\n  ", ("mend: ", "bold"), mend) if separator else Text(f"  {line}")
    console.print(said, soft_wrap=True)


def recorded(error: Exception) -> int:
    """Write down an error that nobody foresaw, and say where. Returns the exit code."""
    at = datetime.now(UTC)
    record = Path(gettempdir()) / f"assay-fault-{at:%Y%m%dT%H%M%S%f}Z.txt"
    text = "".join(traceback.format_exception(error))
    try:
        record.write_text(f"{at.isoformat()}\n{text}", encoding="utf-8")
        where = f"The record is {record}; send it to who maintains Assay."
    except OSError as failure:
        where = f"It could not be recorded ({failure}), so here it is:\n{text}"
    console = err()
    said = f" in Assay itself: {type(error).__name__}: {error}"
    console.print(Text.assemble(("error", "bold red"), said), soft_wrap=True)
    console.print(Text(f"  {where}"), soft_wrap=True)
    return UNEXPECTED
