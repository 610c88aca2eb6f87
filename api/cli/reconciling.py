"""`assay journal reconcile, reconciliations`: a broker's statement against the books, to the cent."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Annotated

import typer
from rich.text import Text

from adapters.statements.reading import Asked
from api.bootstrap import open_models
from api.cli.market import AccountOption, first_account, plain_table
from api.cli.models import WhoOption
from api.cli.options import grouped
from api.cli.output import JsonOption, out, print_json
from api.cli.place import HomeOption, log_reader
from api.cli.serving import serving_settings
from api.log_parts import require_log
from api.pages.reconciliation_page import reconciliation_page
from api.use_cases.journal import journal
from api.use_cases.journal_posting import Bookkeeper
from api.use_cases.reconciliation_report import ReconciliationView
from api.use_cases.reconciliations import Corrections, corrected, made, reconciliations, recorded
from api.use_cases.reconciling import StatementFile
from nodes.vocabulary.errors import EdgeError
from policies.reconciliation import ReconciliationSheet, parsed_reconciliation, shipped_reconciliation
from policies.statements import SHIPPED, MappingSheet, parsed_mapping, shipped_mapping

_SHOWN = 40


@dataclass(frozen=True)
class StatementOptions:
    """The file, and how it is read."""

    file: Annotated[Path, typer.Argument(help="The broker's file.", metavar="FILE", show_default=False)]
    mapping: Annotated[
        str, typer.Option("--mapping", help=f"How it is read: {', '.join(SHIPPED)}, or a YAML file.", metavar="NAME")
    ] = SHIPPED[0]
    policy: Annotated[
        Path | None, typer.Option("--policy", help="What is let pass.", metavar="FILE", show_default="the shipped one")
    ] = None
    since: Annotated[str | None, typer.Option("--from", help="First day that it covers.", metavar="DAY")] = None
    until: Annotated[str | None, typer.Option("--to", help="Last day that it covers.", metavar="DAY")] = None
    account: AccountOption = None

    def read(self, account_id: str) -> StatementFile:
        """The file with all that says what it says."""
        asked = Asked(self.account or account_id, _day(self.since, "--from"), _day(self.until, "--to"))
        return StatementFile(_bytes(self.file), _mapping(self.mapping), asked)


@dataclass(frozen=True)
class KeepOptions:
    """What is written into the log."""

    record: Annotated[bool, typer.Option("--record", help="Keep statement and report in the log.")] = False
    post: Annotated[bool, typer.Option("--post", help="Book the corrections that the policy lets you post.")] = False
    only: Annotated[list[str] | None, typer.Option("--only", help="Correct only this break.", metavar="BREAK")] = None
    why: Annotated[str, typer.Option("--why", help="Why they are posted, in words.", metavar="TEXT")] = ""
    principal: WhoOption = None


@grouped
def reconcile(
    statement: StatementOptions,
    keep: KeepOptions,
    page: Annotated[Path | None, typer.Option("--page", help="Write the report as a page.", metavar="FILE")] = None,
    home: HomeOption = None,
    as_json: JsonOption = False,
) -> None:
    """Match a broker's statement with the books, and name every break with its cause. Exits with 1 when one is left."""
    sheet = shipped_reconciliation() if statement.policy is None else _policy(statement.policy)
    with _bookkeeper(home, keep.principal) as (keeper, first):
        file = statement.read(first)
        found, view = made(keeper, file, sheet)
        posted = corrected(keeper, found, view, keep.why, keep.only or ()) if keep.post else None
        if posted is not None:
            view = made(keeper, file, sheet)[1]
        elif keep.record:
            recorded(keeper, found, view)
    if page is not None:
        page.write_text(reconciliation_page(view), encoding="utf-8")
    if as_json:
        print_json(view)
    else:
        _print(view, posted)
    if not view.is_clean:
        raise typer.Exit(1)


def list_reconciliations(home: HomeOption = None, as_json: JsonOption = False) -> None:
    """List recorded reconciliations, newest first."""
    with log_reader(home) as reader:
        rows = tuple(reversed(reconciliations(reader)))
    if as_json:
        print_json(rows)
        return
    table = plain_table("reconciliation", "account", "until", "made on", "breaks", "corrected")
    for row in rows:
        counts = (str(row.n_breaks), str(row.n_corrected))
        table.add_row(row.reconciliation_id, row.account_id, row.until, row.made_on, *counts)
    out().print(table)


@contextmanager
def _bookkeeper(home: Path | None, principal: str | None) -> Iterator[tuple[Bookkeeper, str]]:
    """Who books into the log of a home, and the account that is asked about where none is named."""
    settings = serving_settings(home)
    require_log(settings)
    with open_models(settings) as desk:
        book = journal(desk.store, settings.home)
        with closing(book.file):
            who = principal or settings.principal
            yield Bookkeeper(book, desk.append, desk.clock, who), first_account(settings)


def _mapping(name: str) -> MappingSheet:
    return shipped_mapping(name) if name in SHIPPED else parsed_mapping(_bytes(Path(name)), name)


def _policy(path: Path) -> ReconciliationSheet:
    return parsed_reconciliation(_bytes(path), str(path))


def _bytes(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise EdgeError(f"{path} cannot be read: {error.strerror}; name a file that is there") from error


def _day(text: str | None, option: str) -> date | None:
    try:
        return None if text is None else date.fromisoformat(text)
    except ValueError as error:
        raise EdgeError(f"{option} was {text!r}, expected a day like 2013-02-28; write it so") from error


def _print(view: ReconciliationView, posted: Corrections | None) -> None:
    console = out()
    said = "agrees with the books" if view.is_clean else f"parts from the books in {len(view.breaks)}"
    console.print(Text(f"{view.account_id}, {view.since} to {view.until}: the statement {said}"))
    console.print(f"{view.n_stated:,} lines stated, {view.n_booked:,} booked, {view.n_matched:,} matched")
    if posted is not None:
        new = sum(booked.is_new for _, booked in posted.booked)
        console.print(f"{new} corrections booked, {len(posted.booked) - new} booked before")
    for each in view.breaks[:_SHOWN]:
        cash = ", ".join(f"{amount} {currency}" for currency, amount in each.cash.items())
        age = f"{each.age_days} days{', overdue' if each.is_overdue else ''}" if each.age_days else "new"
        head = Text.assemble((each.break_id, "id"), f"  {each.on}  {each.cause}  {each.treatment}, {age}  {cash}")
        console.print(head, soft_wrap=True)
        console.print(Text(f"  {each.text}"), soft_wrap=True)
        if each.correction is not None:
            console.print(Text(f"  {each.correction}", style="quiet"), soft_wrap=True)
    if len(view.breaks) > _SHOWN:
        console.print(f"and {len(view.breaks) - _SHOWN:,} more; ask for --json or --page")
