"""`assay bundle`: one file that proves one decision, for somebody who has nothing of ours."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer
from rich.text import Text

from api.cli.output import out
from api.cli.place import DecisionId, HomeOption, log_reader
from api.cli.writing import write_file
from api.pages.bundle_page import bundle_page
from api.use_cases.finding import decision_named
from api.views.bundles import Bundle, bundled


def bundle(
    decision: DecisionId = "latest",
    redact: Annotated[
        list[str] | None,
        typer.Option(
            "--redact", help="Mask this node's value; repeat for more. The proof still holds.", metavar="NAME"
        ),
    ] = None,
    file: Annotated[
        Path | None, typer.Option("--output", "-o", help="Where to write it; - is standard output.")
    ] = None,
    home: HomeOption = None,
) -> None:
    """Write one file that proves a decision: a page that opens offline, with all its evidence inside."""
    with log_reader(home) as reader:
        made = bundled(reader, decision_named(reader, decision), bundle_page, tuple(redact or ()))
    if str(file) == "-":
        typer.echo(made.file, nl=False)
        return
    target = file or Path(made.name)
    write_file(target, made.file)
    out().print(Text("\n".join(_said(made, target))), soft_wrap=True)


def _said(made: Bundle, target: Path) -> list[str]:
    data = made.data
    lines = [
        f"{target}  ({len(made.file) // 1000} kB; open it in any browser)",
        f"{len(data.entries)} entries proved against the checkpoint of {data.size}, {len(data.bodies)} archived bodies",
    ]
    if data.masked.names:
        lines.append(f"masked: {', '.join(data.masked.names)}")
    if data.masked.near:
        lines.append(f"shown, and may tell a masked value: {', '.join(data.masked.near)}; mask them too if they do")
    if data.left_out:
        lines.append(f"{len(data.left_out)} bodies are left out; the file says which and why")
    return [*lines, f"check it: python docs/verifier/verify_bundle.py {target} '{data.key}'"]
