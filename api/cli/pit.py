"""`assay pit`: what features rest on, and whether anything knows its future."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Annotated

import typer
from rich.table import Table

from adapters.files.writing import write_whole
from adapters.lake.lake import bundled_lake
from adapters.telemetry.skew_metrics import FILE as SKEW_FILE
from adapters.telemetry.skew_metrics import skew_exposition
from api.bootstrap import chosen_lake, fact_store, read_candidate, shell_clock
from api.cli.edge import NO
from api.cli.output import JsonOption, err, out, print_json
from api.cli.place import HomeOption, LakeOption, chosen, log_reader
from api.cli.writing import write_file
from api.use_cases.leak_audit import feature_plan, lake_facts_audit, leak_audit
from api.use_cases.sentiment import serving
from api.use_cases.skew import served_skew
from dataflows.audit.leaks import Audit, Severity, audited_names
from dataflows.audit.skew import FeatureSkew

app = typer.Typer(
    no_args_is_help=True, help="Point in time: feature contracts, the leak audit, skew of what was served."
)
_STYLES = {Severity.CRITICAL: "fails", Severity.HIGH: "fails", Severity.MEDIUM: "warn"}


@app.command()
def audit(
    lake: LakeOption = None,
    seed: Annotated[int, typer.Option("--seed", help="Of the changed futures.")] = 1,
    as_json: JsonOption = False,
) -> None:
    """Change the future at random, and name every feature whose past moves. Exits with 1 when one does.

    Over made-up facts of every domain, through a lake of their own, and over the bundled bars; with --lake over its
    facts as well.
    """
    plan = feature_plan()
    session = read_candidate(chosen(None).policy).generation.session
    traded = frozenset(audited_names(session))
    found = leak_audit(plan, bundled_lake(), traded, seed, lambda word: err().print(f"auditing {word}"))
    if lake is not None:
        asked, model = (shell_clock(), traded, seed), serving(chosen(None).sentiment_head).scorer.model
        found = lake_facts_audit(found, plan, fact_store(chosen(None), lake), asked, model)
    _print(found, as_json=as_json)
    if not found.is_clean:
        raise typer.Exit(NO)


@app.command()
def skew(
    home: HomeOption = None,
    n_sessions: Annotated[int, typer.Option("--sessions", min=1, help="The newest so many session runs.")] = 20,
    prometheus: Annotated[
        Path | None, typer.Option("--prometheus", help="Write the metrics to a file as well.", metavar="FILE")
    ] = None,
    publish: Annotated[
        bool, typer.Option("--publish", help="Have the servers of the home show the metrics at /metrics.")
    ] = False,
    as_json: JsonOption = False,
) -> None:
    """Compare features as they were served with what comes out now. Exits with 1 when one differs."""
    settings = chosen(home)
    plan = read_candidate(settings.policy).generation.session
    with log_reader(home) as reader:
        found = served_skew(reader, chosen_lake(settings), plan, n_sessions)
    text = skew_exposition(found, shell_clock()).encode()
    if prometheus is not None:
        write_file(prometheus, text)
    if publish:
        write_whole(settings.home / SKEW_FILE, text)
    if as_json:
        print_json(found)
    else:
        _print_skew(found)
    if any(item.n_mismatched for item in found):
        raise typer.Exit(NO)


def _print_skew(found: Sequence[FeatureSkew]) -> None:
    table = Table(box=None, pad_edge=False)
    for column in ("feature", "compared", "differ", "psi", "ks", "since", "shares", "why"):
        table.add_column(column, overflow="fold")
    for item in found:
        distances = ("" if value is None else f"{value:.4f}" for value in (item.psi, item.ks))
        since, shares = str(item.since_on or ""), ", ".join(item.symbols)
        counts = (f"{item.n_compared:,}", f"{item.n_mismatched:,}")
        table.add_row(item.feature, *counts, *distances, since, shares, ", ".join(item.causes))
    out().print(table)


@app.command()
def contracts(as_json: JsonOption = False) -> None:
    """List the contract of every feature: sources with lag and staleness, unit, range, window, owner."""
    held = {node.name: node.contract for node in feature_plan().nodes if node.contract is not None}
    if as_json:
        print_json({name: contract.content for name, contract in held.items()})
        return
    table = Table(box=None, pad_edge=False)
    for column in ("feature", "unit", "range", "window", "sources", "owner"):
        table.add_column(column, overflow="fold")
    for name, contract in held.items():
        bounds = f"{'' if contract.low is None else contract.low} .. {'' if contract.high is None else contract.high}"
        sources = ", ".join(term.domain for term in contract.sources)
        table.add_row(name, contract.unit, bounds, contract.window, sources, contract.owner)
    out().print(table)


def _print(found: Audit, *, as_json: bool) -> None:
    if as_json:
        print_json({"is_clean": found.is_clean, "n_features": found.n_features, "n_runs": found.n_runs,
                    "findings": [{**_plain(item)} for item in found.findings]})  # fmt: skip
        return
    for item in found.findings:
        place = " ".join(part for part in (item.symbol, item.first_on) if part)
        out().print(
            f"[{_STYLES[item.severity]}]{item.severity.value}[/] {item.feature} knows the future of {item.domain}"
        )
        out().print(f"  first at {place or 'no place'}, when facts after {item.after or 'nothing'} are {item.change}")
        out().print(f"  {item.mend}")
    n_grave = sum(item.severity is not Severity.MEDIUM for item in found.findings)
    out().print(f"{found.n_features} features, {found.n_runs} runs with other futures: {n_grave} leaks")


def _plain(item: object) -> dict[str, str]:
    names = ("severity", "feature", "domain", "change", "after", "first_on", "symbol", "mend")
    values = {name: getattr(item, name) for name in names}
    return {**values, "severity": values["severity"].value}
