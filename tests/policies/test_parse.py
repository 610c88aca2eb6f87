"""Bytes to policy: all faults at once, and a digest that only what is said can move."""

from __future__ import annotations

import contextlib
import re
from decimal import Decimal

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from nodes.vocabulary.errors import PolicyError
from policies.parse import parsed_policy, policy_digest
from tests.policies.examples import FILE, TEXT, changed, faults, policy


def digest(text: str) -> str:
    return policy_digest(policy(text)).hex()


def test_parsed_policy_knows_where_its_parts_stand() -> None:
    parsed = parsed_policy(TEXT.encode(), FILE)
    assert parsed.file == FILE
    assert parsed.mark(("rules", 0, "require")) == (12, 14)
    assert parsed.mark(("rules", 0, "require"), 22) == (12, 36)
    assert parsed.mark(("rules", 0, "limits", "max_participation_frac")) == (14, 38)
    assert parsed.mark(("params",)) == (8, 9)


def test_digest_of_the_example_is_frozen() -> None:
    """A change here is a new digest scheme: every activated policy would lose its name."""
    assert digest(TEXT) == "ab4d87e43110c4a0135d6b7f7b00ea8361341ff34967e3cacd5b99dcf0500b42"


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("policy: us", "# the desk's policy\n\npolicy:   us"),
        ("0.05}", "5e-2}"),
        ("1.50", "1.5"),
        ("252", "+252"),
        ("252", "0xfc"),
        ("momentum_frac: 1.0", "momentum_frac: 1"),
        ("14:30:00Z", "15:30:00+01:00"),
        ("null", "~"),
        ("{momentum_sessions: 252, fee_usd: 1.50}", "{fee_usd: 1.50, momentum_sessions: 252}"),
        ("owner: risk", "owner: 'risk'"),
        ("applies_to: increasing\n", "applies_to: 'increasing' # in size\n"),
        ("participation_frac <= max", "(participation_frac)<=max"),
        ("NOT kill_switch_is_engaged", "not\n      kill_switch_is_engaged"),
        ("then: deny", "applies_to: all\n    then: deny"),
        ("then: deny", "limits: {}\n    then: deny"),
        ("First version.", "\n  First\n  version."),
    ],
)
def test_spelling_does_not_move_the_digest(old: str, new: str) -> None:
    assert digest(changed(old, new)) == digest(TEXT)


def test_order_of_keys_and_rules_does_not_move_the_digest() -> None:
    head, rules = TEXT.split("rules:\n")
    first, second = rules.split("  - id: kill_switch\n")
    reversed_head = "".join(reversed(head.splitlines(keepends=True)))
    assert digest(f"rules:\n  - id: kill_switch\n{second}{first}{reversed_head}") == digest(TEXT)


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("policy: us-equities", "policy: eu-equities"),
        ("version: 1", "version: 2"),
        ("strategy: us-equities", "strategy: eu-equities"),
        ("null", "sha256:" + "0" * 64),
        ("owner: risk", "owner: desk"),
        ("14:30:00Z", "14:30:01Z"),
        ("First version.", "First version!"),
        ("252", "253"),
        ("252", "true"),
        ("momentum_sessions: 252", "momentum_sessions: [252]"),
        ("1.50", "1.51"),
        ("momentum_frac: 1.0", "momentum_frac: 1.0000000000000002"),
        ("momentum_frac", "momentum_score"),
        ("id: liquidity", "id: liquid"),
        ("<= max", "< max"),
        ("increasing", "all"),
        ("max_participation_frac: 0.05", "max_participation_frac: 0.050000000000000003469446951953614"),
        ("liquidity_cap_shares", "other_cap_shares"),
        ("then: deny", "then: review"),
        ("then: deny", "then: warn"),
        ("Order is", "The order is"),
        ("Trading is stopped.", "Stopped."),
        ("manual 1.1", "manual 1.2"),
    ],
)
def test_changed_value_moves_the_digest(old: str, new: str) -> None:
    if "0000003" in new:
        assert digest(changed(old, new)) == digest(TEXT)
    elif new == "true":
        assert faults(changed(old, new))
    else:
        assert digest(changed(old, new)) != digest(TEXT)


def test_on_unknown_moves_the_digest() -> None:
    warns = changed("then: deny", "then: warn")
    assert digest(changed("then: warn", "then: warn\n    on_unknown: warn", warns)) != digest(warns)


@given(st.permutations(list(yaml.safe_load(TEXT.replace("Z\n", "Z'\n").replace("2026", "'2026")))), st.booleans())
def test_document_dumped_otherwise_is_the_same_policy(keys: list[str], flow: bool) -> None:  # noqa: FBT001  # drawn
    content = yaml.safe_load(TEXT.replace("Z\n", "Z'\n").replace("2026", "'2026"))
    text = yaml.safe_dump({key: content[key] for key in keys}, sort_keys=False, default_flow_style=flow, width=50)
    assert digest(text) == digest(TEXT)


@given(st.floats(allow_nan=False, allow_infinity=False), st.floats(allow_nan=False, allow_infinity=False))
def test_two_limits_share_a_digest_only_when_they_are_one_number(one: float, other: float) -> None:
    one_digest, other_digest = (digest(changed("0.05}", f"{number!r}}}")) for number in (one, other))
    assert (one_digest == other_digest) == (one == other)


def test_values_are_typed_by_the_suffix_of_their_names() -> None:
    text = changed("fee_usd: 1.50", "fee_usd: 1.50, levels_frac: [0, 1], k_weights: {a: 1}, universe: [ON, NO, '5', 5]")
    assert policy(text).params == {
        "momentum_sessions": 252,
        "fee_usd": Decimal("1.5"),
        "levels_frac": (0.0, 1.0),
        "k_weights": {"a": 1.0},
        "universe": ("ON", "NO", "5", 5),
    }


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        ("252", "2.5", ["8:29: momentum_sessions was 2.5, expected a whole number; write digits only"]),
        ("252", "null", ["8:29: momentum_sessions has no value; write its value"]),
        ("252", "[1, .nan]", ["8:33: .nan is not a finite number; write a finite number"]),
        (
            "252",
            "[[1]]",
            ["8:31: momentum_sessions is nested too deep; write a scalar, a list or a mapping of weights"],
        ),
        ("252", "{a: 1}", ["8:29: momentum_sessions was a mapping, expected one value; write one value or a list"]),
        ("1.50", ".inf", ["8:43: .inf is not a finite number; write a finite number"]),
        ("momentum_frac: 1.0", "momentum_frac: high", ["9:25: momentum_frac was 'high', expected a weight"]),
        ("momentum_frac: 1.0", "momentum_frac: true", ["9:25: momentum_frac was 'true', expected a weight"]),
        ("0.05}", "5%}", ["14:38: max_participation_frac was 5%, expected a number; write 0.05"]),
        (
            "2026-11-23T14:30:00Z",
            "2026-11-23",
            ["6:17: '2026-11-23' is no instant; write it like 2026-11-23T14:30:00Z"],
        ),
        ("2026-11-23T14:30:00Z", "2026-11-23T14:30:00", ["6:17: '2026-11-23T14:30:00' is no instant"]),
    ],
)
def test_value_that_does_not_fit_is_refused_where_it_stands(old: str, new: str, expected: list[str]) -> None:
    found = faults(changed(old, new))
    assert len(found) == len(expected)
    assert all(line.startswith(start) for line, start in zip(found, expected, strict=True)), found


def test_rule_text_faults_stand_at_their_character() -> None:
    text = changed("NOT kill_switch_is_engaged", ">-\n      a = 1\n      AND b != 2")
    assert faults(text) == ["22:13: != is not in the rule language; write <>"]


def test_slot_faults_stand_at_their_character() -> None:
    assert faults(changed("{participation_frac:.1%}", "{participation_frac.real}"))[0].startswith(
        "16:24: slot '{participation_frac.real}' reaches into a value"
    )


def test_rule_id_is_taken_once_and_dash_counts_as_underscore() -> None:
    assert faults(changed("id: liquidity", "id: kill-switch")) == [
        "19:9: rule id 'kill_switch' is taken in line 11; name each rule once (- and _ count as one)"
    ]


@pytest.mark.parametrize(
    ("old", "new", "place"),
    [
        (
            "fee_usd: 1.50",
            "fee_usd: 1.50, max_participation_frac: 1",
            "14:14: name 'max_participation_frac' is taken in",
        ),
        (
            "then: deny",
            "limits: {max_participation_frac: 1}\n    then: deny",
            "21:14: name 'max_participation_frac' is",
        ),
        ("momentum_frac: 1.0", "fee_usd: 1.0", "9:10: name 'fee_usd' is taken in line 8; give each parameter, limit"),
    ],
)
def test_name_in_two_places_is_refused_at_the_second(old: str, new: str, place: str) -> None:
    (fault,) = faults(changed(old, new))
    assert fault.startswith(place)


@pytest.mark.parametrize("then", ["deny", "review", "{clip: cap_shares}"])
def test_on_unknown_belongs_to_a_warn_rule(then: str) -> None:
    (fault,) = faults(changed("then: deny", f"then: {then}\n    on_unknown: warn"))
    assert re.match(r"22:5: on_unknown belongs to a warn rule, then was .*; remove it: unknown denies", fault)


def test_warn_rule_may_let_unknown_warn() -> None:
    rule = policy(changed("then: deny", "then: warn\n    on_unknown: warn")).rule("kill_switch")
    assert rule is not None
    assert rule.on_unknown_warns


def test_faults_of_every_kind_are_told_at_once() -> None:
    text = changed("owner: risk", "ownr: risk")
    for old, new in (
        ("version: 1", "version: 0"),
        ("252", "&x 2.5"),
        ("1.50", ".nan"),
        ("<=", "!="),
        ("{participation_frac:.1%}", "{participation_frac!r}"),
        ("id: kill_switch", "id: liquidity"),
        ("then: deny", "then: denny\n    then: warn"),
    ):
        text = changed(old, new, text)
    kinds = ["'owner' is missing", "version was 0", "'ownr' is no key", "&x is an anchor", ".nan is not", "!= is not"]
    kinds += ["reaches into", "rule id 'liquidity' is taken", "then was 'denny'", "key 'then' is here twice"]
    found = faults(text)
    assert len(found) == len(kinds)
    assert all(any(kind in line for line in found) for kind in kinds)


@given(st.integers(0, len(TEXT)))
def test_policy_cut_anywhere_is_read_or_refused_and_never_dies(end: int) -> None:
    with contextlib.suppress(PolicyError):
        assert parsed_policy(TEXT[:end].encode(), FILE).policy.rules


def test_empty_list_of_rules_must_be_said() -> None:
    head = TEXT.split("rules:\n")[0]
    assert policy(head + "rules: []\n").rules == ()
    assert faults(head) == ["1:1: 'rules' is missing; add rules:"]
