from __future__ import annotations

import pytest

from api.cli.decision_text import compared, lineage_tree, nodes_tree, print_decision, rules_table
from nodes.vocabulary.errors import EdgeError
from tests.api.cli.paper import Paper
from tests.api.examples import decision_view, rules


def printed(thing: object) -> str:
    paper = Paper(width=200)
    paper.console.print(thing)
    return paper.text


def whole() -> str:
    paper = Paper()
    print_decision(paper.console, decision_view())
    return paper.text


def test_a_decision_is_told_most_wanted_first() -> None:
    text = whole()
    order = ["Cut to size", "Why", "This order is too big", "Rules", "Nodes", "Digests", "filled 5,000", "assay replay"]
    places = [text.index(part) for part in order]
    assert places == sorted(places)


def test_both_languages_are_spoken() -> None:
    text = " ".join(whole().split())
    assert "liquidity: Order is 5.0% of a day's volume" in text
    assert "This order is too big for how much of this stock trades in a day." in text


def test_a_rule_is_written_with_the_values_of_both_passes() -> None:
    assert compared(rules()[0]) == "participation_frac (0.05001 -> 0.05) <= max_participation_frac (5.00 %)"


def test_rules_that_objected_stand_first() -> None:
    text = printed(rules_table(rules()))
    assert text.index("liquidity") < text.index("spread") < text.index("minimum-price")


def test_every_node_is_in_the_tree_with_its_value() -> None:
    text = " ".join(printed(nodes_tree(decision_view())).split())
    assert all(node.name in text for node in decision_view().nodes)
    assert "estimated_spread_bps = absent (fewer than 20 bars (at estimated_spread_bps))" in text


def test_lineage_goes_from_a_node_to_the_snapshot_and_repeats_no_branch() -> None:
    text = printed(lineage_tree(decision_view(), "target_weight_frac"))
    assert text.startswith("target_weight_frac = 20.00 %")
    assert "(shown above)" in text
    assert text.count("composite_score = ") == 1


def test_an_unknown_node_is_refused() -> None:
    with pytest.raises(EdgeError, match="has no node 'nobody'"):
        lineage_tree(decision_view(), "nobody")


def test_nothing_is_wider_than_the_terminal_but_what_one_copies() -> None:
    long = [line for line in whole().splitlines() if len(line) > 80]
    assert all("sha256:" in line for line in long)
