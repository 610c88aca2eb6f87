"""`assay replay`: compute recorded decisions again and compare them, bit for bit."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.text import Text

from api.cli.edge import NO
from api.cli.output import JsonOption, out, print_json
from api.cli.place import HomeOption, folder_to_read
from api.cli.progress import progress
from api.use_cases.finding import decision_named
from api.use_cases.replaying import replayed, replayed_sample
from api.views.shown import shown
from governance.entries import EntryKind
from governance.ports import LogStore
from governance.replay import ReplayOutcome, ReplayReport
from governance.rows import Record
from nodes.vocabulary.canonical import digest_text

_STYLES = {ReplayOutcome.IDENTICAL: "holds", ReplayOutcome.DIVERGED: "fails", ReplayOutcome.CANNOT_RUN: "unknown"}
_MAX_SHOWN = 20


def replay(
    decision: Annotated[
        str | None, typer.Argument(help="A decision id, the beginning of one, or `latest`.", metavar="[ID]")
    ] = None,
    sample: Annotated[int | None, typer.Option("--sample", min=1, help="So many of each kind, spread evenly.")] = None,
    every: Annotated[bool, typer.Option("--all", help="Every session and decision.")] = False,
    current: Annotated[
        bool,
        typer.Option("--current-code", help="Judge the code installed now, even where it is not what was recorded."),
    ] = False,
    home: HomeOption = None,
    as_json: JsonOption = False,
) -> None:
    """Compute decisions again from what the log archives. Exits with 1 unless all are identical."""
    if sum((decision is not None, sample is not None, every)) != 1:
        raise typer.BadParameter("say which: an ID, --sample N or --all")
    with folder_to_read(home) as folder, progress() as told:
        if sample is not None:
            reports = replayed_sample(folder.store, sample, told)
        else:
            records = _records(folder.store, decision)
            reports = replayed(folder.store, records, told, with_current_code=current)
    if as_json:
        print_json([plain_replay(report) for report in reports])
    else:
        print_replays(out(), reports)
    if not all(report.is_identical for report in reports):
        raise typer.Exit(NO)


def _records(store: LogStore, decision: str | None) -> Sequence[Record]:
    with store.reader() as reader:
        if decision is not None:
            return (decision_named(reader, decision),)
        kinds = (EntryKind.PLAN, EntryKind.DECISION)
        return sorted((record for kind in kinds for record in reader.of_kind(kind)), key=lambda record: record.sequence)


def plain_replay(report: ReplayReport) -> dict[str, Any]:
    """A replay for programs."""
    return {
        "sequence": report.sequence,
        "decision_id": report.decision_id.hex() if report.decision_id else None,
        "subject": report.subject,
        "outcome": report.outcome.value,
        "trace_digest": digest_text(report.trace_digest),
        "is_archived_code": report.is_archived_code,
        "node": report.node or None,
        "recorded": shown(report.recorded).exact if report.node else None,
        "recomputed": shown(report.recomputed).exact if report.node else None,
        "causes": report.causes,
        "missing": report.missing,
    }


def print_replays(console: Console, reports: Sequence[ReplayReport]) -> None:
    """What each replay came to; of many, only those that are not identical."""
    told = reports if len(reports) <= _MAX_SHOWN else [report for report in reports if not report.is_identical]
    for report in told:
        console.print(_report_text(report), soft_wrap=True)
    counts = {outcome: sum(report.outcome is outcome for report in reports) for outcome in ReplayOutcome}
    words = [(f"{count:,} {outcome.value}", _STYLES[outcome]) for outcome, count in counts.items() if count]
    console.print(Text(", ").join([Text(*word) for word in words]) if words else Text("Nothing was recorded yet."))


def _report_text(report: ReplayReport) -> Text:
    name = report.decision_id.hex()[:12] if report.decision_id else f"entry {report.sequence}"
    text = Text.assemble(
        (f"{name:<12}", "id"), f"  {report.subject:<18}  ", (report.outcome.value, _STYLES[report.outcome])
    )
    if report.is_archived_code:
        text.append("  by the archived code, since the code here is newer", style="quiet")
    if report.node:
        text.append(f"\n  first at {report.node}: recorded {_value(report.recorded)}, now {_value(report.recomputed)}")
    for cause in report.causes:
        text.append(f"\n  because {cause}")
    for missing in report.missing:
        text.append(f"\n  missing: {missing}")
    return text


def _value(value: Any) -> str:  # noqa: ANN401  # any value of a node
    found = shown(value)
    return f"absent ({found.exact})" if found.is_absent else found.exact
