from __future__ import annotations

from api.views.lineage import ancestry, deciding_keys, drawn_nodes, steps_to
from tests.api.examples import decision_view, rules

READS = {"a": (), "b": ("a",), "c": ("b",), "d": ("a", "elsewhere")}


def test_ancestry_holds_the_root_and_all_that_fed_it() -> None:
    assert ancestry(["c"], READS) == {"a", "b", "c"}


def test_ancestry_of_an_unknown_root_is_empty() -> None:
    assert ancestry(["nobody"], READS) == frozenset()


def test_a_decision_is_explained_by_the_lineage_of_the_rules_that_objected() -> None:
    deciding = deciding_keys(decision_view())
    assert {"order.liquidity_holds", "order.participation_frac", "session.adv_shares", "session.panel"} <= deciding
    assert "order.minimum_price_holds" not in deciding


def test_a_decision_without_objection_is_explained_by_its_target() -> None:
    deciding = deciding_keys(decision_view(rules=rules()[1:2]))
    assert {"order.target_weight_frac", "session.composite_score", "session.panel"} <= deciding


def test_policy_numbers_are_listed_but_not_drawn() -> None:
    drawn = {node.name for node in drawn_nodes(decision_view().nodes)}
    assert "max_participation_frac" not in drawn
    assert "participation_frac" in drawn


def test_steps_count_the_shortest_way_to_a_root() -> None:
    assert steps_to(["c"], {"a": (), "b": ("a",), "c": ("b", "a")}) == {"c": 0, "b": 1, "a": 1}
