"""A label is read by labels alone, and never stands beside what decides."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date

import pytest

from dataflows.engine.catalog import NodeModule
from dataflows.engine.compile import compiled_dataflow, compiled_strategy
from dataflows.engine.dataflow import Dataflow, Kind
from dataflows.engine.plan import Plan
from nodes.vocabulary.errors import PlanError
from nodes.vocabulary.units import Frac
from policies.parse import parsed_policy
from tests.dataflows.engine import tiny
from tests.dataflows.engine.modules import labelled, later, orders, sessions

POLICY = """
policy: small
version: 1
strategy: small
supersedes: null
owner: tests
effective_from: 2020-01-01T00:00:00Z
why: Labels small enough to know by heart.
rules: []
"""


@dataclass(frozen=True)
class Snapshot:
    """One return."""

    session_on: date
    move_frac: Frac


def plan(*outputs: str, stages: tuple[str, ...] = ("features", "labels"), deciding: str = "features") -> Plan:
    dataflow = Dataflow("small", Kind.SESSION, stages, Snapshot, outputs)
    modules = [NodeModule("labels", later), NodeModule(deciding, labelled)]
    return compiled_dataflow(parsed_policy(POLICY.encode(), "small.yaml"), dataflow, modules)


def test_labels_may_be_outputs_where_nothing_decides_and_may_read_each_other() -> None:
    assert {"next_move_frac", "next_sign_frac"} < {node.name for node in plan("next_sign_frac").nodes}


def test_a_feature_that_reads_a_label_is_refused() -> None:
    with pytest.raises(PlanError, match=r"labelled\.hopeful_frac reads next_move_frac, a label, known only later"):
        plan("hopeful_frac")


def test_a_long_way_from_a_label_is_refused_at_its_first_step() -> None:
    with pytest.raises(PlanError, match=r"labelled\.hopeful_frac reads next_move_frac, a label"):
        plan("hopeless_frac")


@pytest.mark.parametrize("stage", ["signals", "portfolio", "guardrails", "routing", "execution", "journal"])
def test_a_label_beside_a_stage_that_decides_is_refused_though_nothing_reads_it(stage: str) -> None:
    with pytest.raises(
        PlanError, match=r"later\.next_move_frac is a label, known only later, yet dataflow small reads"
    ):
        plan("next_move_frac", "plain_frac", stages=("labels", stage), deciding=stage)


def test_a_strategy_cannot_take_part_of_the_labels() -> None:
    """Its session run is handed to its order runs by code that no graph sees."""
    strategy = tiny.strategy()
    strategy = replace(strategy, session=replace(strategy.session, stages=(*strategy.session.stages, "labels")))
    modules = (NodeModule("features", sessions), NodeModule("guardrails", orders))
    with pytest.raises(PlanError, match=r"dataflow .* of strategy tiny has the stage labels.*take the stage out"):
        compiled_strategy(parsed_policy(tiny.POLICY.encode(), "tiny.yaml"), strategy, modules)
