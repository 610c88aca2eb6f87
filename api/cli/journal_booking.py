"""`assay journal book`: apart from the commands that read, which need nothing that writes."""

from __future__ import annotations

from contextlib import closing
from pathlib import Path
from typing import Annotated

import msgspec
import typer

from api.bootstrap import log_to_write, shell_clock
from api.cli.journal import print_entry
from api.cli.market import AccountOption, first_account
from api.cli.output import JsonOption, out, print_json
from api.cli.place import HomeOption
from api.cli.serving import serving_settings
from api.http.bodies import decoded
from api.http.schemas.journal import booked_view
from api.http.schemas.journal_bodies import BookingBody, booking_of_body
from api.log_parts import require_log
from api.use_cases.journal import journal
from api.use_cases.journal_posting import Bookkeeper, posted
from api.use_cases.model_desk import store_append

_decoder = msgspec.json.Decoder(BookingBody)


def book(
    file: Annotated[Path, typer.Argument(help="What to book, as the body of POST /api/v1/journal/entries.")],
    key: Annotated[str, typer.Option("--key", help="New for each booking, the same for each retry.", metavar="KEY")],
    principal: Annotated[str, typer.Option("--as", help="Who books it.", metavar="NAME")],
    account: AccountOption = None,
    home: HomeOption = None,
    as_json: JsonOption = False,
) -> None:
    """Book what has no other source: contributions, interest, allocations, corrections."""
    asked = decoded(file.read_bytes(), _decoder)
    settings = serving_settings(home)
    require_log(settings)
    booking = booking_of_body(asked, account or asked.account_id or first_account(settings))
    with log_to_write(settings) as folder:
        kept = journal(folder.store, settings.home)
        with closing(kept.file):
            found = posted(Bookkeeper(kept, store_append(folder.store), shell_clock, principal), booking, key)
    view = booked_view(found)
    if as_json:
        print_json(view)
        return
    for each in view.entries:
        print_entry(each)
    out().print(f"entry {view.sequence:,} of the log{', as before' if view.is_replayed else ''}")
