"""`assay log entries|proof|consistency|tail`: what the HTTP API serves of a log, for programs and people here."""

from __future__ import annotations

import time
from collections.abc import Sequence
from typing import Annotated

import msgspec
import typer

from api.cli.explaining import AsOfOption
from api.cli.logs import entries_table
from api.cli.output import JsonOption, out, print_facts, print_json
from api.cli.place import HomeOption, folder_to_read, log_reader
from api.http.asked import asked_instant
from api.http.schemas.log import (
    ConsistencyView,
    InclusionView,
    consistency_view,
    entry_page,
    entry_view,
    inclusion_view,
)
from api.use_cases.finding import decision_named
from api.use_cases.reading import entries_page, known_kind, proof_of_consistency, proof_of_inclusion, size_as_of
from api.use_cases.tailing import require_place, stretch_after
from governance.ports import LogStore
from governance.rows import Record

_POLL_S = 0.25
_BATCH = 256

KindOption = Annotated[list[str] | None, typer.Option("--kind", help="Only of this kind; repeat for more.")]
AfterOption = Annotated[int | None, typer.Option("--after", min=-1, help="Begin after this sequence number.")]


def entries(
    after: AfterOption = None,
    limit: Annotated[int, typer.Option("--limit", "-n", min=1, max=500, help="How many at most.")] = 50,
    kind: KindOption = None,
    as_of: AsOfOption = None,
    home: HomeOption = None,
    as_json: JsonOption = False,
) -> None:
    """Print entries in the order of the log, and where the next page begins."""
    kinds = tuple(known_kind(each) for each in kind or ())
    with log_reader(home) as reader:
        size = size_as_of(reader, asked_instant(as_of, "--as-of"))
        page = entries_page(reader, 0 if after is None else after + 1, limit, kinds, size)
    following = entry_page(page, size, None)
    if as_json:
        print_json(following)
        return
    console = out()
    console.print(entries_table(page.records))
    if following.next_after is not None:
        console.print(f"\nmore follow: --after {following.next_after}", style="quiet")


def proof(
    entry: Annotated[str, typer.Argument(help="A sequence number, or a decision as `d:ID` or `latest`.")],
    size: Annotated[int | None, typer.Option("--size", min=1, help="Of the tree of this size.")] = None,
    home: HomeOption = None,
    as_json: JsonOption = False,
) -> None:
    """Print the proof that an entry is in the log; --json is what docs/verifier/verify_proof.py reads."""
    with log_reader(home) as reader:
        name = entry.removeprefix("d:")
        is_sequence = entry.isascii() and entry.isdigit()
        sequence = int(entry) if is_sequence else decision_named(reader, name).sequence
        _print_proof(inclusion_view(proof_of_inclusion(reader, sequence, size)), as_json=as_json)


def consistency(
    from_size: Annotated[int, typer.Argument(help="The older size.", min=1)],
    to_size: Annotated[int | None, typer.Argument(help="The newer size; the whole log if left out.", min=1)] = None,
    home: HomeOption = None,
    as_json: JsonOption = False,
) -> None:
    """Print the proof that the log of one size extends that of another."""
    with log_reader(home) as reader:
        _print_proof(consistency_view(proof_of_consistency(reader, from_size, to_size)), as_json=as_json)


def tail(
    after: AfterOption = None,
    kind: KindOption = None,
    follow: Annotated[bool, typer.Option("--follow/--no-follow", "-f", help="Wait for what comes next.")] = True,
    home: HomeOption = None,
    as_json: JsonOption = False,
) -> None:
    """Print each entry as it is recorded, with --json one line each; go on after --after, -1 being before the first."""
    kinds = frozenset(known_kind(each) for each in kind or ())
    with folder_to_read(home) as folder:
        place = _size(folder.store) - 1 if after is None else after
        require_place(place, _size(folder.store))
        while True:
            with folder.store.reader() as reader:
                found = stretch_after(reader, place, _BATCH, kinds)
            _print_entries(found.records, as_json=as_json)
            place = found.place
            if found.is_end and not follow:
                return
            if found.is_end:
                time.sleep(_POLL_S)


def _print_proof(proof: InclusionView | ConsistencyView, *, as_json: bool) -> None:
    if as_json:
        print_json(proof)
        return
    facts = {name: value for name, value in msgspec.structs.asdict(proof).items() if value is not None}
    print_facts(out(), facts | {"proof": "\n  ".join(("", *proof.proof))})


def _print_entries(records: Sequence[Record], *, as_json: bool) -> None:
    if as_json:
        for record in records:
            typer.echo(msgspec.json.encode(entry_view(record)).decode())
    elif records:
        out().print(entries_table(records))


def _size(store: LogStore) -> int:
    with store.reader() as reader:
        return reader.head().size
