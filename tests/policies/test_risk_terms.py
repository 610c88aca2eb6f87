"""The terms of risk as a document."""

from __future__ import annotations

import pytest

from nodes.vocabulary.errors import PolicyError
from policies.risk_terms import SHIPPED, parsed_risk_terms

TEXT = SHIPPED.read_text(encoding="utf-8")


def test_the_shipped_terms_read() -> None:
    found = parsed_risk_terms(TEXT.encode(), "v1.yaml")
    assert (found.value_at_risk_level_frac, found.incident_method) == (0.01, "filtered-ewma")


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("level_frac: 0.01", "level_frac: 0.6", "0.6"),
        ("window_sessions: 500", "window_sessions: 5", "5"),
        ("[historical, normal, student, filtered-ewma, filtered-garch]", "[normal]", "is not among the methods"),
        ("[historical, normal,", "[historical, historical, normal,", "a method is named twice"),
        ("version: 1", "version: 1\nmood: good", "mood"),
        ("release_needs_second_person: true", "", "release_needs_second_person"),
    ],
)
def test_what_cannot_be_is_a_fault_with_its_mend(old: str, new: str, said: str) -> None:
    with pytest.raises(PolicyError, match=r"v1\.yaml") as caught:
        parsed_risk_terms(TEXT.replace(old, new).encode(), "v1.yaml")
    assert said in str(caught.value)
