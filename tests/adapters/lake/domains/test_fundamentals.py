"""What can be no number of a statement."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

import pytest

from adapters.lake.domains.fundamentals import FUNDAMENTALS
from tests.adapters.lake.domains.keeping import set_aside

ROW: dict[str, Any] = {
    "cik": "0000320193", "taxonomy": "us-gaap", "concept": "Assets", "unit": "USD", "period_start_on": None,
    "period_end_on": date(2008, 9, 27), "symbol": "AAPL", "value": 1.0,
}  # fmt: skip


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({}, ""),
        ({"period_start_on": date(2008, 1, 1)}, ""),
        ({"period_start_on": date(2009, 1, 1)}, "the period ends before it begins"),
        ({"value": None}, "no value is stated"),
        ({"value": float("inf")}, "value was inf"),
    ],
)
def test_a_number_has_a_value_and_a_period_that_runs_forward(tmp_path: Path, change: dict[str, Any], said: str) -> None:
    reason = set_aside(tmp_path, FUNDAMENTALS, ROW | change)
    assert said in reason
    assert bool(said) == bool(reason)
