"""`assay catalog` and `assay graph`: which nodes exist, and how a dataflow joins them."""

from __future__ import annotations

import subprocess
from collections.abc import Mapping
from enum import Enum
from pathlib import Path
from typing import Annotated, Any

import graphviz
import typer
from rich.console import Console
from rich.table import Table
from rich.text import Text
from rich.tree import Tree

from api.bootstrap import read_candidate
from api.cli.output import JsonOption, err, out, print_facts, print_json
from api.cli.place import chosen
from api.cli.writing import write_file
from api.pages.bands import title
from dataflows.engine.catalog import STAGES, CatalogNode, catalog, installed_modules
from dataflows.engine.lifted import plan_drawing
from dataflows.engine.plan import CONSTANT_KINDS, NodeKind, Plan, PlanNode
from nodes.vocabulary.errors import EdgeError
from policies.slips import suggestion

PolicyOption = Annotated[
    Path | None,
    typer.Option("--policy", help="The policy to compile with; the shipped one if left out.", metavar="FILE"),
]


def list_catalog(
    name: Annotated[str | None, typer.Argument(help="One node, in full.", metavar="[NAME]", show_default=False)] = None,
    as_json: JsonOption = False,
) -> None:
    """List every node that installed packages offer, or show one in full."""
    nodes = catalog(installed_modules(STAGES))
    if name is not None:
        _print_one(name, nodes, as_json=as_json)
    elif as_json:
        print_json([plain_node(node) for node in nodes.values()])
    else:
        _print_all(out(), nodes)


def plain_node(node: CatalogNode) -> dict[str, Any]:
    """A node of the catalog for programs."""
    return {
        "name": node.name,
        "unit": node.unit.name,
        "stage": node.stage,
        "arguments": {
            name: f"{unit.name}{' or absent' if unit.is_optional else ''}" for name, unit in node.arguments.items()
        },
        "module": node.module,
        "summary": node.doc.summary,
        "formula": node.doc.formula,
        "missing": node.doc.missing,
        "source": node.doc.source,
        "tags": dict(node.tags),
    }


def _print_one(name: str, nodes: Mapping[str, CatalogNode], *, as_json: bool) -> None:
    if name not in nodes:
        raise EdgeError(f"no node is named {name!r}; {suggestion(name, nodes)}")
    plain = plain_node(nodes[name])
    if as_json:
        print_json(plain)
        return
    readers = [other.name for other in nodes.values() if name in other.arguments]
    arguments = ", ".join(f"{argument}: {unit}" for argument, unit in plain["arguments"].items())
    facts = {**plain, "arguments": arguments or "none", "read by": ", ".join(readers) or "rules and outputs only"}
    print_facts(out(), {key: value for key, value in facts.items() if value})


def _print_all(console: Console, nodes: Mapping[str, CatalogNode]) -> None:
    for stage in (stage for stage in STAGES if any(node.stage == stage for node in nodes.values())):
        table = Table.grid(padding=(0, 2))
        table.add_column(no_wrap=True)
        table.add_column(no_wrap=True)
        table.add_column(overflow="fold")
        for node in (node for node in nodes.values() if node.stage == stage):
            table.add_row(Text(f"  {node.name}", style="bold"), Text(node.unit.name, style="quiet"), node.doc.summary)
        console.print(Text(title(stage), style="gold"))
        console.print(table)
    console.print(Text.assemble(f"\n{len(nodes)} nodes. One in full: ", ("assay catalog NAME", "id")))


class GraphFormat(Enum):
    """How a graph is written."""

    TEXT = "text"
    DOT = "dot"
    SVG = "svg"
    PNG = "png"


def graph(
    dataflow: Annotated[
        str | None, typer.Argument(help="A dataflow, or `session` or `order`; both if left out.", show_default=False)
    ] = None,
    form: Annotated[
        GraphFormat, typer.Option("--format", help="text is ours; the others are Hamilton's drawing.")
    ] = GraphFormat.TEXT,
    file: Annotated[Path | None, typer.Option("--output", "-o", help="Where to write it.")] = None,
    policy: PolicyOption = None,
) -> None:
    """Show how a dataflow joins its nodes under a policy."""
    plans = _plans(policy, dataflow)
    if form is GraphFormat.TEXT:
        for plan in plans:
            out().print(plan_tree(plan))
        return
    for plan in plans:
        source = plan_drawing(plan)
        if form is GraphFormat.DOT and file is None:
            typer.echo(source)
        else:
            _write_drawing(source, form, _target(file, plan, form, n_plans=len(plans)))


def _plans(policy: Path | None, dataflow: str | None) -> tuple[Plan, ...]:
    generation = read_candidate(policy or chosen(None).policy).generation
    plans = (generation.session, generation.order)
    found = tuple(plan for plan in plans if dataflow in (None, plan.name, plan.kind.value))
    if not found:
        known = ", ".join(plan.name for plan in plans)
        raise EdgeError(f"no dataflow is named {dataflow!r}, only {known}; name one of them")
    return found


def _target(file: Path | None, plan: Plan, form: GraphFormat, *, n_plans: int) -> Path:
    default = Path(f"{plan.name}.{form.value}")
    if file is None:
        return default
    return file if n_plans == 1 else file.with_name(f"{file.stem}-{plan.kind.value}{file.suffix or '.' + form.value}")


def _write_drawing(source: str, form: GraphFormat, target: Path) -> None:
    """Write a drawing. Without the `dot` program only its source can be written; that is then done instead."""
    try:
        data = source.encode() if form is GraphFormat.DOT else graphviz.Source(source).pipe(format=form.value)
    except graphviz.ExecutableNotFound as error:
        written = target.with_suffix(".dot")
        write_file(written, source.encode())
        message = (
            f"the program `dot` is not installed: {target} was not drawn, its source was written to {written}; "
            f"install Graphviz (apt-get install graphviz), then run: dot -T{form.value} {written} -o {target}"
        )
        raise EdgeError(message) from error
    except subprocess.CalledProcessError as error:
        raise EdgeError(
            f"`dot` failed with {error.returncode} on {target}; write the source with --format dot"
        ) from error
    write_file(target, data)
    err().print(Text(f"{target} written"))


def plan_tree(plan: Plan) -> Tree:
    """A plan by stage, in the order in which it runs: each node with its unit and what it reads."""
    computed = [node for node in plan.nodes if node.kind not in CONSTANT_KINDS]
    head = Text.assemble((plan.name, "bold"), (f"  {len(computed)} nodes, {len(plan.rules)} rules", "quiet"))
    tree = Tree(head, guide_style="quiet")
    for stage in dict.fromkeys(_stage(node) for node in computed):
        branch = tree.add(Text(title(stage), style="gold"))
        for node in (node for node in computed if _stage(node) == stage):
            branch.add(_node_text(node))
    return tree


def _stage(node: PlanNode) -> str:
    if node.kind is NodeKind.RULE:
        return "rules"
    return node.stage or {NodeKind.INPUT: "snapshot", NodeKind.GATHER: "signals"}.get(node.kind, "size")


def _node_text(node: PlanNode) -> Text:
    text = Text.assemble((node.name, "bold"), (f"  {node.unit.name}", "quiet"))
    if node.kind is NodeKind.RULE:
        text.append(f"  {node.doc.formula}")
    elif node.arguments:
        text.append(f"  <- {', '.join(node.arguments)}", style="quiet")
    return text
