"""A decision's view without the values that are masked: nothing that is shown may tell them."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace

from api.views.decision import DecisionView, NodeView, Operand, RuleView
from api.views.shown import Shown
from dataflows.engine.plan import PlanRule
from governance.bundle import BundledRuns
from governance.disclosure import Masked

MASKED = Shown("masked", "masked: the trace commits to it, its value is not here", is_absent=True)
_SILENT = "The numbers of this reason are masked."


def masked_view(view: DecisionView, masked: Masked, runs: BundledRuns, *, with_session: bool) -> DecisionView:
    """The view with masked nodes, operands and reasons blank; the same view when nothing is masked.

    Args:
        view: everything.
        masked: what is withheld.
        runs: what the view is of.
        with_session: whether the session run may be shown; it may not when its entry would tell what is masked.
    """
    if not masked.names:
        return view
    shown = [node for node in view.nodes if with_session or node.run != "session"]
    rules = {rule.rule_id: rule for rule in runs.order.plan.rules}
    return replace(
        view,
        nodes=tuple(_node(node, masked.order if node.run == "order" else masked.session) for node in shown),
        rules=tuple(_rule(rule, rules[rule.rule_id], masked.order) for rule in view.rules),
        later=(),
    )


def _node(node: NodeView, masked: Collection[str]) -> NodeView:
    return replace(node, value=MASKED, proposed=None) if node.name in masked else node


def _rule(view: RuleView, rule: PlanRule, masked: Collection[str]) -> RuleView:
    operands = tuple(_operand(each, masked) for each in view.operands)
    outcome = {"proposed": "masked", "final": "masked", "effect": view.effect} if rule.node in masked else {}
    return replace(
        view,
        operands=operands,
        because=_said(view.because, rule.because, masked),
        plain=_said(view.plain, rule.plain, masked),
        **outcome,
    )


def _operand(operand: Operand, masked: Collection[str]) -> Operand:
    return replace(operand, proposed=MASKED, final=MASKED) if operand.name in masked else operand


def _said(text: str, template: str, masked: Collection[str]) -> str:
    """A reason, unless its template has a slot for something that is masked."""
    return _SILENT if any(f"{{{name}" in template for name in masked) else text
