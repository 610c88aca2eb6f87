"""`assay journal attribution`: where an account's money came from and went."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import Annotated

import typer

from adapters.files.writing import write_whole
from api.bootstrap import chosen_lake
from api.cli.attribution_text import print_attribution, print_decisions
from api.cli.market import AccountOption
from api.cli.options import grouped
from api.cli.output import JsonOption, out, print_json
from api.cli.place import HomeOption, chosen
from api.log_parts import log_to_read
from api.pages.attribution_page import attribution_page
from api.settings import Settings
from api.use_cases.attribution import Asked, Attribution, attribution, attribution_report
from api.use_cases.attribution_decay import decay_of
from api.use_cases.attribution_decisions import decision_parts
from api.use_cases.attribution_terms import attribution_terms
from governance.entries import EntryKind
from governance.ports import LogReader

_DAY = ["%Y-%m-%d"]


@dataclass(frozen=True)
class AttributionOptions:
    """What is attributed, and how it is shown."""

    first: Annotated[
        datetime | None, typer.Option("--from", formats=_DAY, metavar="DATE", help="First session that counts.")
    ] = None
    last: Annotated[datetime | None, typer.Option("--to", formats=_DAY, metavar="DATE", help="Last session.")] = None
    line: Annotated[
        str | None, typer.Option("--line", metavar="NAME", help="The decisions behind this line instead.")
    ] = None
    symbol: Annotated[str | None, typer.Option("--symbol", metavar="SYMBOL", help="With --line: of one share.")] = None
    html: Annotated[Path | None, typer.Option("--html", metavar="FILE", help="Write a page with plots.")] = None
    terms: Annotated[
        Path | None,
        typer.Option("--terms", metavar="FILE", help="How gains are attributed.", show_default="the shipped terms"),
    ] = None
    account: AccountOption = None
    home: HomeOption = None
    as_json: JsonOption = False


def _attribution(options: AttributionOptions) -> None:
    """Part an account's gains into market, sectors, factors, timing, selection, alpha and every cost."""
    with _read(options) as (found, reader):
        if options.line is not None:
            parts = decision_parts(found.window, options.line, options.symbol)
            if options.as_json:
                print_json([{"decision_id": p.decision_id.hex(), "symbol": p.symbol, "usd": p.usd} for p in parts])
            else:
                print_decisions(out(), options.line, parts)
            return
        report = attribution_report(reader, found)
        if options.html is not None:
            decay = decay_of(reader, found.window, found.terms)
            write_whole(options.html, attribution_page(found, report, decay).encode())
    if options.as_json:
        print_json(report)
    else:
        print_attribution(out(), report)


attribution_command = grouped(_attribution)
"""The command, as `api.cli.journal_group` joins it."""


@contextmanager
def _read(options: AttributionOptions) -> Iterator[tuple[Attribution, LogReader]]:
    settings = chosen(options.home)
    with log_to_read(settings) as folder, folder.store.reader() as reader:
        asked = Asked(options.account or newest_account(settings, reader), _day(options.first), _day(options.last))
        yield attribution(reader, chosen_lake(settings), attribution_terms(options.terms), asked), reader


def newest_account(settings: Settings, reader: LogReader) -> str:
    """The account of the newest plan, else that of the settings."""
    plans = reader.newest(EntryKind.PLAN, 1)
    return str(plans[0].entry.facts["account_id"]) if plans else settings.account_id


def _day(moment: datetime | None) -> date | None:
    return None if moment is None else moment.date()
