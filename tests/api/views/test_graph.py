"""The digest of a node covers its value, its code and all that fed it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import pytest

from adapters.lake.lake import bundled_lake
from adapters.log_folder import log_folder_to_read
from api.views.built import Recorded, decision_view, recorded_decision
from api.views.graph import lineage_graph, node_digests
from governance.entries import EntryKind
from tests.api.use_cases.homes import FIRST_ON, run_home


@pytest.fixture(scope="module")
def recorded(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Recorded]:
    home = run_home(tmp_path_factory.mktemp("graph") / "home", bundled_lake(), FIRST_ON)
    with log_folder_to_read(home).store.reader() as reader:
        yield recorded_decision(reader, reader.newest(EntryKind.DECISION, 1)[0])


def test_every_edge_joins_nodes_of_the_graph(recorded: Recorded) -> None:
    graph = lineage_graph(recorded, decision_view(recorded))
    keys = [node.key for node in graph.nodes]
    assert len(set(keys)) == len(keys)
    assert {key for edge in graph.edges for key in (edge.source, edge.target)} <= set(keys)
    assert graph.root == keys[-1] == "order.decision"
    assert any(node.is_deciding for node in graph.nodes)


def test_a_changed_value_changes_the_digests_of_all_that_it_fed_and_no_other(recorded: Recorded) -> None:
    view = decision_view(recorded)
    before = node_digests(recorded, view)
    values = {**recorded.order.values, "adv_shares": 1}
    after = node_digests(replace(recorded, order=replace(recorded.order, values=values)), view)
    changed = {key for key, digest in after.items() if before[key] != digest}
    assert {"order.adv_shares", "order.participation_frac", "order.decision"} <= changed
    assert not any(key.startswith("session.") for key in changed)
    assert "order.close_price_usd" not in changed


def test_the_graph_of_a_node_is_all_that_fed_it(recorded: Recorded) -> None:
    view = decision_view(recorded)
    part = lineage_graph(recorded, view, ["order.participation_frac"])
    whole = {node.key: node.digest for node in lineage_graph(recorded, view).nodes}
    assert "session.adv_shares" in {node.key for node in part.nodes}
    assert "order.kill_switch_is_engaged" not in {node.key for node in part.nodes}
    assert all(whole[node.key] == node.digest for node in part.nodes)
