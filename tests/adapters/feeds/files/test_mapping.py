from __future__ import annotations

import pytest

from adapters.feeds.files.mapping import import_mapping
from adapters.lake.instant_laws import Law, Rule
from nodes.vocabulary.errors import DataError

VIX = """mapping: cboe-vix
domain: factors
files: "VIX*.csv"
columns:
  factor: {constant: vix}
  period_on: {from: DATE, form: "%m/%d/%Y"}
  value: {from: CLOSE, divide_by: 100}
event_at: {of: period_on, rule: time_of_day, at: "16:15"}
known_at: {of: period_on, rule: next_open, lag_days: 1}
"""


def test_a_mapping_says_columns_units_time_zone_and_laws() -> None:
    mapping = import_mapping(VIX.encode(), "vix.yaml")

    assert mapping.columns["value"].divide_by == 100.0
    assert mapping.known_at is not None
    assert mapping.known_at.law == Law(Rule.NEXT_OPEN, lag_days=1)
    assert mapping.event_at is not None
    assert mapping.event_at.law.at.minute == 15


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("domain: factors\n", "", r"vix.yaml:1:1: 'domain' is missing; add domain:"),
        ("mapping: cboe-vix", "mapping: Cboe VIX", r"vix.yaml:1:10: mapping was 'Cboe VIX'"),
        ("divide_by: 100", "divide: 100", r"vix.yaml:7:24: 'divide' is no key of it; did you mean divide_by\?"),
        ("divide_by: 100", "divide_by: 0", r"vix.yaml:7:35: divide_by was 0"),
        ("rule: next_open", "rule: next_opens", r"vix.yaml:9:33: rule was 'next_opens'.*did you mean next_open\?"),
        ("lag_days: 1", "lag_days: -1", r"vix.yaml:9:11: known_at was 'the part'.*lag below zero"),
        ('at: "16:15"', 'at: "4pm"', r"at is no time of day; write it like '16:15'"),
        ("{constant: vix}", "{constant: vix, from: A}", r"one of them; give it `from` or `constant`"),
        ("columns:", "columns: [a]\nother:", r"vix.yaml:\d+:\d+"),
        ("mapping: cboe-vix", "mapping: &a cboe-vix", r"&a is an anchor"),
    ],
)
def test_a_slip_is_told_with_file_line_column_and_mend(old: str, new: str, said: str) -> None:
    with pytest.raises(DataError, match=said):
        import_mapping(VIX.replace(old, new, 1).encode(), "vix.yaml")


def test_every_slip_is_told_at_once() -> None:
    text = VIX.replace("divide_by", "divide").replace("next_open", "never")

    with pytest.raises(DataError, match="divide") as caught:
        import_mapping(text.encode(), "vix.yaml")
    assert "never" in str(caught.value)


def test_words_that_yaml_would_read_as_something_else_stay_texts() -> None:
    mapping = import_mapping(VIX.replace("{constant: vix}", "{constant: NO, replace: {ON: 1}}").encode(), "vix.yaml")

    assert mapping.columns["factor"].constant == "NO"
    assert mapping.columns["factor"].replace == {"ON": "1"}
