"""Which nodes there are and who uses them (UI-01)."""

from __future__ import annotations

import pytest

from api.bootstrap import read_candidate
from api.settings import SHIPPED_POLICY
from api.use_cases.dataflow_catalog import (
    VENUE_RULES,
    Usage,
    dataflow_named,
    dataflows_in_force,
    installed_nodes,
    node_named,
    usages,
)
from dataflows.engine.compile import Generation
from dataflows.gates import GATES
from nodes.vocabulary.errors import EdgeError


@pytest.fixture(scope="module")
def running() -> Generation:
    return read_candidate(SHIPPED_POLICY).generation


def test_dataflows_are_those_that_run_and_those_of_every_gate(running: Generation) -> None:
    found = dataflows_in_force(running, None)
    assert list(found)[:2] == ["us-equities-session", "us-equities-order"]
    assert set(GATES) < set(found)
    assert found["venue-rules"].policy.endswith("v1")


def test_the_shipped_rules_of_venues_are_there() -> None:
    assert VENUE_RULES.exists()


def test_usage_names_readers_dataflows_and_rules(running: Generation) -> None:
    used = usages(installed_nodes(), (running.session, running.order))
    assert "us-equities-order" in used["participation_frac"].dataflows
    assert {dataflow for dataflow, _ in used["participation_frac"].rules} == {"us-equities-order"}


def test_a_node_that_nobody_uses_has_no_usage() -> None:
    used = usages({"order_size_shares": installed_nodes()["participation_frac"]}, ())
    assert used == {"order_size_shares": Usage(read_by=("participation_frac",))}


def test_unknown_names_are_answered_with_the_nearest(running: Generation) -> None:
    with pytest.raises(EdgeError, match="participation_frac"):
        node_named(installed_nodes(), "participation_fracs")
    with pytest.raises(EdgeError, match="promotion"):
        dataflow_named(dataflows_in_force(running, None), "promotions")
