"""`assay verify`: the whole log checked, byte by byte."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer
from rich.text import Text

from adapters.feeds.files.tables import file_bytes
from api.cli.edge import NO
from api.cli.output import JsonOption, out, print_facts, print_json
from api.cli.place import HomeOption, folder_to_read
from api.cli.progress import progress
from governance.findings import Report
from nodes.vocabulary.canonical import digest_text


def verify(
    against: Annotated[
        Path | None,
        typer.Option("--against", help="A checkpoint that you kept; catches a rewritten log.", metavar="FILE"),
    ] = None,
    home: HomeOption = None,
    as_json: JsonOption = False,
) -> None:
    """Verify every byte of entries, bodies, tiles and checkpoints. Exits with 1 when something is wrong."""
    kept = None if against is None else file_bytes(against)
    with folder_to_read(home) as folder, progress() as told:
        report = folder.verification(against=kept, progress=told)
    if as_json:
        print_json(plain_report(report))
    else:
        _print_report(report, against)
    if not report.is_intact:
        raise typer.Exit(NO)


def plain_report(report: Report) -> dict[str, Any]:
    """A verification for programs."""
    return {
        "origin": report.origin,
        "size": report.size,
        "root": digest_text(report.root),
        "is_intact": report.is_intact,
        "counts": report.counts,
        "findings": report.findings,
    }


def _print_report(report: Report, against: Path | None) -> None:
    console = out()
    verdict = ("intact", "holds") if report.is_intact else (f"{len(report.findings)} findings", "fails")
    console.print(Text.assemble((report.origin, "bold"), ": ", verdict))
    for finding in report.findings:
        text = Text.assemble(
            "  ", (finding.place, "id"), f"\n    {finding.what}\n    ", ("mend: ", "bold"), finding.mend
        )
        console.print(text, soft_wrap=True)
    covered = {what: f"{count:,}" for what, count in report.counts.items()}
    extends = {"extends": f"the checkpoint in {against}"} if against and report.is_intact else {}
    print_facts(console, {"size": f"{report.size:,}", "root": report.root.hex(), **covered, **extends})
