"""The catalog and the dataflows in JSON (UI-01)."""

from __future__ import annotations

from api.http.schemas.catalog import catalog_entry, catalog_line, dataflow_line, dataflow_picture, node_stage
from api.use_cases.dataflow_catalog import CompiledDataflow, Usage, installed_nodes
from dataflows.engine.plan import CONSTANT_KINDS
from dataflows.labels import PARAMETERS, compiled_labels
from policies.parse import parsed_policy

LABELS = CompiledDataflow(compiled_labels(parsed_policy(PARAMETERS.read_bytes(), "v1.yaml")), "labels v1")


def test_a_node_without_contract_and_use_says_so() -> None:
    node = installed_nodes()["participation_frac"]
    entry = catalog_entry(node, Usage())
    assert (entry.contract, entry.read_by, entry.dataflows, entry.rules) == (None, (), (), ())
    assert not catalog_line(node, Usage()).has_contract


def test_a_contract_is_told_whole() -> None:
    node = installed_nodes()["momentum_frac"]
    told = catalog_entry(node, Usage()).contract
    assert told is not None
    assert (told.low, told.high, told.unit, told.owner) == (-1.0, 1000.0, "frac", "research")


def test_policy_values_are_not_counted_as_computed() -> None:
    plan = LABELS.plan
    assert dataflow_line(LABELS).n_nodes == sum(node.kind not in CONSTANT_KINDS for node in plan.nodes)


def test_what_has_no_module_stands_in_a_stage_of_its_own() -> None:
    picture = dataflow_picture(LABELS)
    stages = {node.name: node.stage for node in picture.nodes}
    assert stages["panel"] == "snapshot"
    assert {"policy", "labels", "features"} < set(picture.stages)
    assert all(node_stage(node) == stages[node.name] for node in LABELS.plan.nodes)
    assert {node.name for node in picture.nodes if node.is_output} == set(LABELS.plan.dataflow.outputs)
