"""A plan's digest covers what its manifest says, and nothing that cannot change a run."""

from __future__ import annotations

from dataclasses import replace

import pytest

from dataflows.engine.plan import CONSTANT_KINDS
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
