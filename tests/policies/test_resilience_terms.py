"""The terms of resilience as a document."""

from __future__ import annotations

import pytest

from nodes.vocabulary.errors import PolicyError
from policies.resilience_terms import ANY, SHIPPED, parsed_resilience_terms

TEXT = SHIPPED.read_text(encoding="utf-8")


def test_the_shipped_terms_read_and_an_area_without_its_own_has_those_of_any() -> None:
    found = parsed_resilience_terms(TEXT.encode(), "v1.yaml")
    assert found.lake.at_once == 4
    assert found.stale_terms("market-data") != found.stale_terms("forecasts") == found.readings[ANY]


def test_halts_are_never_told_from_memory() -> None:
    """An order must not leave in a share that is halted by now."""
    terms = parsed_resilience_terms(TEXT.encode(), "v1.yaml").stale_terms("venue-rules")
    assert (terms.fresh_s, terms.revalidate_s, terms.if_error_s) == (0.0, 0.0, 0.0)


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("at_once: 4", "at_once: 0", "at_once"),
        ("longest_rest_s: 15.0", "longest_rest_s: 0.5", "longest_rest_s 0.5 is shorter than rest_s 1"),
        ("  any: {", "  others: {", "readings do not say what holds for any"),
        ("tables: [macro]", "tables: []", "tables"),
        ("fresh_s: 0.5", "frsh_s: 0.5", "did you mean fresh_s?"),
        ("version: 1", "version: 1\nmood: good", "mood"),
    ],
)
def test_what_cannot_be_is_a_fault_with_its_mend(old: str, new: str, said: str) -> None:
    with pytest.raises(PolicyError, match=r"v1\.yaml") as caught:
        parsed_resilience_terms(TEXT.replace(old, new, 1).encode(), "v1.yaml")
    assert said in str(caught.value)
