"""The guardrails of the shipped policy in the engine's compiled form, beside the rule engines that install from PyPI.

One rule of three comparisons, then every rule of the order plan of `us-equities`: the same rules, translated from the
same trees, over the same values, in turn. All answer alike, which `agreement` shows.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import partial

from dataflows.engine.rules import rule_function, rule_names, typed_rule
from nodes.vocabulary.units import Bps, Flag, Frac, Unit, unit_of
from policies.grammar import Comparison, Expression, Name, Not, rule_tree
from policies.parse import parsed_policy
from tests.benchmarks.rule_peers import Values, peers
from tests.benchmarks.timing import Effort, Row, figure_us, side_by_side
from tests.dataflows.engine.shipped import POLICY

SQL = "participation_frac <= max_participation_frac AND (estimated_spread_bps <= max_spread_bps OR order_frac < 0.01)"
VALUES = {
    "participation_frac": 0.04,
    "max_participation_frac": 0.05,
    "estimated_spread_bps": 80.0,
    "max_spread_bps": 50.0,
    "order_frac": 0.003,
}
MAX_US = 1.0


def rows(effort: Effort) -> list[Row]:
    """One rule beside each peer, then all guardrails of a policy beside each peer."""
    trees, values = guardrails(are_held=True)
    return [
        *_beside("one rule of three comparisons", [rule_tree(SQL)], VALUES, effort),
        *_beside(f"the {len(trees)} guardrails of us-equities", trees, values, effort),
    ]


def answers(trees: Sequence[Expression], values: Values) -> dict[str, object]:
    """What each contestant says of each rule."""
    contestants: Mapping[str, Callable[[], object]] = {"ours": _compiled(trees, values), **peers(trees, values)}
    return {name: ask() for name, ask in contestants.items()}


def guardrails(*, are_held: bool) -> tuple[list[Expression], Values]:
    """The trees of the shipped policy's rules, and plain numbers well within or well beyond the limits of all."""
    rules = parsed_policy(POLICY.read_bytes(), POLICY.name).policy.rules
    trees = [rule_tree(rule.require) for rule in rules]
    values: dict[str, float | bool] = {name: float(str(value)) for rule in rules for name, value in rule.limits.items()}
    for tree in trees:
        match tree:
            case Comparison(op, Name(name), Name(limit)):
                is_larger = op.startswith(">") is are_held
                values[name] = values[limit] + (1.0 if is_larger else -1.0)
            case Not(Name(name)):
                values[name] = not are_held
    return trees, values


def _beside(what: str, trees: Sequence[Expression], values: Values, effort: Effort) -> list[Row]:
    limit_us = MAX_US * len(trees)
    took = side_by_side({"ours": _compiled(trees, values), **peers(trees, values)}, effort)
    return [
        Row(
            what,
            figure_us(took["ours"]),
            f"{peer}: {figure_us(took[peer])}",
            f"{took[peer] / took['ours']:,.0f}x",
            f"under {limit_us:.0f} us, ahead",
            took["ours"] < min(limit_us, took[peer]),
        )
        for peer in took
        if peer != "ours"
    ]


def _compiled(trees: Sequence[Expression], values: Values) -> Callable[[], list[bool | None]]:
    """The rules as an order run calls them: Python functions over positional values."""
    calls = [_call(tree, values) for tree in trees]
    return lambda: [call() for call in calls]


def _call(tree: Expression, values: Values) -> Callable[[], bool | None]:
    units = {name: _unit(name, values) for name in rule_names(tree)}
    typed = typed_rule(tree, units, _refuse)
    return partial(rule_function(typed, units), *(values[name] for name in rule_names(typed)))


def _unit(name: str, values: Values) -> Unit:
    if isinstance(values[name], bool):
        return unit_of(Flag)
    return unit_of(Bps if name.endswith("_bps") else Frac)


def _refuse(what: str, mend: str, offset: int = 0) -> None:
    message = f"the benchmark's rule does not type: {what} at {offset}; {mend}"
    raise AssertionError(message)
