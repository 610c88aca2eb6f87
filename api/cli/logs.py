"""`assay log ...`: the decision log as an auditor and an operator meet it."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Annotated, Any

import typer
from rich.table import Table
from rich.text import Text

from api.bootstrap import log_to_write
from api.cli.output import JsonOption, out, print_json
from api.cli.place import HomeOption, chosen, log_reader
from api.log_parts import require_log
from api.views.facts import plain_fact
from api.views.shown import scalar_text
from governance.rows import Record
from nodes.vocabulary.canonical import digest_text
from nodes.vocabulary.instants import instant_text
from nodes.vocabulary.units import annotation_of_name

app = typer.Typer(help="The entries and checkpoints of the decision log.", no_args_is_help=True)
_NOT_SHOWN = frozenset({"principal", "account_id", "key", "session_on"})
_UNIT_WORDS = re.compile(r"(_price)?_(usd|shares|frac|bps)$")
_MAX_FACTS = 6


@app.command()
def show(
    start: Annotated[
        int | None, typer.Option("--from", min=0, help="First sequence number; the newest if left out.")
    ] = None,
    count: Annotated[int, typer.Option("--count", "-n", min=1, help="How many entries.")] = 20,
    home: HomeOption = None,
    as_json: JsonOption = False,
) -> None:
    """List entries of every kind, in the order of the log."""
    with log_reader(home) as reader:
        size = reader.head().size
        first = max(0, size - count) if start is None else start
        records = reader.records(first, min(size, first + count))
    if as_json:
        print_json([plain_entry(record) for record in records])
        return
    console = out()
    console.print(entries_table(records))
    console.print(Text(f"\n{size:,} entries in the log", style="quiet"))


def plain_entry(record: Record) -> dict[str, Any]:
    """An entry for programs; in the words of `GET /internal/log/entries`."""
    entry = record.entry
    return {
        "sequence": record.sequence,
        "kind": record.kind,
        "entry_id": digest_text(record.entry_id),
        "leaf_hash": digest_text(record.leaf_hash),
        "as_of": instant_text(entry.as_of),
        "recorded_at": instant_text(entry.recorded_at),
        "facts": {name: plain_fact(name, value) for name, value in entry.facts.items()},
        "bodies": [digest_text(ref) for ref in entry.bodies],
        "cites": [digest_text(cite) for cite in entry.cites],
    }


def entries_table(records: Sequence[Record]) -> Table:
    """Entries, each in a few words."""
    table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0), header_style="quiet")
    table.add_column("entry", justify="right")
    for header in ("as of", "kind", "says"):
        table.add_column(header, no_wrap=header != "says")
    for record in records:
        as_of = instant_text(record.entry.as_of)[:10]
        table.add_row(f"{record.sequence:,}", as_of, record.kind, _entry_words(record))
    return table


def _entry_words(record: Record) -> Text:
    """What an entry says in a few words: its short facts, digests left out."""
    facts = record.entry.facts
    said = [_fact_words(name, value) for name, value in facts.items() if _is_short(name, value)]
    text = Text(", ".join(said[:_MAX_FACTS]))
    if record.decision_id is not None:
        text = Text.assemble((record.decision_id.hex()[:12], "id"), "  ", text)
    return text


def _is_short(name: str, value: Any) -> bool:  # noqa: ANN401  # any fact
    return value is not None and name not in _NOT_SHOWN and not isinstance(value, bytes | tuple)


def _fact_words(name: str, value: Any) -> str:  # noqa: ANN401
    unit = getattr(annotation_of_name(name), "__name__", "")
    return f"{_UNIT_WORDS.sub('', name).replace('_', ' ')} {scalar_text(value, unit)}"


@app.command()
def checkpoint(home: HomeOption = None, as_json: JsonOption = False) -> None:
    """Sign a checkpoint of all that is committed, publish it, and print it: keep it, to verify against later."""
    settings = chosen(home)
    require_log(settings)
    with log_to_write(settings) as folder:
        row = folder.checkpoint()
    note = row.note.decode()
    if as_json:
        print_json({"size": row.size, "root": digest_text(row.root), "note": note})
    else:
        typer.echo(note, nl=False)
