"""Order dataflows of any size, over generated scalar nodes: the same for the engine and for Hamilton's driver."""

from __future__ import annotations

import sys
from dataclasses import dataclass
from datetime import UTC, datetime
from importlib import util
from pathlib import Path
from types import ModuleType
from typing import Any

from hamilton import driver

from dataflows.engine.catalog import NodeModule
from dataflows.engine.compile import compiled_strategy
from dataflows.engine.dataflow import Dataflow, Kind, Strategy
from dataflows.engine.plan import Plan
from nodes.vocabulary.units import Frac, Panel, Shares
from policies.parse import parsed_policy

AS_OF = datetime(2005, 1, 3, 21, tzinfo=UTC)
START_FRAC = 0.7
WIDTH = 10
_HEAD = '"""Generated."""\nfrom nodes.vocabulary.units import Frac\n'
_PLAIN_HEAD = '"""Generated."""\n'
_OTHER = '''
def other_frac(start_frac: {unit}) -> {unit}:
    """Another start."""
    return start_frac * 0.9
'''
_NODE = '''
def node_{n}_frac({first}: {unit}, {second}: {unit}) -> {unit}:
    """A sum of two earlier nodes."""
    return {first} + {second}
'''
_POLICY = """
policy: generated
version: 1
strategy: generated
supersedes: null
owner: benchmarks
effective_from: 2000-01-01T00:00:00Z
why: One rule over the last of the generated nodes.
params: {{lot_shares: 1}}
rules:
  - id: last
    require: node_{last}_frac <= max_last_frac
    limits: {{max_last_frac: 1.0e+300}}
    then: deny
    because: "Last node is {{node_{last}_frac}}"
    plain: "It is too much."
    source: benchmarks
"""


@dataclass(frozen=True)
class OrderSnapshot:
    """Inputs of a generated order dataflow."""

    proposed_order_shares: Shares
    start_frac: Frac


@dataclass(frozen=True)
class SessionSnapshot:
    """Inputs of the session dataflow that a strategy must have."""

    panel: Panel


def order_snapshot() -> OrderSnapshot:
    """The snapshot that every generated dataflow runs on."""
    return OrderSnapshot(Shares(100), Frac(START_FRAC))


def order_plan(n_nodes: int, folder: Path) -> Plan:
    """The compiled order dataflow of n generated nodes and one rule."""
    strategy = Strategy(
        name="generated",
        session=Dataflow("generated-session", Kind.SESSION, (), SessionSnapshot, ("panel",)),
        order=Dataflow("generated-order", Kind.ORDER, ("guardrails",), OrderSnapshot, tuple(outputs(n_nodes))),
    )
    modules = [NodeModule("guardrails", _module(_HEAD, "Frac", n_nodes, folder))]
    policy = parsed_policy(_POLICY.format(last=n_nodes - 1).encode(), "generated.yaml")
    return compiled_strategy(policy, strategy, modules).order


def hamilton_driver(n_nodes: int, folder: Path) -> driver.Driver:
    """Hamilton's own driver over the same functions, annotated plainly, since it refuses a float for a NewType."""
    return driver.Builder().with_modules(_module(_PLAIN_HEAD, "float", n_nodes, folder)).build()


def outputs(n_nodes: int) -> list[Any]:
    """The nodes that nothing reads: the last of the generated ones."""
    return [f"node_{n}_frac" for n in range(n_nodes - min(n_nodes, WIDTH), n_nodes)]


def _module(head: str, unit: str, n_nodes: int, folder: Path) -> ModuleType:
    """A module of n nodes, ten abreast: each reads two of the ten before it, so that a thousand are a hundred deep."""
    nodes = []
    for n in range(n_nodes):
        first, second = (f"node_{n - back}_frac" if n >= WIDTH else "start_frac" for back in (WIDTH, 1 + n % WIDTH))
        nodes.append(_NODE.format(n=n, first=first, second=second if second != first else "other_frac", unit=unit))
    path = folder / f"generated_{unit.lower()}_{n_nodes}.py"
    path.write_text(head + _OTHER.format(unit=unit) + "".join(nodes), encoding="utf-8")
    spec = util.spec_from_file_location(path.stem, path)
    assert spec is not None
    assert spec.loader is not None
    module = util.module_from_spec(spec)
    sys.modules[path.stem] = module
    spec.loader.exec_module(module)
    return module
