"""Reconciliation policies: nothing is let pass by default, every cause has a treatment, faults stand at their place."""

from __future__ import annotations

from decimal import Decimal

import pytest

from nodes.vocabulary.errors import PolicyError
from nodes.vocabulary.statements import Cause, Tolerances
from policies.reconciliation import SHIPPED, Treatment, parsed_reconciliation, shipped_reconciliation

TEXT = SHIPPED.read_text(encoding="utf-8")


def test_the_shipped_policy_lets_nothing_pass() -> None:
    """JRN-01: aim 0, not a cent."""
    assert shipped_reconciliation().tolerances == Tolerances(timing_days=4, near_frac=Decimal("0.25"))


@pytest.mark.parametrize("cause", list(Cause))
def test_the_shipped_policy_treats_every_cause(cause: Cause) -> None:
    assert shipped_reconciliation().treatment(cause) in set(Treatment)


def test_what_no_side_can_explain_needs_a_person() -> None:
    sheet = shipped_reconciliation()
    for cause in (Cause.POSITION, Cause.CASH_ONLY, Cause.UNKNOWN_SYMBOL, Cause.WRONG_SIGN):
        assert sheet.treatment(cause) is Treatment.REVIEW


def test_tolerances_are_read_as_their_digits_say() -> None:
    text = TEXT.replace("  amount: 0\n", "  amount: 0.01\n")
    assert parsed_reconciliation(text.encode(), "v2.yaml").tolerances.amount == Decimal("0.01")


def test_white_space_and_comments_do_not_move_the_digest() -> None:
    assert parsed_reconciliation(f"# again\n{TEXT}".encode(), "v1.yaml").digest == shipped_reconciliation().digest
    other = parsed_reconciliation(TEXT.replace("timing: wait", "timing: review").encode(), "v1.yaml")
    assert other.digest != shipped_reconciliation().digest


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ("  timing: wait\n", "", "cause 'timing' has no treatment; add timing:"),
        ("timing: wait", "timing: hope", "'hope' is no treatment; write one of correct, claim, wait, review"),
        ("  timing: wait\n", "  timing: wait\n  weather: wait\n", "'weather' is no cause"),
        ("price: 0", "price: -0.01", "-0.01 is no tolerance"),
        ("price: 0", "price: zero", "price was 'zero'"),
        ("price: 0", "prize: 0", "'prize' is no key of a set of tolerances"),
        ("ages: [1, 3, 5]", "ages: [3, 1]", "bounds no ages"),
        ("ages: [1, 3, 5]", "ages: []", "bounds no ages"),
        ("owner: operations", "", "'owner' is missing"),
        ("owner: operations", "owner: operations\nowners: all", "'owners' is no key of a reconciliation policy"),
    ],
)
def test_a_fault_is_named_with_its_place_and_its_mend(old: str, new: str, words: str) -> None:
    assert old in TEXT
    with pytest.raises(PolicyError, match=r"v1\.yaml") as found:
        parsed_reconciliation(TEXT.replace(old, new, 1).encode(), "v1.yaml")
    assert words in str(found.value)


def test_a_file_that_is_no_policy_is_refused() -> None:
    with pytest.raises(PolicyError, match=r"v1\.yaml"):
        parsed_reconciliation(b"", "v1.yaml")
