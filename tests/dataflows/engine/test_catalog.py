"""The catalog holds what installed packages register, and refuses what it cannot tell apart."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from dataflows.engine.catalog import STAGES, NodeModule, catalog, installed_entries, installed_modules
from nodes.vocabulary.errors import PlanError
from tests.dataflows.engine.modules import named, odd, orders, reducing


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


def test_a_function_that_is_no_plain_node_is_refused_and_so_is_each_other_at_once() -> None:
    with pytest.raises(PlanError, match=r"\w") as caught:
        catalog([NodeModule("guardrails", odd)])
    place = "tests.dataflows.engine.modules.odd"
    said = "\n".join(caught.value.complaints)
    assert f"{place}.two_classes_frac: annotation int | str is no unit; annotate with one unit" in said
    assert f"{place}.nothing_frac: annotation <class 'NoneType'> is no unit" in said
    assert f"{place}.later_frac is asynchronous or a generator, so its result is no value; write a plain" in said
    assert f"{place}.many_frac is asynchronous or a generator" in said
    assert f"{place}.starred_frac takes *adv_shares: 'Shares', which names no node; name each argument" in said


def test_an_argument_that_is_given_by_name_only_is_a_node_like_any() -> None:
    found = catalog([NodeModule("guardrails", named)])["named_frac"]
    assert found.function(3) == 3.0


def test_two_packages_that_claim_one_entry_point_are_both_named(tmp_path: Path, monkeypatch: Any) -> None:
    """Else which of the two decides would depend on the order of the path."""
    for package in ("one", "two"):
        info = tmp_path / f"claim_{package}-1.0.dist-info"
        info.mkdir()
        (info / "METADATA").write_text(f"Metadata-Version: 2.1\nName: claim-{package}\nVersion: 1.0\n")
        (info / "entry_points.txt").write_text(f"[assay.test]\nfeatures.mine = claim_{package}\n")
    monkeypatch.syspath_prepend(str(tmp_path))
    with pytest.raises(PlanError, match=r"features.mine of assay.test is claim_\w+ and claim_\w+; rename or uninstall"):
        installed_entries("assay.test")
