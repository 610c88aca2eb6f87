"""What the engine needs of an order dataflow is asked at compile time, not found out by an order."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace

import pytest

from dataflows.engine.catalog import NodeModule
from dataflows.engine.compile import compiled_strategy
from nodes.vocabulary.errors import AssayError, PlanError, PolicyError
from nodes.vocabulary.units import Frac, Shares
from policies.parse import parsed_policy
from tests.dataflows.engine import tiny
from tests.dataflows.engine.modules import faulty, lots, numbers, orders, sessions


@dataclass(frozen=True)
class SizelessSnapshot:
    """Has no proposed size."""

    adv_shares: Shares


@dataclass(frozen=True)
class SizedSnapshot(tiny.OrderSnapshot):
    """Has the size that the engine supplies."""

    order_shares: Shares


@dataclass(frozen=True)
class FracSnapshot:
    """Proposes a fraction."""

    proposed_order_shares: Frac


def complaints(snapshot: type) -> str:
    strategy = tiny.strategy()
    strategy = replace(strategy, order=replace(strategy.order, snapshot=snapshot))
    modules = (NodeModule("features", sessions), NodeModule("guardrails", orders))
    with pytest.raises(AssayError, match=r"\w") as caught:
        compiled_strategy(parsed_policy(tiny.POLICY.encode(), "tiny.yaml"), strategy, modules)
    return str(caught.value)


@pytest.mark.parametrize("lot", [0, -10])
def test_a_lot_that_no_size_can_be_rounded_to_is_refused_at_its_place(lot: int) -> None:
    with pytest.raises(PolicyError, match=rf"tiny.yaml:9:22: lot_shares was {lot}, expected at least 1; write lot"):
        tiny.generation(tiny.POLICY.replace("lot_shares: 10", f"lot_shares: {lot}"))


def test_a_policy_without_a_lot_is_refused() -> None:
    with pytest.raises(PlanError, match=r"tiny-order reads lot_shares, which nothing provides; did you mean"):
        tiny.generation(tiny.POLICY.replace("lot_shares: 10, ", ""))


def test_a_lot_that_a_node_computes_is_refused() -> None:
    with pytest.raises(PlanError, match=r"lot_shares is a node of the node kind, not a parameter; rename the node"):
        tiny.generation(tiny.POLICY.replace("lot_shares: 10, ", ""), (orders, lots))


@pytest.mark.parametrize("snapshot", [SizelessSnapshot, FracSnapshot])
def test_a_snapshot_without_a_proposed_size_in_shares_is_refused(snapshot: type) -> None:
    said = complaints(snapshot)
    assert re.search(r"Snapshot has no field proposed_order_shares of unit Shares; add it", said), said


def test_a_snapshot_with_the_size_that_the_engine_supplies_is_refused() -> None:
    assert "SizedSnapshot has a field order_shares, which the engine supplies; rename the field" in complaints(
        SizedSnapshot
    )


def test_a_node_that_tells_reducing_orders_by_a_number_is_refused() -> None:
    with pytest.raises(PlanError, match=r"order_reduces_risk is Frac, but .* need a truth value; return Flag"):
        tiny.generation(modules=(numbers,))


def test_a_cap_that_is_the_size_itself_is_refused() -> None:
    policy = tiny.POLICY.replace("clip: participation_cap_shares", "clip: order_shares")
    with pytest.raises(PolicyError, match=r"cap order_shares depends on order_shares, which it is to set"):
        tiny.generation(policy)


def test_a_cycle_does_not_hide_what_is_wrong_with_a_cap() -> None:
    policy = tiny.POLICY.replace("clip: participation_cap_shares", "clip: participation_frac")
    with pytest.raises(PolicyError, match=r"cap participation_frac is Frac") as caught:
        tiny.generation(policy, (orders, faulty), ("first_in_cycle_frac",))
    assert "nodes read each other in a cycle" in str(caught.value)
