"""Claims that nothing can move, against trying them by hand."""

from __future__ import annotations

import math
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dataflows.engine.constancy import constant_faults, contradict
from dataflows.engine.rules import rule_function, rule_names, typed_rule
from nodes.vocabulary.units import Count, Flag, Frac, Unit, Usd, unit_of
from policies.grammar import rule_tree

UNITS: dict[str, Unit] = {
    **{name: unit_of(Frac) for name in ("a_frac", "b_frac", "c_frac", "low_frac", "high_frac")},
    "n_orders": unit_of(Count),
    "cash_usd": unit_of(Usd),
    "is_open": unit_of(Flag),
    "is_late": unit_of(Flag),
    "venue": Unit("Venue", str),
    "seen_on": Unit("date", date),
    "seen_at": Unit("datetime", datetime),
    "bars": Unit("Panel", object),
    "use_cap": unit_of(Flag),
}
VALUES: dict[str, Any] = {"low_frac": 0.2, "high_frac": 0.8, "use_cap": False}


def faults(text: str) -> list[str]:
    found: list[str] = []
    tree = typed_rule(rule_tree(text), UNITS, _refuse)
    constant_faults(tree, UNITS, VALUES, lambda what, mend, offset=0: found.append(f"{offset}: {what}; {mend}"))
    return found


def _refuse(what: str, mend: str, offset: int = 0) -> None:
    pytest.fail(f"{offset}: {what}; {mend}")


@pytest.mark.parametrize(
    "text",
    [
        "a_frac <= a_frac",
        "a_frac < low_frac OR a_frac >= low_frac",
        "a_frac <> 1 OR a_frac <> 2",
        "is_open OR NOT is_open",
        "a_frac NOT BETWEEN high_frac AND low_frac",
        "venue IN (venue)",
        "a_frac IS NULL OR a_frac IS NOT NULL",
        "a_frac < b_frac OR b_frac <= a_frac",
    ],
)
def test_a_claim_that_can_never_fail_is_refused(text: str) -> None:
    (only,) = faults(text)
    assert "can never fail; remove it" in only


@pytest.mark.parametrize(
    "text",
    [
        "a_frac < a_frac",
        "a_frac < low_frac AND a_frac > high_frac",
        "a_frac BETWEEN high_frac AND low_frac",
        "n_orders > 3 AND n_orders < 4",
        "cash_usd > 5 AND cash_usd < 4.99",
        "venue = 'A' AND venue = 'B'",
        "is_open AND NOT is_open",
        "a_frac IS NULL AND a_frac > 0",
        "a_frac < b_frac AND b_frac < c_frac AND c_frac < a_frac",
    ],
)
def test_a_claim_that_can_never_hold_is_refused(text: str) -> None:
    (only,) = faults(text)
    assert "can never hold; correct it" in only


@pytest.mark.parametrize(
    "text",
    [
        "a_frac <= high_frac",
        "a_frac <= b_frac",
        "a_frac BETWEEN low_frac AND high_frac",
        "n_orders > 3 AND n_orders < 5",
        "cash_usd > 4 AND cash_usd < 4.01",
        "venue IN ('A', 'B')",
        "venue > 'A' AND venue < 'B'",
        "is_open = is_late",
        "a_frac IS NULL OR a_frac > 0",
        "a_frac < b_frac AND b_frac < c_frac",
        "bars IS NOT NULL",
    ],
)
def test_a_claim_that_something_moves_is_let_pass(text: str) -> None:
    assert faults(text) == []


def test_a_switch_of_the_policy_that_turns_a_rule_off_for_good_is_told() -> None:
    (only,) = faults("NOT use_cap OR a_frac <= b_frac")
    assert only.startswith("4: what is said of a_frac and b_frac here can never fail")


def test_the_smallest_part_is_named_and_the_whole_is_not_blamed_for_it() -> None:
    (only,) = faults("is_open AND (a_frac < b_frac OR b_frac = b_frac)")
    assert only.startswith("32: what is said of b_frac here can never fail")


def test_dates_and_instants_have_an_order_too() -> None:
    values = {"first_on": date(2020, 1, 1), "last_on": date(2019, 1, 1), "from_at": datetime(2020, 1, 1, tzinfo=UTC)}
    units = UNITS | {name: Unit(type(value).__name__, type(value)) for name, value in values.items()}
    for text, n_faults in (
        ("seen_on BETWEEN first_on AND last_on", 1),
        ("seen_on BETWEEN last_on AND first_on", 0),
        ("seen_at > from_at AND seen_at <= from_at", 1),
    ):
        found: list[str] = []
        constant_faults(rule_tree(text), units, values, lambda what, *_: found.append(what))  # noqa: B023
        assert len(found) == n_faults


def test_claims_over_too_many_names_are_let_pass() -> None:
    names = [f"x{at}_frac" for at in range(12)]
    units = dict.fromkeys(names, unit_of(Frac))
    text = " AND ".join(f"{name} BETWEEN 5 AND 9" for name in names)
    found: list[str] = []
    constant_faults(typed_rule(rule_tree(text), units, _refuse), units, {}, lambda what, *_: found.append(what))
    assert found == []


@pytest.mark.parametrize(
    ("one", "other", "clash"),
    [
        ("a_frac <= low_frac", "a_frac >= high_frac", True),
        ("a_frac <= high_frac", "a_frac >= low_frac", False),
        ("a_frac <= low_frac", "b_frac >= high_frac", False),
        ("a_frac <= low_frac", "a_frac > b_frac", False),
        ("is_open", "NOT is_open", True),
    ],
)
def test_two_claims_about_one_name_may_rule_each_other_out(one: str, other: str, clash: bool) -> None:  # noqa: FBT001
    trees = [typed_rule(rule_tree(text), UNITS, _refuse) for text in (one, other)]
    assert contradict(trees[0], trees[1], UNITS, VALUES) is clash


_OPERATORS = st.sampled_from(["<", "<=", "=", "<>", ">", ">="])
_ATOMS = st.builds("a_frac {} {}".format, _OPERATORS, st.sampled_from(["low_frac", "high_frac", "0.5", "a_frac"]))
_CLAIMS = st.recursive(
    _ATOMS | st.sampled_from(["a_frac IS NULL", "a_frac BETWEEN low_frac AND 0.5", "a_frac NOT IN (0.2, 0.8)"]),
    lambda inner: (
        st.builds("({} AND {})".format, inner, inner)
        | st.builds("({} OR {})".format, inner, inner)
        | st.builds("NOT ({})".format, inner)
    ),
    max_leaves=4,
)
_NUMBERS = st.none() | st.sampled_from([0.0, 0.2, 0.3, 0.5, 0.8, 0.9, -math.inf, math.inf]) | st.floats(-1, 2)


@given(_CLAIMS, _CLAIMS, st.lists(_NUMBERS, min_size=20, max_size=20))
def test_claims_that_rule_each_other_out_never_hold_together(one: str, other: str, tries: list[float | None]) -> None:
    trees = [typed_rule(rule_tree(text), UNITS, _refuse) for text in (one, other)]
    both = [rule_function(tree, UNITS) for tree in trees]
    met = any(
        all(
            rule(*({**VALUES, "a_frac": a_frac}[name] for name in rule_names(tree)))
            for rule, tree in zip(both, trees, strict=True)
        )
        for a_frac in tries
    )
    assert not (met and contradict(trees[0], trees[1], UNITS, VALUES))


def test_amounts_are_compared_exactly() -> None:
    values = {"low_usd": Decimal("0.10"), "high_usd": Decimal("0.10")}
    units = UNITS | dict.fromkeys(values, unit_of(Usd))
    found: list[str] = []
    constant_faults(rule_tree("cash_usd BETWEEN low_usd AND high_usd"), units, values, lambda w, *_: found.append(w))
    assert found == []
    constant_faults(
        rule_tree("cash_usd > low_usd AND cash_usd < high_usd"), units, values, lambda w, *_: found.append(w)
    )
    assert len(found) == 1
