"""`assay evidence`: what the log shows of a period, for a review by people or by another program."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer
from rich.text import Text

from api.cli.output import JsonOption, json_text, out, print_json
from api.cli.place import HomeOption, log_reader
from api.cli.writing import write_file
from api.http.asked import asked_instant
from governance.evidence_pack import evidence_pack
from governance.evidence_paper import evidence_paper
from governance.evidence_views import EvidencePack
from nodes.vocabulary.errors import EdgeError

_FORMS = (".html", ".md", ".json")

SinceOption = Annotated[
    str | None, typer.Option("--since", help="Recorded from this instant on, e.g. 2026-01-01T00:00:00Z; or a day, UTC.")
]
UntilOption = Annotated[str | None, typer.Option("--until", help="Recorded before this instant; or a day, UTC.")]


def evidence(
    since: SinceOption = None,
    until: UntilOption = None,
    file: Annotated[
        Path | None, typer.Option("--output", "-o", help="Where to write it, as .html, .md or .json.", metavar="FILE")
    ] = None,
    home: HomeOption = None,
    as_json: JsonOption = False,
) -> None:
    """Write what the log shows of a period: policies, changes, approvals, incidents, models, controls with counts."""
    if file is not None and file.suffix not in _FORMS:
        raise EdgeError(f"{file} ends in {file.suffix!r}; write one of {', '.join(_FORMS)}", reason="bad-request")
    with log_reader(home) as reader:
        pack = evidence_pack(
            reader, asked_instant(_instant(since), "--since"), asked_instant(_instant(until), "--until")
        )
    if file is not None:
        write_file(file, _text(pack, file.suffix).encode())
        out().print(Text(f"{file}  ({_summary(pack)})"), soft_wrap=True)
    elif as_json:
        print_json(pack)
    else:
        typer.echo(evidence_paper(pack).markdown, nl=False)


def _instant(text: str | None) -> str | None:
    """A day stands for its first instant in UTC."""
    return f"{text}T00:00:00Z" if text is not None and "T" not in text else text


def _text(pack: EvidencePack, suffix: str) -> str:
    if suffix == ".json":
        return json_text(pack)
    paper = evidence_paper(pack)
    return paper.html if suffix == ".html" else paper.markdown


def _summary(pack: EvidencePack) -> str:
    n_gaps = sum(bool(each.gap) for each in pack.controls)
    decisions = sum(pack.verdicts.values())
    return (
        f"{pack.size - pack.first_sequence:,} entries, {decisions:,} decisions, {len(pack.policies)} policies "
        f"in force, {len(pack.controls)} controls, {n_gaps} without a rule"
    )
