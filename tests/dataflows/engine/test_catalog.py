"""The catalog holds what installed packages register, and refuses what it cannot tell apart."""

from __future__ import annotations

import pytest

from dataflows.engine.catalog import STAGES, NodeModule, catalog, installed_modules
from nodes.vocabulary.errors import PlanError
from tests.dataflows.engine.modules import orders, reducing


def test_installed_modules_are_found_by_stage() -> None:
    found = installed_modules(("guardrails",))
    assert found
    assert {entry.stage for entry in found} == {"guardrails"}
    assert {entry.module.__name__ for entry in found} <= {entry.module.__name__ for entry in installed_modules(STAGES)}


def test_a_node_of_the_catalog_says_what_it_is() -> None:
    node = catalog([NodeModule("guardrails", orders)])["order_notional_usd"]
    assert (node.unit.name, node.stage, node.doc.formula) == ("Usd", "guardrails", "|order_shares| * close_price_usd")
    assert {name: unit.name for name, unit in node.arguments.items()} == {
        "order_shares": "Shares",
        "close_price_usd": "UsdPerShare",
    }


def test_every_complaint_about_a_module_comes_at_once() -> None:
    with pytest.raises(PlanError, match="reducing") as caught:
        catalog([NodeModule("guardrails", reducing)])
    assert len(caught.value.complaints) == 4
