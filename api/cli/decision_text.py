"""A decision for a terminal: headline, reasons, both truth tables, the nodes as a tree, the digests."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from rich.console import Console, Group
from rich.padding import Padding
from rich.table import Table
from rich.text import Text
from rich.tree import Tree

from api.pages.bands import bands_of, title
from api.views.decision import POLICY_KINDS, DecisionView, NodeView, RuleView, headline, summary
from api.views.shown import Shown, told_apart
from nodes.vocabulary.errors import EdgeError

_MARKS: Mapping[str, str] = {"holds": "✓", "fails": "✕", "unknown": "?", "skipped": "-"}


def print_decision(console: Console, view: DecisionView) -> None:
    """Everything about a decision, the most wanted first."""
    console.print(Text(headline(view), style="bold"))
    console.print(Text(f"{summary(view)}\n"))
    for name, value in _head(view):
        console.print(Text.assemble((f"{name:<10}", "quiet"), value), soft_wrap=True)
    console.print(Text("\nWhy", style="bold"))
    for text in _reasons(view):
        console.print(text)
    console.print(Text("\nRules", style="bold"))
    console.print(rules_table(view.rules))
    console.print(nodes_tree(view))
    console.print(Text("\nDigests", style="bold"))
    width = 1 + max((len(digest.label) for digest in view.digests), default=0)
    for digest in view.digests:
        console.print(Text.assemble((f"{digest.label:<{width}}", "quiet"), digest.text), soft_wrap=True)
    for at, sentence in view.later:
        console.print(Text.assemble("\n", (f"{at}  ", "quiet"), sentence), end="")
    console.print(Text.assemble("\n", ("assay replay ", "id"), (view.decision_id[:12], "id"), " computes it again."))


def _head(view: DecisionView) -> tuple[tuple[str, str], ...]:
    return (
        ("decision", view.decision_id),
        ("log", f"{view.origin}, entry {view.sequence}"),
        ("as of", f"{view.as_of}, recorded {view.decided_at}"),
        ("policy", view.policy),
    )


def _reasons(view: DecisionView) -> Iterator[Text]:
    for rule in view.deciders:
        yield Text.assemble((f"  {rule.effect:<7}", rule.effect), (rule.rule_id, "bold"), f": {rule.because}")
        yield Text(f"         {rule.plain}", style="italic")
    if not view.deciders:
        yield Text("  No rule spoke against it.")


def rules_table(rules: tuple[RuleView, ...]) -> Table:
    """Both truth tables beside each other, with what each rule compared."""
    table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0))
    table.add_column("  must hold", header_style="quiet", overflow="fold")
    for header in ("as proposed", "as decided", "effect"):
        table.add_column(header, header_style="quiet", no_wrap=True)
    for rule in sorted(rules, key=lambda rule: rule.is_quiet):
        name = Text(f"  {rule.rule_id}", style="" if rule.is_quiet else "bold")
        said = Group(name, Padding(Text(compared(rule), style="quiet"), (0, 0, 0, 4)))
        table.add_row(said, _outcome(rule.proposed), _outcome(rule.final), Text(rule.effect, style=rule.effect))
    return table


def _outcome(word: str) -> Text:
    return Text(f"{_MARKS.get(word, ' ')} {word}", style=word)


def compared(rule: RuleView) -> str:
    """The rule's text with the values that it compared behind their names."""
    values = {operand.name: _change(*told_apart(operand.proposed, operand.final)) for operand in rule.operands}
    return re.sub(
        r"[A-Za-z_][A-Za-z0-9_]*",
        lambda word: f"{word[0]} ({values[word[0]]})" if word[0] in values else word[0],
        rule.require,
    )


def _change(was: Shown, now: Shown) -> str:
    reason = f" ({now.exact})" if now.is_absent else ""
    return f"{now.text}{reason}" if was.text == now.text else f"{was.text} -> {now.text}{reason}"


def nodes_tree(view: DecisionView) -> Tree:
    """The nodes of both runs by stage, with value, unit, what each reads and the digest of its code."""
    tree = Tree(Text("\nNodes", style="bold"), guide_style="quiet")
    for band in bands_of(view.nodes):
        members = [node for node in view.nodes if node.band == band]
        branch = tree.add(Text.assemble((title(band), "gold"), (f"  {len(members)}", "quiet")))
        for node in members:
            branch.add(_node_text(node))
    return tree


def _value_text(node: NodeView) -> Text:
    was, now = told_apart(node.proposed or node.value, node.value)
    text = Text.assemble((node.name, "bold"), " = ", (_change(was, now), "unknown" if now.is_absent else ""))
    return text.append(f"  {node.unit}", style="quiet")


def _node_text(node: NodeView) -> Text:
    text = _value_text(node)
    if node.reads:
        text.append(f"  <- {', '.join(key.partition('.')[2] for key in node.reads)}", style="quiet")
    if node.code_digest and node.kind not in POLICY_KINDS:
        text.append(f"  {node.code_digest[7:19]}", style="quiet")
    return text


def lineage_tree(view: DecisionView, name: str) -> Tree:
    """What one node was computed from, down to the snapshot. Raises EdgeError when the decision has no such node."""
    by_key = {node.key: node for node in view.nodes}
    root = by_key.get(f"order.{name}") or by_key.get(f"session.{name}")
    if root is None:
        raise EdgeError(f"decision {view.decision_id[:12]} has no node {name!r}; see `assay trace show` for its nodes")
    tree = Tree(_value_text(root), guide_style="quiet")
    _grow(tree, root, by_key, {root.key})
    return tree


def _grow(branch: Tree, node: NodeView, by_key: Mapping[str, NodeView], seen: set[str]) -> None:
    for key in node.reads:
        child = by_key.get(key)
        if child is None:
            continue
        text = _value_text(child)
        if key in seen and child.reads:
            branch.add(text.append("  (shown above)", style="quiet"))
            continue
        seen.add(key)
        _grow(branch.add(text), child, by_key, seen)
