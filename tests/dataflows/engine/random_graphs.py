"""Order dataflows drawn at random: modules of generated source, so that nodes have code to check and to archive."""

from __future__ import annotations

import importlib.util
import random
import re
import sys
from dataclasses import make_dataclass
from pathlib import Path
from types import ModuleType

from dataflows.engine.catalog import NodeModule
from dataflows.engine.compile import Generation, compiled_strategy
from dataflows.engine.dataflow import Dataflow, Kind, Strategy
from nodes.vocabulary.units import Frac, Shares
from policies.parse import parsed_policy
from tests.dataflows.engine import tiny
from tests.dataflows.engine.modules import sessions

POLICY = """
policy: random
version: 1
strategy: random
supersedes: null
owner: risk
effective_from: 2020-01-01T00:00:00Z
why: A policy for random graphs.
params: {lot_shares: 1, lag_sessions: 1}
signal: {return_frac: 1.0}
rules:
  - id: last
    require: LAST <= max_last_frac
    limits: {max_last_frac: 1.0e300}
    then: deny
    because: "Last is {LAST:.1f}"
    plain: "Too much."
    source: none
"""
_FORMULAS = {
    1: ("a + 1.5", "a * 0.5", "-a", "1.0 / a", "a if a > 0 else None", "math.sqrt(a)"),
    2: ("a + b", "a - b", "a * b", "a / b", "min(a, b)", "(0.0 if a is None else a) + b"),
    3: ("a + b * c", "max(a, b, c)", "a if b > c else c", "a / (b - c)"),
}
N_INPUTS = 5


def module(source: str, name: str, folder: Path) -> ModuleType:
    """The module of some source text, from a file, so that its functions can be inspected."""
    path = folder / f"{name}.py"
    path.write_text(source, encoding="utf-8")
    spec = importlib.util.spec_from_file_location(name, path)
    assert spec is not None
    assert spec.loader is not None
    made = importlib.util.module_from_spec(spec)
    sys.modules[name] = made
    spec.loader.exec_module(made)
    return made


def source(n_nodes: int, seed: int, *, is_tame: bool = False) -> str:
    """Source of that many float nodes; tame ones never fail, so that timing measures calls."""
    draw = random.Random(seed)
    lines = ['"""Generated nodes."""', "import math", "from nodes.vocabulary.units import Frac, Shares", ""]
    known = [f"input_{number}_frac" for number in range(N_INPUTS)]
    for number in range(n_nodes):
        width = draw.choice((1, 2, 2, 3))
        arguments = draw.sample(known[-12:], min(width, len(known)))
        formula = "a + b" if is_tame and width > 1 else "a * 0.5" if is_tame else draw.choice(_FORMULAS[len(arguments)])
        renamed = re.sub(r"\b[abc]\b", lambda match: arguments["abc".index(match[0])], formula)  # noqa: B023  # used at once
        optional = "is None" in formula
        typed = [f"{name}: Frac{' | None' if optional and place == 0 else ''}" for place, name in enumerate(arguments)]
        lines += [
            f"def node_{number}_frac({', '.join(typed)}) -> Frac:",
            '    """A node."""',
            f"    return {renamed}",
            "",
        ]
        known.append(f"node_{number}_frac")
    lines += ["def sized_frac(order_shares: Shares, input_0_frac: Frac) -> Frac:", '    """Depends on the size."""']
    lines += ["    return order_shares * input_0_frac", ""]
    return "\n".join(lines)


def generation(n_nodes: int, seed: int, folder: Path, *, is_tame: bool = False) -> Generation:
    """A compiled strategy whose order dataflow has that many random nodes, all of them outputs."""
    name = f"random_graph_{n_nodes}_{seed}_{int(is_tame)}"
    nodes = module(source(n_nodes, seed, is_tame=is_tame), name, folder)
    outputs = (*(f"node_{number}_frac" for number in range(n_nodes)), "sized_frac")
    fields = [("proposed_order_shares", Shares), *((f"input_{number}_frac", Frac) for number in range(N_INPUTS))]
    snapshot = make_dataclass("RandomSnapshot", fields, frozen=True)
    strategy = Strategy(
        name="random",
        session=Dataflow("random-session", Kind.SESSION, ("features",), tiny.SessionSnapshot, ("score",)),
        order=Dataflow("random-order", Kind.ORDER, ("guardrails",), snapshot, outputs),
    )
    policy = POLICY.replace("LAST", f"node_{n_nodes - 1}_frac").encode()
    found = (NodeModule("features", sessions), NodeModule("guardrails", nodes))
    return compiled_strategy(parsed_policy(policy, "random.yaml"), strategy, found)
