"""One rule in the engine's compiled form, beside the rule engines that install from PyPI."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

import cel
import zen

from dataflows.engine.rules import rule_function, rule_names, typed_rule
from nodes.vocabulary.units import Bps, Frac, unit_of
from policies.grammar import rule_tree
from tests.benchmarks.timing import Effort, Row, figure_us, side_by_side

SQL = "participation_frac <= max_participation_frac AND (estimated_spread_bps <= max_spread_bps OR order_frac < 0.01)"
ZEN = "participation_frac <= max_participation_frac and (estimated_spread_bps <= max_spread_bps or order_frac < 0.01)"
CEL = "participation_frac <= max_participation_frac && (estimated_spread_bps <= max_spread_bps || order_frac < 0.01)"
VALUES = {
    "participation_frac": 0.04,
    "max_participation_frac": 0.05,
    "estimated_spread_bps": 80.0,
    "max_spread_bps": 50.0,
    "order_frac": 0.003,
}
MAX_US = 1.0


def rows(effort: Effort) -> list[Row]:
    """The rule's time, once beside each peer."""
    took = side_by_side({"ours": _compiled(), "zen-engine": _zen(), "common-expression-language": _cel()}, effort)
    return [
        Row(
            "one rule of three comparisons",
            figure_us(took["ours"]),
            f"{peer}: {figure_us(took[peer])}",
            f"{took[peer] / took['ours']:.0f}x",
            f"under {MAX_US:.0f} us, ahead",
            took["ours"] < min(MAX_US, took[peer]),
        )
        for peer in ("zen-engine", "common-expression-language")
    ]


def _compiled() -> Callable[[], object]:
    """The rule as an order run calls it: a Python function over positional values."""
    units = {name: unit_of(Bps if name.endswith("_bps") else Frac) for name in VALUES}
    tree = typed_rule(rule_tree(SQL), units, _refuse)
    return partial(rule_function(tree, units), *(VALUES[name] for name in rule_names(tree)))


def _zen() -> Callable[[], object]:
    return partial(zen.compile_expression(ZEN).evaluate, VALUES)


def _cel() -> Callable[[], object]:
    return partial(cel.compile(CEL).execute, VALUES)


def _refuse(what: str, mend: str, offset: int = 0) -> None:
    message = f"the benchmark's rule does not type: {what} at {offset}; {mend}"
    raise AssertionError(message)


def agreement() -> set[object]:
    """What the contestants say of the same values: one answer when they do the same work."""
    return {_compiled()(), _zen()(), _cel()()}
