from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

import pytest

from adapters.lake.domains.market_events import BORROW, FAILS, HALTS, SHORT_INTEREST
from adapters.lake.facts.domain import Domain
from tests.adapters.lake.domains.keeping import set_aside
from tests.adapters.lake.views.holding import at


@pytest.mark.parametrize(
    ("resumed_at", "said"),
    [(None, ""), ("2020-03-09 13:49", ""), ("2020-03-09 13:30", "ends before it begins")],
)
def test_a_halt_may_be_open_and_does_not_end_before_it_begins(
    tmp_path: Path, resumed_at: str | None, said: str
) -> None:
    ends = None if resumed_at is None else at(resumed_at)
    row: dict[str, Any] = {"symbol": "X", "halted_at": at("2020-03-09 13:34"), "resumed_at": ends, "reason": "LUDP"}

    assert said in (reason := set_aside(tmp_path, HALTS, row))
    assert bool(said) == bool(reason)


@pytest.mark.parametrize("domain", [SHORT_INTEREST, FAILS], ids=lambda domain: domain.name)
@pytest.mark.parametrize(("shares", "is_kept"), [(0, True), (-1, False), (None, False)])
def test_a_count_of_shares_is_not_negative(tmp_path: Path, domain: Domain, shares: int | None, is_kept: bool) -> None:  # noqa: FBT001
    row = {"symbol": "X", "settled_on": date(2026, 5, 15), "shares": shares}

    assert (set_aside(tmp_path, domain, row) == "") is is_kept


@pytest.mark.parametrize(("shares", "is_kept"), [(0, True), (-1, False)])
def test_what_can_be_borrowed_is_not_negative_and_may_have_no_rate(tmp_path: Path, shares: int, is_kept: bool) -> None:  # noqa: FBT001
    row = {"symbol": "X", "day_on": date(2023, 11, 15), "available_shares": shares}

    assert (set_aside(tmp_path, BORROW, row) == "") is is_kept
