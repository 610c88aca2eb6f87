"""`assay policy ...`: what a risk officer does with a policy before and when it becomes active."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer
from rich.table import Table
from rich.text import Text

from api.bootstrap import log_to_write, shell_clock
from api.cli import policy_changes as changes
from api.cli.edge import NO, print_fault
from api.cli.output import JsonOption, out, print_facts, print_json
from api.cli.place import HomeOption, chosen
from api.cli.policy_impact import impact
from api.cli.policy_prove import prove
from api.cli.policy_stages import canary, end, schedule, shadow, stages
from api.use_cases.activation import ActivationRequest, activated
from api.use_cases.gates import checked_gate, gate_test
from api.use_cases.policies import (
    Candidate,
    Parameters,
    PolicyTest,
    candidate,
    cases_file,
    checked,
    file_bytes,
    policy_test,
    require_cases,
)
from api.use_cases.studies import Study
from dataflows.engine.compile import Generation
from dataflows.engine.plan import NodeKind, Plan
from governance.environment import environment_here, single_threaded
from nodes.vocabulary.canonical import digest_text
from nodes.vocabulary.instants import instant_text
from policies.diff import Change, ChangeKind, differences, value_text
from policies.json_schema import cases_schema, contracts_schema, policy_schema
from policies.parse import ParsedPolicy, parsed_policy, policy_digest
from policies.schema import Policy

app = typer.Typer(help="Check, test, compare, propose and activate policies.", no_args_is_help=True)
for command in (changes.status, changes.history, changes.propose, changes.approve, changes.withdraw, changes.rollback):
    app.command()(command)
for more in (impact, prove, shadow, canary, end, schedule, stages):
    app.command()(more)

PolicyFile = Annotated[Path, typer.Argument(help="A policy file, e.g. policies/us-equities/v1.yaml.", metavar="FILE")]


def compiled(file: Path) -> Candidate:
    """The policy in a file, compiled. Raises PolicyError or PlanError with every fault."""
    return candidate(file_bytes(file), str(file))


def read(file: Path) -> Policy:
    """The policy in a file, as its author wrote it. Raises PolicyError with every fault."""
    return parsed_policy(file_bytes(file), str(file)).policy


@app.command()
def check(file: PolicyFile, as_json: JsonOption = False) -> None:
    """Say every fault of a policy at once, each with its place and its mend."""
    text = file_bytes(file)
    gate = checked_gate(text, str(file))
    if gate is not None:
        facts = gate_facts(*gate)
    else:
        found = checked(text, str(file))
        facts = _facts(found)
    if as_json:
        print_json(facts)
        return
    console = out()
    console.print(Text.assemble((str(file), "bold"), " is sound"))
    print_facts(console, facts)


def _facts(found: Candidate | Parameters | Study) -> dict[str, Any]:
    if isinstance(found, Parameters):
        return parameters_facts(found)
    return study_facts(found) if isinstance(found, Study) else checked_facts(found.generation)


def study_facts(found: Study) -> dict[str, Any]:
    """What a sound research policy amounts to."""
    policy, design = found.parsed.policy, found.design
    return {
        "policy": f"{policy.family} v{policy.version}",
        "digest": digest_text(design.digest),
        "strategy": "none: a study, which decides nothing",
        "features": len(design.features),
        "label": f"{design.label.kind} over {design.label.horizon_sessions} sessions",
        "folds": design.folds.kind,
        "models": ", ".join(model.name for model in design.models),
        "trials": design.n_trials * len(design.models),
    }


def checked_facts(generation: Generation) -> dict[str, Any]:
    """What a sound policy amounts to."""
    policy = generation.policy
    plans = (generation.session, generation.order)
    return {
        "policy": f"{policy.family} v{policy.version}",
        "digest": digest_text(generation.policy_digest),
        "strategy": policy.strategy,
        "effective_from": instant_text(policy.effective_from),
        "parameters": len(policy.params),
        "features_in_signal": len(policy.signal),
        "rules": len(policy.rules),
        "limits": sum(len(rule.limits) for rule in policy.rules),
        "nodes": sum(node.kind not in (NodeKind.PARAMETER, NodeKind.LIMIT) for plan in plans for node in plan.nodes),
    }


def gate_facts(parsed: ParsedPolicy, plan: Plan) -> dict[str, Any]:
    """What a sound policy of a gate of models amounts to."""
    policy = parsed.policy
    return {
        "policy": f"{policy.family} v{policy.version}",
        "digest": digest_text(plan.policy_digest),
        "strategy": f"{policy.strategy}: a gate of models",
        "effective_from": instant_text(policy.effective_from),
        "rules": len(policy.rules),
        "limits": sum(len(rule.limits) for rule in policy.rules),
    }


def parameters_facts(found: Parameters) -> dict[str, Any]:
    """What a sound policy of parameters amounts to."""
    policy = found.parsed.policy
    return {
        "policy": f"{policy.family} v{policy.version}",
        "digest": digest_text(policy_digest(policy)),
        "strategy": f"none: parameters of {policy.strategy}, which decide nothing",
        "effective_from": instant_text(policy.effective_from),
        "parameters": len(policy.params),
        policy.strategy: len(found.plan.dataflow.outputs),
        "nodes": sum(node.kind is not NodeKind.PARAMETER for node in found.plan.nodes),
    }


@app.command("test")
def run_cases(
    file: PolicyFile,
    cases: Annotated[
        Path | None, typer.Option("--cases", help="The case file; FILE's .cases.yaml if left out.")
    ] = None,
    as_json: JsonOption = False,
) -> None:
    """Run the cases of a policy. Exits with 1 when one is answered otherwise or something is left unshown."""
    where = cases or cases_file(file)
    gate = checked_gate(file_bytes(file), str(file))
    if gate is not None:
        result = gate_test(*gate, file_bytes(where), str(where))
    else:
        result = policy_test(compiled(file), file_bytes(where), str(where))
    if as_json:
        print_json({"cases": len(result.cases), "faults": result.faults})
    else:
        _print_test(result)
    if result.faults:
        raise typer.Exit(NO)


def _print_test(result: PolicyTest) -> None:
    console = out()
    verdict = (
        f"{len(result.faults)} faults" if result.faults else "all answered as they want, every rule and limit shown"
    )
    console.print(Text.assemble((f"{len(result.cases)} cases", "bold"), f": {verdict}"))
    for fault in result.faults:
        print_fault(console, fault)


@app.command()
def diff(
    old: PolicyFile,
    new: PolicyFile,
    as_json: JsonOption = False,
) -> None:
    """Say in words and numbers what changed between two versions. Exits with 1 when something did."""
    before, after = read(old), read(new)
    changes = differences(before, after)
    if as_json:
        print_json([_plain(change) for change in changes])
    elif not changes:
        out().print("Both say the same: white space, comments and the order of rules mean nothing.")
    else:
        out().print(diff_table(changes, f"{before.family} v{before.version}", f"{after.family} v{after.version}"))
    if changes:
        raise typer.Exit(NO)


def _plain(change: Change) -> dict[str, Any]:
    return {
        "subject": change.subject,
        "part": change.part,
        "kind": change.kind.value,
        "old": None if change.kind is ChangeKind.ADDED else value_text(change.old),
        "new": None if change.kind is ChangeKind.REMOVED else value_text(change.new),
        "relative": change.relative,
        "direction": change.direction.value if change.direction else None,
    }


def diff_table(changes: tuple[Change, ...], before: str, after: str) -> Table:
    """Changes side by side."""
    table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0))
    for header in ("What", before, after, "Change"):
        table.add_column(header, overflow="fold", header_style="quiet")
    for change in changes:
        plain = _plain(change)
        aside = f"{change.relative * 100:+.3g} %" if change.relative is not None and change.part != "version" else ""
        words = (aside, plain["direction"] or "", "" if change.kind is ChangeKind.CHANGED else plain["kind"])
        what = Text(change.subject, style="bold").append(f"\n  {change.part}" if change.part else "", style="not bold")
        said = Text("\n".join(word for word in words if word), style=_DIRECTION_STYLES.get(plain["direction"], ""))
        table.add_row(what, Text(plain["old"] or "-"), Text(plain["new"] or "-"), said)
    return table


_DIRECTION_STYLES = {"tighter": "green", "looser": "yellow"}


@app.command()
def schema(
    cases: Annotated[bool, typer.Option("--cases", help="The schema of case files instead.")] = False,
    contracts: Annotated[bool, typer.Option("--contracts", help="That of feature contracts instead.")] = False,
) -> None:
    """Print the JSON Schema of policies, for editors to complete and check as one types."""
    if cases and contracts:
        raise typer.BadParameter("--cases and --contracts were both given; ask for one schema at a time")
    print_json(contracts_schema() if contracts else cases_schema() if cases else policy_schema())


@app.command()
def activate(
    file: PolicyFile,
    home: HomeOption = None,
    cases: Annotated[
        Path | None, typer.Option("--cases", help="The case file; FILE's .cases.yaml if left out.")
    ] = None,
) -> None:
    """Make a policy the active one, by an entry of the log. Its cases run first, and all must be good."""
    tested = compiled(file)
    require_cases(tested, cases or cases_file(file))
    settings = chosen(home)
    single_threaded()
    with log_to_write(settings) as folder:
        kept = file_bytes(cases or cases_file(file))
        request = ActivationRequest(tested, settings.principal, environment_here(), shell_clock(), cases=kept)
        activated(folder.store, request)
        with folder.store.reader() as reader:
            newest = next(row for row in reader.activations() if row.strategy == tested.parsed.policy.strategy)
    policy = tested.parsed.policy
    said = f"{policy.family} v{policy.version} runs {policy.strategy} in {folder.store.origin}: entry {newest.sequence}"
    out().print(Text(said), soft_wrap=True)
