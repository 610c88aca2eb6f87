from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

import pytest

from adapters.lake.domains.ticks import QUOTES, TRADES
from tests.adapters.lake.domains.keeping import set_aside

TICK: dict[str, Any] = {"security_id": "X", "session_on": date(2014, 6, 6), "tick_no": 1}


@pytest.mark.parametrize(
    ("values", "said"),
    [
        ({"price_usd": 10.0, "size_shares": 1}, ""),
        ({"price_usd": 0.0, "size_shares": 1}, "no price above zero"),
        ({"size_shares": 1}, "no price above zero"),
        ({"price_usd": 10.0, "size_shares": 0}, "no size above zero"),
    ],
)
def test_a_trade_has_a_price_and_a_size(tmp_path: Path, values: dict[str, Any], said: str) -> None:
    assert said in (reason := set_aside(tmp_path, TRADES, {**TICK, **values}))
    assert bool(said) == bool(reason)


@pytest.mark.parametrize(
    ("values", "said"),
    [({"bid_usd": 10.0}, ""), ({}, "neither side"), ({"bid_usd": 0.0, "ask_usd": 1.0}, "which is none")],
)
def test_a_quote_has_a_side_and_no_zero(tmp_path: Path, values: dict[str, Any], said: str) -> None:
    assert said in (reason := set_aside(tmp_path, QUOTES, {**TICK, **values}))
    assert bool(said) == bool(reason)
