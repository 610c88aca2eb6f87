"""Claims of rules, typed and compared with each other."""

from __future__ import annotations

from dataflows.engine.claims import MAX_CLAIMS_OF_ONE_NODE, Claims
from dataflows.engine.graph import UNSURE, Complaints
from dataflows.engine.plan import NodeKind, PlanNode
from nodes.vocabulary.units import Frac, Unit, unit_of
from policies.grammar import rule_tree
from policies.schema import Rule

UNITS: dict[str, Unit] = {"a_frac": unit_of(Frac), "low_frac": unit_of(Frac), "lost": UNSURE}
NODES = {
    "a_frac": PlanNode("a_frac", NodeKind.FUNCTION, UNITS["a_frac"]),
    "low_frac": PlanNode("low_frac", NodeKind.LIMIT, UNITS["low_frac"], value=0.2),
    "lost": PlanNode("lost", NodeKind.LIMIT, UNSURE),
}


def complaints_of(*texts: str) -> list[str]:
    complaints = Complaints()
    claims = Claims(UNITS, NODES, complaints)
    for position, text in enumerate(texts):
        rule = Rule.model_construct(id=f"r{position}", require=text)
        claims.typed(position, rule, rule_tree(text))
    claims.complain_of_pairs()
    return [f"{path[1]}: {what}" for path, _, what, _ in complaints.policy]


def test_a_claim_over_a_value_that_could_not_be_read_is_let_pass() -> None:
    assert complaints_of("a_frac <= lost") == []


def test_a_claim_over_limits_alone_is_refused() -> None:
    assert complaints_of("low_frac <= 0.5") == ["0: rule r0 reads no node, so its outcome never changes"]


def test_each_pair_of_rules_that_exclude_each_other_is_named_at_the_later_one() -> None:
    said = complaints_of("a_frac <= low_frac", "a_frac <= 0.9", "a_frac > 0.3")
    assert said == ["2: rule r2 never holds where rule r0 does: no a_frac passes both"]


def test_pairs_are_compared_up_to_a_bound() -> None:
    same = ["a_frac <= 0.9"] * MAX_CLAIMS_OF_ONE_NODE
    assert complaints_of(*same, "a_frac > 0.95") == []
