"""Complaints of the document's types: one a part, placed, in words with the value and the mend."""

from __future__ import annotations

import time

import pytest

from tests.policies.examples import TEXT, changed, faults


@pytest.mark.parametrize(
    ("old", "new", "fault"),
    [
        ("owner: risk", "ownr: risk", "5:1: 'ownr' is no key of a policy; did you mean owner?"),
        ("owner: risk", "", "1:1: 'owner' is missing; add owner:"),
        ("owner: risk", "owner: 5", "5:8: owner was 5, expected a text; put it in quotes"),
        ("owner: risk", "owner: true", "5:8: owner was True, expected a text; put it in quotes"),
        ("owner: risk", "owner: ''", "5:8: the text is empty; say it in a sentence"),
        ("owner: risk", "owner:", "5:7: owner was null, expected a text; write a text"),
        ("owner: risk", "owner: [risk]", "5:8: owner was a list, expected a text; write a text"),
        ("owner: risk", "owner: {a: b}", "5:8: owner was a mapping, expected a text; write a text"),
        ("version: 1", "version: 0", "2:10: version was 0, expected at least 1; count versions from 1"),
        ("version: 1", "version: one", "2:10: version was 'one', expected a whole number; correct it"),
        ("version: 1", "version: 1.0", "2:10: version was 1.0, expected a whole number; correct it"),
        ("null", "sha256:12", "4:13: supersedes was 'sha256:12', expected sha256: and 64 digits; correct it"),
        ("policy: us-", "policy: US ", "1:9: policy was 'US equities', expected lower-case words joined by -"),
        ("momentum_sessions", "Momentum", "8:10: 'Momentum' is no name of a value; write lower-case words joined by _"),
        ("momentum_sessions", "lambda", "8:10: 'lambda' is no name of a value"),
        ("momentum_frac: 1.0", "class: 1.0", "9:10: 'class' is no name of a value"),
        ("id: liquidity", "id: Liquidity", "11:9: 'Liquidity' is no rule id; write lower-case words joined by - or _"),
        ("id: liquidity", "id: order-shares", "11:9: 'order-shares' is a word of the cases; name the rule otherwise"),
        ("applies_to: increasing", "applies_to: rising", "13:17: applies_to was 'rising'; did you mean increasing?"),
        ("applies_to: increasing", "applies_to: [all]", "13:17: applies_to was ('all',); write all or increasing"),
        ("{clip: liquidity_cap_shares}", "denny", "15:11: then was 'denny'; did you mean deny? Or write deny, review"),
        ("{clip: liquidity_cap_shares}", "clip", "15:11: then was 'clip'; name the cap node: {clip: cap_node_name}"),
        ("{clip: liquidity_cap_shares}", "pass", "15:11: then was 'pass'; write deny, review, warn or {clip"),
        ("{clip: liquidity_cap_shares}", "{clip: A B}", "15:11: 'A B' is no name of a value"),
        ("then: deny", "then: deny\n    on_unknown: deny", "22:17: on_unknown was 'deny'; write warn, or leave it out"),
        ("require: NOT", "requires: NOT", "20:5: 'requires' is no key of a rule; did you mean require?"),
        ("- id: kill_switch", "- 5\n  - id: kill_switch", "19:5: 1 was 5, expected a mapping; write keys and values"),
        ("why: First version.", "why: x\nsources: one", "8:10: sources was 'one', expected a list; begin each item"),
    ],
)
def test_part_that_does_not_fit_is_one_fault_with_its_place_and_mend(old: str, new: str, fault: str) -> None:
    found = faults(changed(old, new))
    assert any(line.startswith(fault) for line in found), found


@pytest.mark.parametrize(("text", "shown"), [("- 1", "a list"), ("5", "5"), ("word", "'word'"), ("null # x", "null")])
def test_document_that_is_no_mapping_is_one_fault(text: str, shown: str) -> None:
    assert faults(text) == [f"1:1: the document was {shown}, expected a mapping; write keys and values"]


def test_known_keys_that_are_there_are_not_suggested() -> None:
    (fault,) = faults(changed("owner: risk", "owner: risk\nownr: risk"))
    assert "did you mean owner" not in fault


def test_thousands_of_faults_are_all_told_and_soon() -> None:
    begun = time.process_time()
    found = faults("".join(f"k{n}: {{a: [1]}}\n" for n in range(3000)))
    assert len([line for line in found if "is no key of a policy" in line]) == 3000
    assert time.process_time() - begun < 20


def test_refused_part_is_told_once() -> None:
    assert faults(changed("owner: risk", "owner: !!str risk")) == [
        "5:8: 'tag:yaml.org,2002:str' is a tag; remove it; names and the schema say the type"
    ]


def test_text_of_the_examples_has_no_fault() -> None:
    assert TEXT.startswith("policy: us-equities")
