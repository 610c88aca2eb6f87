from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

import pytest

from adapters.lake.domains.bars import BARS_DAILY, BARS_INTRADAY, QUOTES_INTRADAY
from tests.adapters.lake.domains.keeping import set_aside

BAR: dict[str, Any] = {
    "security_id": "X",
    "session_on": date(2014, 6, 6),
    "open_usd": 10.0,
    "high_usd": 11.0,
    "low_usd": 9.0,
    "close_usd": 10.5,
    "volume_shares": 100,
}
QUOTE: dict[str, Any] = {"security_id": "X", "bar_s": 60, "bid_close_usd": 10.0, "ask_close_usd": 10.1}


@pytest.mark.parametrize(
    ("values", "said"),
    [
        ({}, ""),
        ({"volume_shares": 0}, ""),
        ({"close_usd": None}, "a price is missing"),
        ({"low_usd": -37.0}, "zero or negative"),
        ({"close_usd": 11.5}, "outside low to high"),
        ({"high_usd": 8.0}, "outside low to high"),
        ({"volume_shares": None}, "volume is missing"),
        ({"volume_shares": -1}, "volume is missing or negative"),
    ],
)
def test_no_feed_can_store_a_bar_that_cannot_be_true(tmp_path: Path, values: dict[str, Any], said: str) -> None:
    assert said in (reason := set_aside(tmp_path, BARS_DAILY, {**BAR, **values}))
    assert bool(said) == bool(reason)


@pytest.mark.parametrize(
    ("values", "said"),
    [
        ({}, ""),
        ({"bid_close_usd": None}, ""),
        ({"bid_close_usd": 10.2}, ""),
        ({"bid_close_usd": None, "ask_close_usd": None}, "neither side"),
        ({"bid_close_usd": 0.0}, "zero or negative"),
    ],
)
def test_a_side_may_be_missing_or_crossed_and_never_zero(tmp_path: Path, values: dict[str, Any], said: str) -> None:
    """DESIGN section 10: bars with a missing side."""
    assert said in (reason := set_aside(tmp_path, QUOTES_INTRADAY, {**QUOTE, **values}))
    assert bool(said) == bool(reason)


def test_bars_of_a_day_and_within_it_have_the_same_rules() -> None:
    assert BARS_DAILY.rules.keys() == BARS_INTRADAY.rules.keys()
