"""`assay policy prove`: whether a candidate can ever let through what the policy that runs stops."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.text import Text

from api.cli.edge import NO
from api.cli.output import JsonOption, out, print_facts, print_json
from api.cli.place import HomeOption, log_reader
from api.http.schemas.policy_proofs import PolicyProofAnswerView, PolicyProofView, proof_view
from api.use_cases.policies import file_bytes
from api.use_cases.policy_proofs import ProofAsked, proof_job, proof_report
from governance.policy_proof import DEFAULT_EFFORT, MAX_EFFORT, Claim

_LOOSENS = frozenset(claim.value for claim in Claim if claim.is_of_candidate)


def prove(
    file: Annotated[Path, typer.Argument(help="A policy file.", metavar="FILE")],
    against: Annotated[
        str,
        typer.Option("--against", help="A policy that was active; the one that runs if left out.", metavar="DIGEST"),
    ] = "",
    claims: Annotated[
        list[Claim] | None, typer.Option("--claim", help="Ask only this; may be given more than once.")
    ] = None,
    effort: Annotated[
        int, typer.Option("--effort", min=1, max=MAX_EFFORT, help="How hard to try; with 1, a claim takes seconds.")
    ] = DEFAULT_EFFORT,
    home: HomeOption = None,
    as_json: JsonOption = False,
) -> None:
    """Prove what a policy can never do, over all inputs, or show inputs for which it does.

    Exits with 1 unless it is proved that the policy lets nothing through that the other one stops.
    """
    asked = ProofAsked(file_bytes(file), str(file), against, tuple(claims or Claim), effort)
    with log_reader(home) as reader:
        job = proof_job(reader, asked)
    found = proof_view(proof_report(job))
    if as_json:
        print_json(found)
    else:
        print_proof(out(), found)
    if any(answer.claim in _LOOSENS and answer.state != "proved" for answer in found.answers):
        raise typer.Exit(NO)


def print_proof(console: Console, found: PolicyProofView) -> None:
    """What was found of each claim, with its witness or with what could not be read."""
    rules = ", ".join(found.rules) or "none"
    print_facts(console, {"live": found.live_digest, "candidate": found.candidate_digest, "rules that differ": rules})
    for answer in found.answers:
        console.print(Text.assemble("\n", (f"{answer.state:<10}", _STYLES[answer.state]), answer.says), soft_wrap=True)
        _print_grounds(console, answer)
    console.print(Text(f"\nEach is {found.method}.", style="quiet"), soft_wrap=True)


_STYLES = {"proved": "green", "witness": "yellow", "outside": "quiet", "undecided": "quiet"}


def _print_grounds(console: Console, answer: PolicyProofAnswerView) -> None:
    for unread in answer.unread:
        console.print(Text(f"          {unread.rule}: {unread.node} {unread.why}"), soft_wrap=True)
    shown = answer.witness
    if shown is None:
        return
    if shown.decision_id is not None:
        console.print(Text.assemble("          from decision ", (shown.decision_id[:12], "id"), " with"))
    for change in shown.changed:
        console.print(Text(f"          {change.input} {change.recorded.text} -> {change.value.text}"), soft_wrap=True)
    for name, ruling in (("live", shown.live), ("candidate", shown.candidate)):
        reasons = "; ".join(ruling.reasons) or "no rule objects"
        console.print(Text(f"          {name}: {ruling.action}, {ruling.order_shares:,} shares ({reasons})"))
