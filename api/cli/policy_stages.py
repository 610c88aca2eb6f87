"""`assay policy stages, shadow, canary, end, schedule`: versions of a log before and until they decide.

They do what the server does, on the log of a home directly: a server that runs on it notices with its next append.
"""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.table import Table
from rich.text import Text

from adapters.sql.shadow_board import SHADOWS, ShadowBoard, ShadowProgress
from api.bootstrap import open_service_to_read
from api.cli.output import JsonOption, out, print_json
from api.cli.place import HomeOption, chosen
from api.cli.policy_changes import BecauseOption, DigestArgument, WhoOption, named_digest, service_at, tell
from api.use_cases.candidates import CandidateFiles
from api.use_cases.policies import cases_file, file_bytes
from api.use_cases.policy_life import PolicyLife, policy_lives
from api.use_cases.policy_shadows import shadow_progress
from api.use_cases.policy_stages import CanaryShare, canary_started, shadow_started, stage_ended
from api.use_cases.policy_standing import standing
from api.use_cases.reloading import Handed, handed_in
from api.use_cases.reloads import Source
from api.use_cases.service import Service
from nodes.vocabulary.canonical import digest_text
from nodes.vocabulary.errors import DataError, EdgeError
from nodes.vocabulary.instants import instant_from_text, instant_text

PolicyArgument = Annotated[Path, typer.Argument(help="A policy file; its cases are beside it.", metavar="FILE")]


def stages(home: HomeOption = None, as_json: JsonOption = False) -> None:
    """Say where every policy version stands, what it said in the shadow, and which symbols it decides."""
    settings = chosen(home)
    with open_service_to_read(settings) as service:
        lives = policy_lives(standing(service).log)
        found = [(life, _progress(service, settings.home, life)) for life in lives]
        universe = service.lake.universe
    if as_json:
        print_json([life_facts(life, progress, universe) for life, progress in found])
        return
    console = out()
    table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0))
    for header in ("Policy", "Stage", "Who", "Shadow", "Decides", "Digest"):
        table.add_column(header, overflow="fold", header_style="quiet", no_wrap=header in {"Policy", "Digest"})
    for life, progress in found:
        table.add_row(*_cells(life, progress, universe))
    console.print(table)


def _progress(service: Service, home: Path, life: PolicyLife) -> ShadowProgress | None:
    if life.shadow is None:
        return None
    with ShadowBoard(home / SHADOWS) as board:
        return shadow_progress(service, board, life.shadow)


def life_facts(life: PolicyLife, progress: ShadowProgress | None, universe: tuple[str, ...]) -> dict[str, Any]:
    """Where a version stands, for programs."""
    steps = [
        {
            "stage": step.stage.value,
            "principal": step.principal,
            "approved_by": step.approved_by,
            "because": step.because,
            "at": instant_text(step.at),
            "sequence": step.sequence,
        }
        for step in life.steps
    ]
    facts: dict[str, Any] = {
        "policy": life.name,
        "policy_digest": digest_text(life.policy_digest),
        "stage": life.stage.value,
        "steps": steps,
    }
    if life.canary is not None:
        facts["canary"] = {
            "share_frac": life.canary.share_frac,
            "covered": [name for name in universe if life.canary.covers(name)],
        }
    if progress is not None:
        facts["shadow"] = {
            "n_compared": progress.n_compared,
            "n_diverged": progress.n_diverged,
            "n_own": progress.n_own,
            "flips": progress.flips,
            "rules": progress.rules,
            "problem": progress.problem or None,
        }
    return facts


def _cells(life: PolicyLife, progress: ShadowProgress | None, universe: tuple[str, ...]) -> tuple[str | Text, ...]:
    step = life.steps[-1]
    said = "" if progress is None else progress.problem or f"{progress.n_diverged} of {progress.n_compared} differ"
    decides = "" if life.canary is None else ", ".join(name for name in universe if life.canary.covers(name))
    who = step.principal if step.approved_by is None else f"{step.principal}, approved by {step.approved_by}"
    stage = Text(life.stage.value, style="bold")
    return (life.name, stage, who, said, decides, life.policy_digest.hex()[:12])


def shadow(
    file: PolicyArgument,
    home: HomeOption = None,
    who: WhoOption = None,
    because: BecauseOption = "",
    as_json: JsonOption = False,
) -> None:
    """Let a policy judge every decision beside the active one; what it says is counted and listed, never routed.

    Exits with 1 when it is refused.
    """
    files = _files(file)
    with service_at(home, who) as (service, principal):
        outcome = shadow_started(service, Handed(files, principal, Source.CLI), because)
    tell(outcome, as_json=as_json)


def canary(  # the command line's own words
    digest: DigestArgument,
    because: Annotated[str, typer.Option("--because", help="Why, in words; the log keeps them.", show_default=False)],
    share_frac: Annotated[float, typer.Option("--share", help="The share of symbols, drawn by digest.")] = 0.0,
    symbols: Annotated[list[str] | None, typer.Option("--symbol", help="A symbol, once for each.")] = None,
    home: HomeOption = None,
    who: WhoOption = None,
    as_json: JsonOption = False,
) -> None:
    """Let a policy that is in the shadow decide some symbols: a share of them, or those that are named."""
    with service_at(home, who) as (service, principal):
        named = named_digest(digest, standing(service).log.shadows)
        share = CanaryShare(share_frac, tuple(symbols or ()))
        outcome = canary_started(service, named, share, principal, because=because)
    tell(outcome, as_json=as_json)


def end(
    digest: DigestArgument,
    because: Annotated[str, typer.Option("--because", help="Why, in words; the log keeps them.", show_default=False)],
    home: HomeOption = None,
    who: WhoOption = None,
    as_json: JsonOption = False,
) -> None:
    """Take a policy out of the shadow; if it is the canary, the active one decides all symbols again."""
    with service_at(home, who) as (service, principal):
        named = named_digest(digest, standing(service).log.shadows)
        outcome = stage_ended(service, named, principal, because)
    tell(outcome, as_json=as_json)


def schedule(
    file: PolicyArgument,
    at: Annotated[
        str | None,
        typer.Option(
            "--at", help="Not before this instant, in UTC; its effective_from if left out.", metavar="INSTANT"
        ),
    ] = None,
    home: HomeOption = None,
    who: WhoOption = None,
    as_json: JsonOption = False,
) -> None:
    """Hand in a policy that is to become active at an instant to come; the server makes it so, once.

    Exits with 1 when it is refused.
    """
    files, not_before = _files(file), None if at is None else _instant(at)
    with service_at(home, who) as (service, principal):
        if not_before is not None and not_before <= service.clock():
            raise EdgeError(f"{at} is over: it is {instant_text(service.clock())}; name an instant to come")
        outcome = handed_in(service, Handed(files, principal, Source.CLI, not_before=not_before))
    tell(outcome, as_json=as_json)


def _files(file: Path) -> CandidateFiles:
    cases = cases_file(file)
    return CandidateFiles(file_bytes(file), str(file), cases.read_bytes() if cases.exists() else None)


def _instant(text: str) -> datetime:
    try:
        return instant_from_text(text)
    except DataError as error:
        raise EdgeError(f"--at was {text!r}, which is no instant; write it like 2026-11-23T14:30:00Z") from error
