"""`assay decisions` and `assay trace ...`: find a decision, read it, write it as a page."""

from __future__ import annotations

import json
from collections.abc import Iterable
from itertools import islice
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.table import Table
from rich.text import Text

from api.cli.decision_text import lineage_tree, print_decision
from api.cli.output import JsonOption, out, print_json
from api.cli.place import DecisionId, HomeOption, log_reader
from api.cli.writing import write_file
from api.pages.trace_page import trace_page
from api.use_cases.finding import DecisionFilter, decision_named, newest_decisions
from api.views.built import decision_view, recorded_decision
from api.views.decision import DecisionView, order_words
from api.views.openlineage import openlineage_events
from governance.rows import Record
from nodes.vocabulary.instants import instant_text

app = typer.Typer(help="Read one decision, node by node.", no_args_is_help=True)


def view_of(name: str, home: Path | None) -> DecisionView:
    """The view of a named decision in the log of a home."""
    with log_reader(home) as reader:
        return decision_view(recorded_decision(reader, decision_named(reader, name)))


@app.command()
def show(
    decision: DecisionId = "latest",
    node: Annotated[str | None, typer.Option("--node", help="Show what this node was computed from.")] = None,
    openlineage: Annotated[
        bool, typer.Option("--openlineage", help="Print its runs as OpenLineage events, one line each.")
    ] = False,
    home: HomeOption = None,
    as_json: JsonOption = False,
) -> None:
    """Show a decision: reasons, both truth tables, every node with its value, the digests."""
    if openlineage:
        with log_reader(home) as reader:
            events = openlineage_events(recorded_decision(reader, decision_named(reader, decision)))
        typer.echo("\n".join(json.dumps(event) for event in events))
        return
    view = view_of(decision, home)
    if as_json:
        print_json(view)
    elif node is not None:
        out().print(lineage_tree(view, node))
    else:
        print_decision(out(), view)


@app.command()
def page(
    decision: DecisionId = "latest",
    file: Annotated[
        Path | None, typer.Option("--output", "-o", help="Where to write it; - is standard output.")
    ] = None,
    home: HomeOption = None,
) -> None:
    """Write a decision as one HTML page that needs nothing else: no network, no other file."""
    view = view_of(decision, home)
    html = trace_page(view)
    if str(file) == "-":
        typer.echo(html, nl=False)
        return
    target = file or Path(f"trace-{view.decision_id[:12]}.html")
    write_file(target, html.encode())
    out().print(
        Text(f"{target}  ({len(html.encode()) // 1000} kB; open it in any browser, or print it)"), soft_wrap=True
    )


def decisions(
    latest: Annotated[int, typer.Option("--latest", "-n", min=1, help="How many, newest first.")] = 20,
    symbol: Annotated[str | None, typer.Option("--symbol", help="Only of this share.")] = None,
    verdict: Annotated[str | None, typer.Option("--verdict", help="Only pass, warn, clip, review or deny.")] = None,
    rule: Annotated[str | None, typer.Option("--rule", help="Only those that this rule objected to.")] = None,
    home: HomeOption = None,
    as_json: JsonOption = False,
) -> None:
    """List decisions, newest first."""
    with log_reader(home) as reader:
        found = list(islice(newest_decisions(reader, DecisionFilter(symbol, verdict, rule)), latest))
    rows = [decision_row(record) for record in found]
    if as_json:
        print_json(rows)
    elif rows:
        out().print(decisions_table(rows))
        out().print(
            Text.assemble("\nLook closer: ", ("assay trace show ID", "id"), " (the beginning of an id will do)")
        )
    else:
        out().print("No decision is like that.")


def decision_row(record: Record) -> dict[str, Any]:
    """A decision in one line."""
    facts = record.entry.facts
    return {
        "decision_id": facts["decision_id"].hex(),
        "sequence": record.sequence,
        "as_of": instant_text(record.entry.as_of),
        "symbol": facts["symbol"],
        "proposed_order_shares": facts["proposed_order_shares"],
        "order_shares": facts["order_shares"],
        "verdict": facts["verdict"],
        "action": facts["action"],
        "reasons": list(facts["reasons"]),
    }


def decisions_table(rows: Iterable[dict[str, Any]]) -> Table:
    """Decisions below each other."""
    table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0), header_style="quiet")
    for header in ("id", "as of", "asked", "decided", "verdict", "objected"):
        table.add_column(header, no_wrap=header != "objected", justify="left")
    for row in rows:
        table.add_row(
            Text(row["decision_id"][:12], style="id"),
            row["as_of"][:10],
            order_words(row["proposed_order_shares"], row["symbol"]),
            f"{abs(row['order_shares']):,}" if row["order_shares"] else "-",
            Text(row["verdict"], style=row["verdict"]),
            ", ".join(row["reasons"]),
        )
    return table
