"""The terms of attribution as a document."""

from __future__ import annotations

import pytest

from nodes.vocabulary.errors import PolicyError
from policies.attribution_terms import SHIPPED, parsed_attribution_terms

TEXT = SHIPPED.read_text(encoding="utf-8")
TWICE = "{name: momentum, measure: growth, window_sessions: 5, skipped_sessions: 0}"


def test_the_shipped_terms_read() -> None:
    found = parsed_attribution_terms(TEXT.encode(), "v1.yaml")
    assert [style.name for style in found.styles] == ["momentum"]
    assert (found.linking, found.sectors["IBM"]) == ("carino", "computers (SIC 357)")


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("beta_sessions: 252", "beta_sessions: 1", "1"),
        ("linking: carino", "linking: guess", "guess"),
        ("decay_delays: [0, 1, 2, 5, 10, 21]", "decay_delays: [0, 5, 2]", "they do not increase"),
        ("decay_horizons: [1, 5, 21]", "decay_horizons: [0, 5]", "over which nothing is earned"),
        ("change_block_sessions: 10", "change_block_sessions: 64", "over half of the newest 126"),
        ("recent_sessions: 126", "recent_sessions: 504", "leave none to hold them against"),
        ("    measure: growth", "    measure: growth\n    mood: good", "mood"),
        ("min_style_shares: 4", "min_style_shares: 4\nmood: good", "mood"),
        ("  - name: momentum\n", f"  - {TWICE}\n  - name: momentum\n", "a style is named twice"),
    ],
)
def test_what_cannot_be_is_a_fault_with_its_mend(old: str, new: str, said: str) -> None:
    assert old in TEXT
    with pytest.raises(PolicyError, match=r"v1\.yaml") as caught:
        parsed_attribution_terms(TEXT.replace(old, new).encode(), "v1.yaml")
    assert said in str(caught.value)
