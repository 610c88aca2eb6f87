"""Locates: what the newest list known at the instant says, and what the policy says of it."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import msgspec
import polars as pl
import pytest

from adapters.lake.domains.market_events import BORROW
from adapters.lake.facts.store import FactStore
from api.use_cases.borrow import BorrowAsked, BorrowView, checked_borrow
from api.use_cases.gate_policies import Asking, policy_in_force
from nodes.vocabulary.errors import EdgeError

SHARED = Path(__file__).parents[4] / "shared" / "data" / "d3_ib_borrow_20231115.parquet"
ASKING = Asking(policy_in_force(None, "borrow"), "paper", b"")
STAMP = datetime(2023, 11, 15, 14, tzinfo=UTC)
NOW = STAMP + timedelta(hours=2)


def stored(folder: Path, rows: list[dict[str, Any]]) -> FactStore:
    store = FactStore(str(folder), lambda: NOW)
    stamps = {"event_at": STAMP, "known_at": STAMP}
    whole = [{"day_on": STAMP.date(), "rebate_rate_frac": 0.05, **stamps, **row} for row in rows]
    kinds = {**BORROW.keys, **BORROW.values, **{name: BORROW.schema[name] for name in stamps}}
    store.ingested(BORROW, pl.DataFrame(whole, schema=kinds), "lists")
    return store


@pytest.fixture
def store(tmp_path: Path) -> FactStore:
    """Two lists: a share leaves between them, and one becomes dear."""
    before = {
        "day_on": date(2023, 11, 14),
        "event_at": STAMP - timedelta(days=1),
        "known_at": STAMP - timedelta(days=1),
    }
    return stored(
        tmp_path,
        [
            {"symbol": "GONE", "available_shares": 5000, "fee_rate_frac": 0.003, **before},
            {"symbol": "DEAR", "available_shares": 900, "fee_rate_frac": 0.02, **before},
            {"symbol": "DEAR", "available_shares": 800, "fee_rate_frac": 0.25},
            {"symbol": "EASY", "available_shares": 10_000_000, "fee_rate_frac": 0.0025},
        ],
    )


def told(store: FactStore, symbol: str, shares: int = 1000, **more: Any) -> BorrowView:
    asked = msgspec.convert({"symbol": symbol, "shares": shares, **more}, BorrowAsked)
    return checked_borrow(asked, store, ASKING, NOW)


def test_an_easy_borrow_is_located_and_costs_little(store: FactStore) -> None:
    """PF-03, API-STR-06."""
    view = told(store, "EASY", price_usd=150.0)
    assert (view.is_located, view.verdict, view.reasons) == (True, "pass", ())
    assert (view.short_shares, view.is_capped) == (1000, True)
    assert view.fee_usd_per_day == Decimal("1.06")
    assert view.trace_digest is not None


def test_a_short_sale_without_a_locate_is_rejected(store: FactStore) -> None:
    """PF-03: too few, too dear; every reason is told."""
    view = told(store, "DEAR")
    assert not view.is_located
    assert [reason.rule for reason in view.reasons] == ["available", "fee", "hard-to-borrow", "recall-risk"]
    assert "200 of 1,000 shares of DEAR are not to be had" in view.reasons[0].because


@pytest.mark.parametrize("symbol", ["GONE", "NEVER"])
def test_a_share_that_the_newest_list_leaves_out_is_on_none(store: FactStore, symbol: str) -> None:
    view = told(store, symbol)
    assert (view.is_located, view.available_shares, view.listed_on) == (False, None, None)
    assert {reason.rule for reason in view.reasons} >= {"available", "fee", "fresh-list"}


def test_an_earlier_instant_sees_the_earlier_list(store: FactStore) -> None:
    view = told(store, "DEAR", 100, as_of="2023-11-14T20:00:00Z")
    assert (view.is_located, view.fee_frac, view.listed_on) == (True, 0.02, date(2023, 11, 14))


def test_a_list_of_days_ago_is_no_ground(store: FactStore) -> None:
    view = told(store, "EASY", as_of="2023-11-17T16:00:00Z")
    assert [reason.rule for reason in view.reasons] == ["fresh-list"]


def test_what_is_held_is_sold_without_a_locate(store: FactStore) -> None:
    whole = told(store, "DEAR", 1000, position_shares=1000)
    part = told(store, "EASY", 1000, position_shares=600)
    assert (whole.is_located, whole.short_shares, whole.trace_digest) == (True, 0, None)
    assert part.short_shares == 400


def test_a_recall_stands_in_the_way_of_more(store: FactStore) -> None:
    view = told(store, "EASY", recalled_shares=10)
    assert [reason.rule for reason in view.reasons] == ["recalled"]


def test_a_lake_without_lists_says_so(tmp_path: Path) -> None:
    with pytest.raises(EdgeError, match="the lake holds no table 'borrow'; import it with"):
        told(FactStore(str(tmp_path), lambda: NOW), "EASY")


def test_an_instant_that_no_calendar_reaches_is_refused(store: FactStore) -> None:
    with pytest.raises(EdgeError, match="is not from 1900 to 2200; ask for an instant between them"):
        told(store, "EASY", as_of="2500-11-15T16:00:00Z")


@pytest.mark.shared_data
def test_the_real_list_of_a_broker_locates_and_refuses(tmp_path: Path) -> None:
    """PF-03 on Interactive Brokers' list of 2023-11-15: IBM is easy, GME special, and 100,000 of it too many."""
    if not SHARED.is_file():
        pytest.skip("no shared data beside this checkout: the real list of shares to borrow is not there")
    rows = pl.read_parquet(SHARED).select(
        "symbol",
        pl.col("available").alias("available_shares"),
        (pl.col("fee_rate") / 100.0).alias("fee_rate_frac"),
        (pl.col("rebate_rate") / 100.0).alias("rebate_rate_frac"),
    )
    store = stored(tmp_path, rows.drop_nulls("symbol").to_dicts())
    easy, special = told(store, "IBM", 1000, price_usd=152.5), told(store, "GME", 100_000, price_usd=13.0)
    assert (easy.is_located, easy.available_shares, easy.fee_usd_per_day) == (True, 6_800_000, Decimal("1.77"))
    assert (special.is_located, special.fee_usd_per_day) == (False, Decimal("119.16"))
    assert {"available", "hard-to-borrow"} <= {reason.rule for reason in special.reasons}
