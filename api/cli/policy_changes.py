"""`assay policy status, history, propose, approve, withdraw, rollback`: policies of a log that is there.

They do what the server does, on the log of a home directly: a server that runs on it notices with its next append.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.table import Table
from rich.text import Text

from api.bootstrap import open_service, open_service_to_read
from api.cli.edge import NO, print_fault
from api.cli.output import JsonOption, out, print_facts, print_json
from api.cli.place import HomeOption, chosen
from api.log_parts import require_log
from api.use_cases.candidates import CandidateFiles
from api.use_cases.policies import cases_file, file_bytes
from api.use_cases.policy_log import PolicyEvent, Proposal
from api.use_cases.policy_standing import standing
from api.use_cases.proposals import PolicyStatus, approved_proposal, policy_status, rolled_back, withdrawn_proposal
from api.use_cases.reloading import Handed, handed_in
from api.use_cases.reloads import CandidateOutcome, CandidateState, Source
from api.use_cases.service import Service
from nodes.vocabulary.canonical import digest_text
from nodes.vocabulary.errors import EdgeError
from nodes.vocabulary.instants import instant_text

_MIN_DIGITS = 6

DigestArgument = Annotated[
    str, typer.Argument(help="Digest of a policy, or its first digits.", metavar="DIGEST", show_default=False)
]
WhoOption = Annotated[
    str | None, typer.Option("--as", help="Who does it.", metavar="PRINCIPAL", show_default="ASSAY_PRINCIPAL")
]
BecauseOption = Annotated[str, typer.Option("--because", help="Why, in words; the log keeps them.")]


def status(home: HomeOption = None, as_json: JsonOption = False) -> None:
    """Say which policy runs, which ones wait, and what was refused since."""
    with open_service_to_read(chosen(home)) as service:
        found = policy_status(service)
    if as_json:
        print_json(status_facts(found))
        return
    console = out()
    print_facts(console, _event_facts(found.active) | {"mode": found.mode})
    if found.proposals:
        console.print(proposals_table(found.proposals))
    for event in found.faults:
        console.print(Text.assemble((f"refused in entry {event.sequence}", "bold"), f", from {event.principal}"))
        for fault in event.faults:
            print_fault(console, fault)


def history(home: HomeOption = None, as_json: JsonOption = False) -> None:
    """List everything that the log says of policies, newest first."""
    with open_service_to_read(chosen(home)) as service:
        events = tuple(reversed(standing(service).log.events))
    if as_json:
        print_json([_event_facts(event) for event in events])
    else:
        out().print(history_table(events))


def propose(
    file: Annotated[Path, typer.Argument(help="A policy file; its cases are beside it.", metavar="FILE")],
    home: HomeOption = None,
    who: WhoOption = None,
    impact: Annotated[
        Path | None,
        typer.Option("--impact", help="The impact report that it rests on, see `assay policy impact -o`."),
    ] = None,
    as_json: JsonOption = False,
) -> None:
    """Hand in a policy: active at once in direct mode, waiting for a second person in approved mode.

    Exits with 1 when it is refused.
    """
    cases = cases_file(file)
    files = CandidateFiles(file_bytes(file), str(file), cases.read_bytes() if cases.exists() else None)
    report = None if impact is None else file_bytes(impact)
    with service_at(home, who) as (service, principal):
        outcome = handed_in(service, Handed(files, principal, Source.CLI, impact=report))
    tell(outcome, as_json=as_json)


def approve(
    digest: DigestArgument, home: HomeOption = None, who: WhoOption = None, as_json: JsonOption = False
) -> None:
    """Approve a proposal of somebody else's: it becomes active, or is scheduled when it is effective only later."""
    with service_at(home, who) as (service, principal):
        waiting = (proposal.event for proposal in standing(service).log.proposals)
        outcome = approved_proposal(service, named_digest(digest, waiting), principal)
    tell(outcome, as_json=as_json)


def withdraw(
    digest: DigestArgument,
    home: HomeOption = None,
    who: WhoOption = None,
    because: BecauseOption = "",
    as_json: JsonOption = False,
) -> None:
    """Take a proposal back, or reject somebody else's."""
    with service_at(home, who) as (service, principal):
        waiting = (proposal.event for proposal in standing(service).log.proposals)
        outcome = withdrawn_proposal(service, named_digest(digest, waiting), principal, because)
    tell(outcome, as_json=as_json)


def rollback(
    digest: DigestArgument,
    because: Annotated[str, typer.Option("--because", help="Why, in words; the log keeps them.", show_default=False)],
    home: HomeOption = None,
    who: WhoOption = None,
    as_json: JsonOption = False,
) -> None:
    """Go back to a policy that ran before, at once."""
    with service_at(home, who) as (service, principal):
        ran = standing(service).log.activations
        outcome = rolled_back(service, named_digest(digest, ran), principal, because)
    tell(outcome, as_json=as_json)


@contextmanager
def service_at(home: Path | None, who: str | None) -> Iterator[tuple[Service, str]]:
    """The service of a home whose log is there already, and who uses it."""
    found = chosen(home)
    require_log(found)
    with open_service(found) as service:
        yield service, who or found.principal


def named_digest(digits: str, events: Iterable[PolicyEvent]) -> bytes:
    """The one digest of some events that begins with some digits. Raises EdgeError (not-found) without one."""
    wanted = digits.removeprefix("sha256:").lower()
    known = {event.policy_digest.hex() for event in events}
    found = [digest for digest in known if digest.startswith(wanted)]
    if len(found) != 1 or len(wanted) < _MIN_DIGITS:
        listed = ", ".join(sorted(digest[:12] for digest in known)) or "none"
        message = f"{digits!r} names {len(found)} policies; give at least {_MIN_DIGITS} digits of one of: {listed}"
        raise EdgeError(message, reason="not-found")
    return bytes.fromhex(found[0])


def tell(outcome: CandidateOutcome, *, as_json: bool) -> None:
    """Say what became of a candidate. Ends with 1 when it was refused."""
    if as_json:
        print_json(outcome_facts(outcome))
    else:
        console = out()
        entry = "" if outcome.sequence is None else f", entry {outcome.sequence}"
        console.print(Text.assemble(outcome.file, " is ", (outcome.state.value, "bold"), entry), soft_wrap=True)
        for fault in outcome.faults:
            print_fault(console, fault)
    if outcome.state is CandidateState.REFUSED:
        raise typer.Exit(NO)


def outcome_facts(outcome: CandidateOutcome) -> dict[str, Any]:
    """What became of a candidate, for programs."""
    return {
        "state": outcome.state.value,
        "file": outcome.file,
        "policy_digest": digest_text(outcome.policy_digest) if outcome.policy_digest else None,
        "sequence": outcome.sequence,
        "faults": outcome.faults,
    }


def status_facts(found: PolicyStatus) -> dict[str, Any]:
    """How policies stand, for programs."""
    return {
        "strategy": found.strategy,
        "mode": found.mode,
        "active": _event_facts(found.active),
        "proposals": [
            _event_facts(waiting.event)
            | {"state": waiting.state.value, "effective_from": instant_text(waiting.effective_from)}
            for waiting in found.proposals
        ],
        "faults": [_event_facts(event) | {"faults": event.faults} for event in found.faults],
    }


def _event_facts(event: PolicyEvent) -> dict[str, Any]:
    known = {name: event.facts[name] for name in ("approved_by", "because", "source", "file") if event.facts.get(name)}
    return {
        "kind": event.kind,
        "policy": event.name,
        "policy_digest": digest_text(event.policy_digest) if event.policy_digest else None,
        "principal": event.principal,
        "at": instant_text(event.at),
        "sequence": event.sequence,
        **known,
    }


def proposals_table(proposals: Iterable[Proposal]) -> Table:
    """What waits."""
    table = _table("Waiting", "Policy", "From", "Effective", "Digest")
    for waiting in proposals:
        event = waiting.event
        effective = instant_text(waiting.effective_from)
        table.add_row(waiting.state.value, event.name, event.principal, effective, event.policy_digest.hex()[:12])
    return table


def event_words(event: PolicyEvent) -> str:
    """What an entry did to a policy."""
    if event.facts.get("is_rollback"):
        return "rollback"
    canary = event.facts.get("canary")
    if canary is not None:
        return f"{event.kind}, {canary['policy']} v{canary['version']} as canary"
    return str(event.facts.get("stage", event.kind))


def history_table(events: Iterable[PolicyEvent]) -> Table:
    """Everything that a log says of policies."""
    table = _table("Entry", "At", "What", "Policy", "Who", "Digest")
    for event in events:
        second = event.facts.get("approved_by")
        who = event.principal if second is None else f"{event.principal}, approved by {second}"
        what = event_words(event)
        at = instant_text(event.at)[:19]
        table.add_row(str(event.sequence), at, what, event.name, who, event.policy_digest.hex()[:12] or "-")
    return table


def _table(*headers: str) -> Table:
    table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0))
    for header in headers:
        table.add_column(header, overflow="fold", header_style="quiet", no_wrap=header in {"At", "Digest", "Entry"})
    return table
