"""What changed, in words and numbers."""

from __future__ import annotations

import pytest

from policies.diff import Change, ChangeKind, Direction, differences, value_text
from policies.schema import Policy
from tests.policies.examples import TEXT, changed, policy

RULE = """\
  - id: price-collar
    require: price_gap_frac BETWEEN min_gap_frac AND max_gap_frac
    limits: {min_gap_frac: -0.1, max_gap_frac: 0.1}
    then: warn
    because: b
    plain: p
    source: s
"""


def words(old: str, new: str, text: str = TEXT) -> list[str]:
    return [str(change) for change in differences(policy(text), policy(changed(old, new, text)))]


def test_policy_does_not_differ_from_itself_nor_by_spelling() -> None:
    assert differences(policy(), policy()) == ()
    assert words("participation_frac <= max", "(participation_frac)<=max") == []
    assert words("1.50", "1.5") == []


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        ("0.05}", "0.03}", "liquidity: max_participation_frac 0.05 -> 0.03 (-40 %, tighter)"),
        ("0.05}", "0.1}", "liquidity: max_participation_frac 0.05 -> 0.1 (+100 %, looser)"),
        ("252", "126", "params: momentum_sessions 252 -> 126 (-50 %)"),
        ("1.50", "2", "params: fee_usd 1.5 -> 2 (+33.3 %)"),
        ("1.50", "0", "params: fee_usd 1.5 -> 0 (-100 %)"),
        (", fee_usd: 1.50", "", "params: fee_usd removed, was 1.5"),
        ("1.50}", "1.50, k_weights: {b: 1, a: 2}}", "params: k_weights added {a: 2, b: 1}"),
        ("1.50}", "1.50, universe: [ON, 5, true]}", "params: universe added [ON, 5, true]"),
        ("momentum_frac: 1.0", "momentum_frac: -1.0", "signal: momentum_frac 1 -> -1 (-200 %)"),
        ("<= max", "< max", "liquidity: require {a} <= {b} -> {a} < {b}"),
        ("then: deny", "then: review", "kill_switch: then deny -> review"),
        (
            "{clip: liq",
            "{clip: new_liq",
            "liquidity: then {clip: liquidity_cap_shares} -> {clip: new_liquidity_cap_shares}",
        ),
        ("increasing", "all", "liquidity: applies_to increasing -> all"),
        ("The kill switch is engaged.", "Engaged.", 'kill_switch: because "The kill switch is engaged." -> "Engaged."'),
        ("manual 1.1", "manual 1.2", 'kill_switch: source "desk risk manual 1.1" -> "desk risk manual 1.2"'),
        ("owner: risk", "owner: desk", 'policy: owner "risk" -> "desk"'),
        ("version: 1", "version: 2", "policy: version 1 -> 2"),
        ("14:30:00Z", "14:31:00Z", "policy: effective_from 2026-11-23T14:30:00Z -> 2026-11-23T14:31:00Z"),
    ],
)
def test_change_is_said_in_words_and_numbers(old: str, new: str, expected: str) -> None:
    assert words(old, new) == [
        expected.format(a="participation_frac", b="max_participation_frac") if "{a}" in expected else expected
    ]


def test_rule_added_and_removed_are_said_with_what_they_require() -> None:
    more = policy(TEXT + RULE)
    said = (
        "(require price_gap_frac BETWEEN min_gap_frac AND max_gap_frac; then warn; max_gap_frac 0.1; min_gap_frac -0.1)"
    )
    assert [str(change) for change in differences(policy(), more)] == [f"price-collar: added {said}"]
    assert [str(change) for change in differences(more, policy())] == [f"price-collar: removed, was {said}"]


def test_on_unknown_is_said() -> None:
    text = changed("then: deny", "then: warn")
    assert words("then: warn", "then: warn\n    on_unknown: warn", text) == [
        "kill_switch: on_unknown_warns false -> true"
    ]


def test_order_of_rules_is_no_change() -> None:
    head, rules = TEXT.split("rules:\n")
    first, second = rules.split("  - id: kill_switch\n")
    assert differences(policy(), policy(f"{head}rules:\n  - id: kill_switch\n{second}{first}")) == ()


@pytest.mark.parametrize(
    ("require", "direction"),
    [
        ("x_frac <= max_x_frac", Direction.LOOSER),
        ("max_x_frac > x_frac", Direction.LOOSER),
        ("x_frac >= max_x_frac", Direction.TIGHTER),
        ("NOT x_frac <= max_x_frac", Direction.TIGHTER),
        ("x_frac BETWEEN 0 AND max_x_frac", Direction.LOOSER),
        ("x_frac BETWEEN max_x_frac AND 9", Direction.TIGHTER),
        ("x_frac NOT BETWEEN 0 AND max_x_frac", Direction.TIGHTER),
        ("x_frac < max_x_frac OR (y AND z_frac <= max_x_frac)", Direction.LOOSER),
        ("x_frac < max_x_frac AND y_frac > max_x_frac", None),
        ("x_frac = max_x_frac", None),
        ("x_frac IN (max_x_frac, 5)", None),
        ("x_frac <= y_frac", None),
    ],
)
def test_raised_limit_is_looser_or_tighter_by_where_it_stands(require: str, direction: Direction | None) -> None:
    text = changed("participation_frac <= max_participation_frac", require)
    text = changed("max_participation_frac: 0.05", "max_x_frac: 0.05", text)
    (change,) = differences(policy(text), policy(changed("0.05}", "0.06}", text)))
    assert change.direction is direction


def test_changes_are_in_a_fixed_order() -> None:
    new: Policy = policy(changed("252", "100", changed("owner: risk", "owner: o", changed("0.05}", "0.01}"))))
    assert [change.subject for change in differences(policy(), new)] == ["policy", "params", "liquidity"]


def test_change_knows_its_relative_size_only_for_numbers() -> None:
    assert Change("s", "p", ChangeKind.CHANGED, 4, 5).relative == pytest.approx(0.25)
    assert Change("s", "p", ChangeKind.CHANGED, 0, 5).relative is None
    assert Change("s", "p", ChangeKind.CHANGED, "a", "b").relative is None
    assert Change("s", "p", ChangeKind.CHANGED, old=True, new=False).relative is None


@pytest.mark.parametrize(("value", "text"), [(0.05, "0.05"), (True, "true"), (None, "None"), (1e-9, "1e-09")])
def test_value_is_written_as_its_author_would(value: object, text: str) -> None:
    assert value_text(value) == text
