"""Cases: what they give and want, every fault of a text at once, and what a result does not meet."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest

from nodes.vocabulary.errors import PolicyError
from nodes.vocabulary.verdict import Action, Verdict
from policies.cases import Case, CaseResult, RuleWant, Want, parsed_cases, unknown_names, unmet
from tests.policies.examples import policy

TEXT = """\
- note: just over the cap is clipped
  given: {proposed_order_shares: 5001, adv_shares: 100000}
  want: {liquidity: fails, decision: act, order_shares: 5000}
"""

BASED = """\
base: {adv_shares: 100000, symbol: ON, cash_usd: 10.50}
cases:
  - note: nothing known of volume
    given: {adv_shares: null}
    want:
      liquidity: unknown
      kill_switch: skipped
      action: deny
      verdict: deny
      order_shares: 0
      reasons: ["Order is (not known) of a day's volume"]
  - note: all as usual
    given:
    want: {verdict: pass}
"""

RESULT = CaseResult(
    rules={"liquidity": RuleWant.FAILS, "kill_switch": RuleWant.HOLDS},
    operands={"liquidity": {"participation_frac": 0.05001}},
    action=Action.ACT,
    verdict=Verdict.CLIP,
    order_shares=5000,
    reasons=("Too big.",),
)


def cases(text: str) -> tuple[Case, ...]:
    return parsed_cases(text.encode(), "v1.cases.yaml")


def faults(text: str) -> list[str]:
    with pytest.raises(PolicyError, match=r"v1\.cases\.yaml") as refused:
        cases(text)
    return [str(fault).removeprefix("v1.cases.yaml:") for fault in refused.value.faults]


def test_list_of_cases_is_read() -> None:
    (case,) = cases(TEXT)
    assert case.note == "just over the cap is clipped"
    assert case.given == {"proposed_order_shares": 5001, "adv_shares": 100000}
    assert case.want == Want(rules={"liquidity": RuleWant.FAILS}, action=Action.ACT, order_shares=5000)
    assert (case.file, case.mark) == ("v1.cases.yaml", (1, 3))


def test_base_is_what_every_case_is_given_unless_it_says_otherwise() -> None:
    first, second = cases(BASED)
    assert first.given == {"adv_shares": None, "symbol": "ON", "cash_usd": Decimal("10.5")}
    assert second.given == {"adv_shares": 100000, "symbol": "ON", "cash_usd": Decimal("10.5")}


def test_everything_that_can_be_wanted_is_read() -> None:
    first, second = cases(BASED)
    assert first.want == Want(
        rules={"liquidity": RuleWant.UNKNOWN, "kill_switch": RuleWant.SKIPPED},
        action=Action.DENY,
        verdict=Verdict.DENY,
        order_shares=0,
        reasons=("Order is (not known) of a day's volume",),
    )
    assert second.want == Want(verdict=Verdict.PASS)


def test_given_values_are_typed_by_suffix_and_else_by_the_core_schema() -> None:
    given = "{x_frac: 1, session_on: 2005-01-03, is_halted: true, symbol: NO, name: '5', other: 5}"
    (case,) = cases(f"- {{note: n, given: {given}, want: {{action: act}}}}")
    assert case.given == {
        "x_frac": 1.0,
        "session_on": date(2005, 1, 3),
        "is_halted": True,
        "symbol": "NO",
        "name": "5",
        "other": 5,
    }
    assert isinstance(case.given["x_frac"], float)


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("[]", "1:1: there are no cases; write a list of {note, given, want}, or {base, cases}"),
        ("5", "1:1: there are no cases"),
        ("cases: []", "1:8: there are no cases"),
        ("base: {}\n", "1:1: 'cases' is missing; add cases:"),
        ("base: 5\ncases: [{note: n, given: {}, want: {action: act}}]", "1:7: base was no mapping; write keys and"),
        ("bass: {}\ncases: [{note: n, given: {}, want: {action: act}}]", "1:1: 'bass' is no key of the cases; did you"),
        ("- 5", "1:3: 0 was no mapping; write keys and values"),
        ("- {note: n, gven: {}, want: {action: act}}", "1:13: 'gven' is no key of a case; did you mean given?"),
        ("- {note: n, want: {action: act}}", "1:3: 'given' is missing; add given:"),
        ("- {note: '', given: {}, want: {action: act}}", "1:10: note was no text; write a text"),
        ("- {note: n, given: {}, want: {}}", "1:30: the case wants nothing; say what it wants, like {action: deny}"),
        ("- {note: n, given: {}, want: {liquidity: hold}}", "1:42: liquidity was 'hold'; did you mean holds?"),
        ("- {note: n, given: {}, want: {action: allow}}", "1:39: action was 'allow'; use one of act, deny, hold"),
        ("- {note: n, given: {}, want: {verdict: denied}}", "1:40: verdict was 'denied'; did you mean deny?"),
        ("- {note: n, given: {}, want: {order_shares: 1.5}}", "1:45: order_shares was 1.5, expected a whole number"),
        ("- {note: n, given: {}, want: {reasons: Too big.}}", "1:40: reasons was not a list; begin each reason"),
        ("- {note: n, given: {}, want: {Liquidity: holds}}", "1:31: 'Liquidity' is no rule id; name a rule or one of"),
        ("- {note: n, given: {}, want: {action: act, decision: act}}", "1:54: decision and action are one; keep"),
        ("- {note: n, given: {x_frac: .nan}, want: {action: act}}", "1:29: .nan is not a finite number"),
        ("- {note: n, given: {x: [1]}, want: {action: act}}", "1:24: x was a collection, expected one value"),
        ("- {note: n, given: {x: &a 1}, want: {action: act}}", "1:24: &a is an anchor"),
        (TEXT + TEXT, "4:3: note 'just over the cap is clipped' is taken in line 1; say what this case shows"),
    ],
)
def test_case_that_is_not_right_is_refused_where_it_stands(text: str, fault: str) -> None:
    assert any(line.startswith(fault) for line in faults(text)), faults(text)


def test_faults_of_all_cases_are_told_at_once() -> None:
    text = "- {note: n, given: {x_frac: a}, want: {r: hold}}\n- {note: n, given: 5, want: {action: maybe}}\n"
    assert len(faults(text)) == 5


def test_names_that_the_policy_or_the_run_has_not_are_told_with_the_nearest() -> None:
    text = TEXT.replace("liquidity", "liquidty").replace("adv_shares", "adv_share")
    found = unknown_names(cases(text), policy(), ["proposed_order_shares", "adv_shares"])
    assert [str(fault).removeprefix("v1.cases.yaml:") for fault in found] == [
        "2:40: 'adv_share' is no input of the run; did you mean adv_shares?",
        "3:20: 'liquidty' is no rule of us-equities version 1; did you mean liquidity?",
    ]


def test_unknown_name_in_the_base_is_told_once() -> None:
    found = unknown_names(cases(BASED), policy(), ["adv_shares", "symbol"])
    assert [str(fault) for fault in found] == [
        "v1.cases.yaml:1:40: 'cash_usd' is no input of the run; use one of adv_shares, symbol"
    ]


def test_case_of_known_names_has_no_fault() -> None:
    assert unknown_names(cases(TEXT), policy(), ["proposed_order_shares", "adv_shares"]) == ()


def test_result_that_is_as_wanted_leaves_nothing_unmet() -> None:
    (case,) = cases(TEXT)
    assert unmet(case, RESULT) == ()


@pytest.mark.parametrize(
    ("want", "fault"),
    [
        ("{liquidity: holds}", "1:42: liquidity was fails, expected holds (n); correct the rule or the case"),
        ("{other: holds}", "1:38: other was not there, expected holds (n); correct the rule or the case"),
        ("{action: deny}", "1:39: action was act, expected deny (n); correct the rule or the case"),
        ("{decision: deny}", "1:41: action was act, expected deny (n); correct the rule or the case"),
        ("{verdict: pass}", "1:40: verdict was clip, expected pass (n); correct the rule or the case"),
        ("{order_shares: 4900}", "1:45: order_shares was 5000, expected 4900 (n); correct the rule or the case"),
        ("{reasons: []}", "1:40: reasons was ['Too big.'], expected [] (n); correct the rule or the case"),
    ],
)
def test_result_that_is_not_as_wanted_is_told_at_what_is_wanted(want: str, fault: str) -> None:
    (case,) = cases(f"- {{note: n, given: {{}}, want: {want}}}")
    (found,) = unmet(case, RESULT)
    assert str(found) == f"v1.cases.yaml:{fault}"


def test_reasons_are_compared_in_any_order() -> None:
    (case,) = cases("- {note: n, given: {}, want: {reasons: [B, A]}}")
    assert unmet(case, replace(RESULT, reasons=("A", "B"))) == ()
