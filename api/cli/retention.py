"""`assay retention`: what may be dropped from a log, dropping it, and legal holds."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.table import Table
from rich.text import Text

from api.bootstrap import log_to_write, shell_clock
from api.cli.models import WhoOption
from api.cli.output import JsonOption, out, print_facts, print_json
from api.cli.place import HomeOption, chosen
from api.log_parts import require_log
from api.use_cases.retention import HoldRequest, RetentionDesk, dropped, placed_hold, released_hold, retention_state
from governance.retention import Hold
from nodes.vocabulary.instants import instant_from_text, instant_text

app = typer.Typer(help="What may be dropped from the log by rule, and legal holds.", no_args_is_help=True)

BecauseOption = Annotated[str, typer.Option("--because", help="Why, in words; kept in the log.", metavar="TEXT")]
InstantOption = Annotated[str | None, typer.Option(help="RFC 3339 in UTC.", metavar="INSTANT")]


@app.command()
def status(home: HomeOption = None, as_json: JsonOption = False) -> None:
    """Show what may be dropped, what holds keep, and what was dropped before."""
    with _desk(home) as desk:
        found = retention_state(desk)
    facts = {
        "policy": f"{found.policy.family} v{found.policy.version}",
        "bodies_due": found.n_due,
        "bodies_held": found.n_held,
        "dropped": [{"entry": entry, "at": instant_text(at), "bodies": n} for entry, at, n in found.droppings],
        "holds": [_facts(each) for each in found.holds],
    }
    if as_json:
        print_json(facts)
        return
    print_facts(out(), {name: facts[name] for name in ("policy", "bodies_due", "bodies_held")})
    table = Table(box=None, header_style="quiet")
    for name in ("hold", "account", "because", "released by"):
        table.add_column(name)
    for each in found.holds:
        table.add_row(Text(each.hold_id, style="id"), each.account_id or "all", Text(each.because), each.released_by)
    out().print(table)


@app.command("apply")
def drop(
    copy: Annotated[
        Path | None, typer.Option("--copy", help="Copy everything into this new file first.", metavar="FILE")
    ] = None,
    principal: WhoOption = None,
    home: HomeOption = None,
    as_json: JsonOption = False,
) -> None:
    """Drop what the policy lets go. The log keeps what went, and by which rule."""
    settings = chosen(home)
    with _desk(home) as desk:
        done = dropped(desk, principal or settings.principal, copy)
    _print({"entries": list(done), "copy": None if copy is None or not done else str(copy)}, as_json=as_json)


@app.command()
def hold(
    because: BecauseOption,
    account: Annotated[str, typer.Option("--account", help="Of which account; of all by default.")] = "",
    since: InstantOption = None,
    until: InstantOption = None,
    principal: WhoOption = None,
    home: HomeOption = None,
    as_json: JsonOption = False,
) -> None:
    """Place a legal hold: what it covers is kept, however old."""
    settings = chosen(home)
    span: list[datetime | None] = [None if text is None else instant_from_text(text) for text in (since, until)]
    with _desk(home) as desk:
        found = placed_hold(desk, HoldRequest(because, principal or settings.principal, account, *span))
    _print(_facts(found), as_json=as_json)


@app.command()
def release(
    hold_id: Annotated[str, typer.Argument(help="A hold, e.g. hold-3fa2c1.", metavar="ID")],
    because: BecauseOption,
    principal: WhoOption = None,
    home: HomeOption = None,
    as_json: JsonOption = False,
) -> None:
    """Release a legal hold."""
    settings = chosen(home)
    with _desk(home) as desk:
        found = released_hold(desk, hold_id, because, principal or settings.principal)
    _print(_facts(found), as_json=as_json)


@contextmanager
def _desk(home: Path | None) -> Iterator[RetentionDesk]:
    settings = chosen(home)
    require_log(settings)
    with log_to_write(settings) as folder:
        yield RetentionDesk(folder.store, shell_clock, settings.retention_policy)


def _print(facts: dict[str, Any], *, as_json: bool) -> None:
    if as_json:
        print_json(facts)
    else:
        print_facts(out(), {name: value for name, value in facts.items() if value is not None})


def _facts(found: Hold) -> dict[str, Any]:
    return {
        "hold": found.hold_id,
        "because": found.because,
        "placed_by": found.principal,
        "account": found.account_id or None,
        "since": None if found.since is None else instant_text(found.since),
        "until": None if found.until is None else instant_text(found.until),
        "entry": found.sequence,
        "released_by": found.released_by or None,
    }
