"""Policies that differ in one place, and inputs on which all of them pass, for tests of proofs."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from functools import lru_cache
from pathlib import Path
from typing import Any

from dataflows.engine.compile import Generation, compiled_strategy, installed_strategy
from governance.proof_witness import Base
from policies.parse import parsed_policy

POLICY = Path(__file__).parents[2] / "policies" / "us-equities" / "v1.yaml"
QUIET: Mapping[str, Any] = {
    "symbol": "AAPL",
    "proposed_order_shares": 1000,
    "close_price_usd": Decimal("50.00"),
    "previous_close_price_usd": Decimal("49.50"),
    "daily_return_frac": 0.0101,
    "overnight_gap_frac": 0.002,
    "adv_shares": 20_000_000,
    "last_volume_shares": 21_000_000,
    "volatility_frac": 0.01,
    "estimated_spread_bps": 12.5,
    "bar_age_sessions": 0,
    "target_weight_frac": 0.1,
    "composite_score": 0.5,
    "position_shares": 0,
    "pending_buy_shares": 0,
    "pending_sell_shares": 0,
    "cash_usd": Decimal("1000000.00"),
    "equity_usd": Decimal("1000000.00"),
    "gross_exposure_usd": Decimal(0),
    "peak_equity_usd": Decimal("1000000.00"),
    "day_start_equity_usd": Decimal("1000000.00"),
    "orders_today_count": 0,
    "same_orders_today_count": 0,
    "repeated_orders_count": 0,
    "automation_is_disabled": False,
    "kill_switch_is_engaged": False,
    "venue_terms": "",
    "venue_quotes": "",
}
BASE = Base("quiet", QUIET)


@lru_cache
def text(*edits: tuple[str, str]) -> bytes:
    """The shipped policy with some words replaced."""
    found = POLICY.read_text(encoding="utf-8")
    for old, new in edits:
        assert old in found
        found = found.replace(old, new, 1)
    return found.encode()


@lru_cache
def generation(*edits: tuple[str, str]) -> Generation:
    """What it compiles to."""
    parsed = parsed_policy(text(*edits), "edited.yaml")
    return compiled_strategy(parsed, installed_strategy(parsed.policy.strategy))


TIGHTER_DRAWDOWN = ("max_account_drawdown_frac: 0.30", "max_account_drawdown_frac: 0.25")
TIGHTER_CASH = ("min_cash_usd: 5000", "min_cash_usd: 8000")
TIGHTER_NOTIONAL = ("max_order_notional_usd: 150000", "max_order_notional_usd: 100000")
