"""What a draft reads is apart from what it only shows."""

from __future__ import annotations

from dataflows.engine.catalog import NodeModule, catalog
from dataflows.engine.draft import Draft, unused_faults
from dataflows.engine.graph import Complaints
from policies.parse import ParsedPolicy, parsed_policy
from tests.dataflows.engine import tiny
from tests.dataflows.engine.modules import orders

SHOWN = tiny.POLICY.replace("max_spread_bps: 50.0}", "max_spread_bps: 50.0, shown_bps: 1.0}").replace(
    "{spread_bps:.1f} bps", "{spread_bps:.1f} bps of {shown_bps}"
)


def parsed(text: str) -> ParsedPolicy:
    return parsed_policy(text.encode(), "tiny.yaml")


def draft(text: str, complaints: Complaints) -> Draft:
    nodes = catalog([NodeModule("guardrails", orders)])
    return Draft(parsed(text), tiny.strategy().order, nodes, complaints)


def test_a_text_reaches_what_it_shows_and_reads_nothing() -> None:
    found = draft(SHOWN, Complaints())
    assert "shown_bps" in found.reach - found.read
    assert found.read < found.reach


def test_what_is_only_shown_is_complained_of_with_its_own_mend() -> None:
    complaints = Complaints()
    unused_faults(parsed(SHOWN), [draft(SHOWN, complaints)], complaints)
    (found,) = [item for item in complaints.policy if "shown_bps" in item[2]]
    assert found[3] == "read it in require, or write it in the text"


def test_rules_come_by_id_and_the_order_holds_all_that_is_reached() -> None:
    found = draft(tiny.POLICY, Complaints())
    assert [rule.rule_id for rule in found.rules] == ["large-spread", "liquidity", "notional"]
    assert set(found.order) == found.reach
