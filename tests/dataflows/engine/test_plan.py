"""A plan's digest covers what its manifest says, and nothing that cannot change a run."""

from __future__ import annotations

from dataclasses import replace

import pytest

from dataflows.engine.plan import CONSTANT_KINDS, NodeKind, Plan
from dataflows.engine.recorded import recorded_plan
from nodes.vocabulary.canonical import decode, digest
from tests.dataflows.engine import tiny

PLAN = tiny.generation().order


def test_the_digest_is_that_of_the_manifest() -> None:
    assert PLAN.digest == digest("plan", PLAN.manifest)


@pytest.mark.parametrize("field", ["code_digest", "unit", "arguments", "doc"])
def test_changing_a_node_changes_the_digest(field: str) -> None:
    node = PLAN.node("order_notional_usd")
    other = PLAN.node("participation_frac")
    changed = replace(node, **{field: getattr(other, field)})
    nodes = tuple(changed if item.name == node.name else item for item in PLAN.nodes)
    assert (replace(PLAN, nodes=nodes).digest == PLAN.digest) is (getattr(node, field) == getattr(other, field))


def test_sources_are_archived_beside_the_manifest_not_in_it() -> None:
    assert replace(PLAN, sources={}).digest == PLAN.digest


def test_the_manifest_names_every_node_with_its_unit_and_the_rules_with_their_texts() -> None:
    manifest = decode(PLAN.manifest)
    assert [node["name"] for node in manifest["nodes"]] == [node.name for node in PLAN.nodes]
    assert {rule["rule_id"] for rule in manifest["rules"]} == {"notional", "liquidity", "large-spread"}


def test_constants_of_the_policy_are_not_computed() -> None:
    assert {node.kind for node in PLAN.computed}.isdisjoint(CONSTANT_KINDS)
    assert PLAN.inputs == ("adv_shares", "close_price_usd", "position_shares", "spread_bps")


def test_the_computation_digest_knows_no_policy_but_all_that_a_plan_computes() -> None:
    """SGN-09. By it rows of a session run are used again under a later policy: no change of a value may escape it."""
    assert replace(PLAN, policy_digest=bytes(32)).computation_digest == PLAN.computation_digest != PLAN.digest
    for changed in (replace(PLAN, nodes=PLAN.nodes[:-1]), replace(PLAN, rules=()), replace(PLAN, lot_shares=7)):
        assert changed.computation_digest != PLAN.computation_digest


@pytest.mark.parametrize("plan", [tiny.generation().session, PLAN], ids=["session", "order"])
def test_another_value_or_other_code_of_any_node_is_another_computation(plan: Plan) -> None:
    for place, node in enumerate(plan.nodes):
        other = replace(node, value=("another", node.value), code_digest=b"other" + node.code_digest)
        for name in ("value", "code_digest"):
            changed = replace(node, **{name: getattr(other, name)})
            nodes = (*plan.nodes[:place], changed, *plan.nodes[place + 1 :])
            assert replace(plan, nodes=nodes).computation_digest != plan.computation_digest


def test_a_computation_is_the_same_when_its_plan_is_read_back() -> None:
    assert recorded_plan(PLAN.manifest).computation_digest == PLAN.computation_digest


def test_parameters_are_those_that_the_plan_reads() -> None:
    assert {node.name for node in PLAN.nodes if node.kind is NodeKind.PARAMETER} == set(PLAN.params)
    assert PLAN.params["lot_shares"] == PLAN.lot_shares
