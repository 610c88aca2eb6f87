"""A sheet of contracts is read whole or refused with every fault placed. PIT-01."""

from __future__ import annotations

import pytest

from nodes.vocabulary.errors import PolicyError
from policies.contracts import ContractSheet, contract_from_content, parsed_sheet

SHEET = """
family: demo
owner: research
sources:
  bars_daily: {lag: 0s, max_staleness: 7d}
  ratings: {lag: 9h, max_staleness: unbounded}
features:
  mood_score:
    sources: [ratings, bars_daily]
    unit: score
    range: [-1.0, 1]
    window: rating_sessions + 1
  raters_count:
    sources: [ratings]
    unit: count
    dtype: int64
    range: [0, null]
    missing: never
    owner: desk
"""


def sheet(text: str = SHEET) -> ContractSheet:
    return parsed_sheet(text.encode(), "demo.contracts.yaml")


def faults(text: str) -> str:
    with pytest.raises(PolicyError, match=r"demo\.contracts\.yaml") as caught:
        sheet(text)
    return str(caught.value)


def test_a_sheet_gives_each_feature_its_terms() -> None:
    mood, raters = (sheet().contracts[name] for name in ("mood_score", "raters_count"))
    assert [(term.domain, term.lag_s, term.max_staleness_s) for term in mood.sources] == [
        ("bars_daily", 0, 604_800),
        ("ratings", 32_400, None),
    ]
    assert (mood.low, mood.high, mood.window) == (-1.0, 1.0, "rating_sessions + 1")
    assert (mood.missing, mood.owner) == ("unknown", "research")
    assert (raters.low, raters.high, raters.dtype, raters.missing, raters.owner) == (0, None, "int64", "never", "desk")


def test_a_contract_survives_its_manifest() -> None:
    mood = sheet().contracts["mood_score"]
    assert contract_from_content(mood.content) == mood


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("lag: 9h", "lag: soon", "demo.contracts.yaml:6:18: 'soon' is no duration; write a whole number"),
        ("range: [-1.0, 1]", "range: [1.0, -1]", "bounds nothing; write [least, most]"),
        ("range: [0, null]", "range: [null, null]", "bounds nothing"),
        ("unit: count", "units: count", "'units' is no key of a contract; did you mean unit?"),
        ("missing: never", "missing: zero", "missing was 'zero'; write unknown or never"),
        ("window: rating_sessions + 1", "window: a * 2", "'a * 2' is no number of sessions"),
        ("sources: [ratings]", "sources: [rating]", "names the source 'rating', of which the sheet says nothing"),
        ("dtype: int64", "dtype: decimal", "dtype was 'decimal'"),
        ("owner: research", "", "'owner' is missing; add owner:"),
    ],
)
def test_a_fault_is_placed_with_its_mend(old: str, new: str, said: str) -> None:
    assert said in faults(SHEET.replace(old, new, 1))


def test_all_faults_of_a_sheet_come_at_once() -> None:
    broken = SHEET.replace("lag: 9h", "lag: soon").replace("missing: never", "missing: zero")
    assert len(faults(broken).splitlines()) == 2


def test_terms_that_no_feature_needs_are_refused() -> None:
    text = SHEET.replace("  ratings: {", "  fails: {lag: 12d, max_staleness: 75d}\n  ratings: {")
    assert "no feature reads the source 'fails'; remove its terms" in faults(text)
