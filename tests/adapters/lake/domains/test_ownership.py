"""What can be no holding."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

import pytest

from adapters.lake.domains.ownership import INSIDER_HOLDINGS, OWNERSHIP_13F
from tests.adapters.lake.domains.keeping import set_aside

HOLDING: dict[str, Any] = {
    "filer": "f", "cusip": "037833100", "kind": "SH", "put_call": "", "period_on": date(2013, 12, 31), "shares": 1,
}  # fmt: skip


@pytest.mark.parametrize(
    ("change", "said"), [({}, ""), ({"shares": -1}, "shares are negative"), ({"kind": "XX"}, "kind is none")]
)
def test_a_holding_is_of_a_kind_and_not_negative(tmp_path: Path, change: dict[str, Any], said: str) -> None:
    reason = set_aside(tmp_path, OWNERSHIP_13F, HOLDING | change)
    assert said in reason
    assert bool(said) == bool(reason)


@pytest.mark.parametrize(("bought", "is_kept"), [(0.0, True), (None, True), (-1.0, False)])
def test_nobody_buys_a_negative_number(tmp_path: Path, bought: float | None, is_kept: bool) -> None:  # noqa: FBT001
    row = {"symbol": "A", "insider_cik": "1", "accession": "a", "bought_shares": bought, "shares_owned": 5.0}
    assert (set_aside(tmp_path, INSIDER_HOLDINGS, row) == "") is is_kept
