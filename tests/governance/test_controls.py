"""The mapping of public rules names passages, says what shows them, and owns up to what no log can show."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from governance.controls import ALGORITHMS, CLOCKS, CONTROLS, MARKET_ACCESS, RECORDS, Control
from policies.parse import parsed_policy

POLICIES = Path(__file__).resolve().parents[2] / "policies"
NAMED = {each.control_id: each for each in CONTROLS}


def test_every_public_rule_of_the_promise_is_mapped() -> None:
    """GOVC-01: SEC 15c3-5, 17a-4, MiFID II RTS 6 and RTS 25."""
    assert {each.regulation for each in CONTROLS} == {MARKET_ACCESS, RECORDS, ALGORITHMS, CLOCKS}
    assert len(NAMED) == len(CONTROLS)


@pytest.mark.parametrize("control", CONTROLS, ids=lambda control: control.control_id)
def test_a_control_cites_its_passage_and_says_what_shows_it(control: Control) -> None:
    """GOVC-01: named rules with evidence per control."""
    assert re.match(r"17 CFR 240\.(15c3-5|17a-4)\(|\(EU\) 2017/(589|574) Article \d", control.citation)
    assert control.asks.endswith(".")
    assert control.shown_by.endswith(".")


def test_what_no_log_can_show_is_said() -> None:
    """GOVC-01: not a legal claim."""
    assert {"regular-review", "annual-assessment", "surveillance", "clocks"} <= {
        each.control_id for each in CONTROLS if each.outside
    }


def test_the_shipped_guardrails_have_the_nodes_that_controls_look_for() -> None:
    """GOVC-01: a renamed node would leave a control without its rules."""
    texts = [POLICIES / family / "v1.yaml" for family in ("us-equities", "us-equities-shorts")]
    rules = [rule for text in texts for rule in parsed_policy(text.read_bytes(), str(text)).policy.rules]
    compared = {word for rule in rules for word in re.findall(r"[a-z][a-z0-9_]*", rule.require)}
    assert {name for each in CONTROLS for name in each.nodes} - compared == set()
