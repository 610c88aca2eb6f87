"""A small lake of an invented company: a few facts of every table, for examples and tests without real data."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, date, datetime, timedelta
from math import erf, log, sin, sqrt
from pathlib import Path
from typing import Any

import polars as pl

from adapters.lake.domains.registry import DOMAINS
from adapters.lake.facts.domain import Domain
from adapters.lake.facts.store import FactStore

SYMBOL, SECURITY = "ACME", "ACME:2010-01-04"
LONG_SYMBOL, LONG_SECURITY = "RIVER", "RIVER:2010-01-04"
"""A company with a history that is long enough for forecasts."""
N_LONG_SESSIONS = 460
STORED_AT = datetime(2021, 1, 4, 15, tzinfo=UTC)
DAY = date(2020, 6, 5)
CLOSE = datetime(2020, 6, 5, 20, tzinfo=UTC)
QUOTED_AT = datetime(2020, 6, 5, 19, 45, tzinfo=UTC)
AS_OF = "2020-06-05T20:00:00Z"
EXPIRIES = (date(2020, 7, 17), date(2020, 9, 18))
PLACES: Mapping[str, Any] = {
    "symbol": SYMBOL,
    "factor": "vix",
    "series": "unemployment",
    "index": "sp500",
    "concept": "us-gaap:Assets",
    "name": "balance",
    "line": "sales",
    "filer": "0000000001",
    "table": "bars_daily",
    "fiscal_year": 2020,
    "fiscal_quarter": 2,
}
"""What stands in the paths of questions about it."""
_OWN_PLACES: Mapping[str, Mapping[str, Any]] = {"read_forecasts": {"symbol": LONG_SYMBOL}}
QUERIES: Mapping[str, Mapping[str, Any]] = {
    "read_trades": {"session_on": "2020-06-05"},
    "read_quotes": {"session_on": "2020-06-05"},
    "read_book": {"session_on": "2020-06-05"},
    "read_book_events": {"session_on": "2020-06-05"},
    "read_universe": {"session_on": "2020-06-05"},
    "read_bars": {"as_of": AS_OF},
    "read_halt_status": {"as_of": "2020-06-05T17:30:00Z"},
    "read_forecasts": {"as_of": AS_OF},
    "read_macro": {"view": "vintages"},
    "read_option_chain": {"as_of": AS_OF},
    "read_implied_volatilities": {"as_of": AS_OF, "spot_usd": 100},
    "read_option_flags": {"as_of": AS_OF, "spot_usd": 100},
    "read_volatility_surface": {"as_of": AS_OF},
    "read_number": {"period_end_on": "2019-12-31", "version": "revisions"},
    "read_estimate_consensus": {"fiscal_year": 2020, "fiscal_quarter": 2, "as_of": AS_OF},
    "read_ratings": {"as_of": AS_OF},
    "read_ratings_consensus": {"as_of": AS_OF},
    "read_earnings": {"start_on": "2020-07-01", "end_on": "2020-08-31"},
    "read_macro_events": {"start_on": "2020-06-01", "end_on": "2020-06-30"},
}
"""What is asked about it beside its path, by operation."""


def places(operation_id: str) -> dict[str, Any]:
    """What stands in the path of an operation."""
    return {**PLACES, **_OWN_PLACES.get(operation_id, {})}


def is_of_data(operation: Mapping[str, Any]) -> bool:
    """Whether an operation of the OpenAPI document asks the lake."""
    return bool(operation["security"] == [{"token": ["data:read"]}])


def sample_store(folder: Path) -> FactStore:
    """The lake, written."""
    store = FactStore(folder, lambda: STORED_AT)
    for name, rows in _facts().items():
        store.ingested(DOMAINS[name], _frame(DOMAINS[name], rows), "sample", _rejected(name))
    return store


def _rejected(name: str) -> pl.DataFrame | None:
    if name != "bars_daily":
        return None
    said = {"file": "acme.csv", "line": 3, "column": "close_usd", "value": "-1", "reason": "a price is negative"}
    return pl.DataFrame([said])


def _frame(domain: Domain, rows: list[dict[str, Any]]) -> pl.DataFrame:
    """Facts in the domain's columns; what a row does not say is null."""
    kept = {
        **domain.keys,
        **domain.values,
        "event_at": domain.schema["event_at"],
        "known_at": domain.schema["known_at"],
    }
    return pl.DataFrame([{name: row.get(name) for name in kept} for row in rows], schema=kept)


def _at(hours: float = 0.0, known: float | None = None) -> dict[str, Any]:
    """True some hours after the close, and known then or some hours after it."""
    event_at = CLOSE + timedelta(hours=hours)
    return {"event_at": event_at, "known_at": CLOSE + timedelta(hours=hours if known is None else known)}


def _bar(on: date, close: float) -> dict[str, Any]:
    ended = datetime(on.year, on.month, on.day, 20, tzinfo=UTC)
    prices = {"open_usd": close - 1, "high_usd": close + 2, "low_usd": close - 2, "close_usd": close}
    stamps = {"event_at": ended, "known_at": ended}
    return {"security_id": SECURITY, "session_on": on, "symbol": SYMBOL, **prices, "volume_shares": 1000, **stamps}


def _long_bars() -> list[dict[str, Any]]:
    """Sessions of weekdays whose closes wander up and down."""
    days = [DAY - timedelta(days=back) for back in range(2 * N_LONG_SESSIONS)]
    sessions = [day for day in reversed(days) if day.weekday() < 5][-N_LONG_SESSIONS:]
    closes = [50.0 + 5.0 * sin(at / 9.0) + (at * 7919 % 101) / 101.0 for at in range(N_LONG_SESSIONS)]
    own = {"security_id": LONG_SECURITY, "symbol": LONG_SYMBOL}
    return [{**_bar(day, close), **own} for day, close in zip(sessions, closes, strict=True)]


def _listed() -> dict[str, list[dict[str, Any]]]:
    own = {"security_id": SECURITY, "symbol": SYMBOL}
    river = {"security_id": LONG_SECURITY, "symbol": LONG_SYMBOL}
    opened = {
        "event_at": datetime(2010, 1, 4, 14, 30, tzinfo=UTC),
        "known_at": datetime(2010, 1, 4, 14, 30, tzinfo=UTC),
    }
    within = {**own, "bar_s": 60, "starts_at": QUOTED_AT, **_at(-0.25 + 1 / 60)}
    sides = {f"{side}_{part}_usd": 99.0 for side in ("bid", "ask") for part in ("open", "high", "low", "close")}
    tick = {**own, "session_on": DAY, "tick_no": 1, **_at(-0.5)}
    split = {"security_id": SECURITY, "kind": "split", "ex_on": DAY, "ratio": 2.0}
    split_at = {
        "effective_at": CLOSE - timedelta(hours=6.5),
        **_at(-6.5, -200),
        "announced_at": CLOSE - timedelta(hours=200),
    }
    stay = {"index": "sp500", "symbol": SYMBOL, "start_on": date(2015, 1, 2)}
    return {
        "identity": [
            {**own, "valid_from_on": date(2010, 1, 4), "exchange": "XNYS", "name": "Acme", **opened},
            {**river, "valid_from_on": date(2010, 1, 4), "exchange": "XNYS", "name": "River", **opened},
        ],
        "bars_daily": [_bar(date(2020, 6, 4), 200.0), _bar(DAY, 100.0), *_long_bars()],
        "bars_intraday": [{**_bar(DAY, 100.0), **within}],
        "quotes_intraday": [{**within, **sides, "bid_shares": 100, "ask_shares": 200}],
        "corporate_actions": [{**split, **split_at, "detail": "2 for 1"}],
        "membership": [{**stay, **opened}],
        "universe": [{**own, "session_on": DAY, "close_usd": 100.0, "volume_shares": 1000, **_at()}],
        "trades": [{**tick, "price_usd": 100.0, "size_shares": 10, "venue": "XNYS"}],
        "quotes": [
            {**tick, "bid_usd": 99.99, "bid_shares": 100, "ask_usd": 100.01, "ask_shares": 100, "venue": "XNYS"}
        ],
        "book_events": [{**tick, "kind": "add", "order_id": 7, "size_shares": 10, "price_usd": 99.5, "side": "bid"}],
        "book_levels": [{**tick, "level": 1, "bid_usd": 99.5, "bid_shares": 10}],
    }


def _published() -> dict[str, list[dict[str, Any]]]:
    halted = CLOSE - timedelta(hours=3)
    month = {"series": "unemployment", "period_on": date(2020, 5, 1), "unit": "percent"}
    vintages = [
        {**month, "value": 13.3, **_at(-7.5)},
        {**month, "value": 13.2, "event_at": _at(-7.5)["event_at"], "known_at": CLOSE + timedelta(days=27)},
    ]
    return {
        "factors": [{"factor": "vix", "period_on": DAY, "value": 24.5, "unit": "points", **_at(0.25)}],
        "macro": vintages,
        "halts": [{"symbol": SYMBOL, "halted_at": halted, "reason": "LUDP", "market": "XNYS", **_at(-3)}],
        "short_interest": [{"symbol": SYMBOL, "settled_on": date(2020, 5, 15), "shares": 5000, **_at(-200, -10)}],
        "fails": [
            {"symbol": SYMBOL, "settled_on": date(2020, 5, 15), "shares": 50, "price_usd": 198.0, **_at(-200, -10)}
        ],
        "borrow": [{"symbol": SYMBOL, "day_on": DAY, "available_shares": 9000, "fee_rate_frac": 0.01, **_at()}],
    }


def _companies() -> dict[str, list[dict[str, Any]]]:
    filed = {"cik": "0000000002", "accession": "0000000002-20-000001", "symbol": SYMBOL, "filed_on": date(2020, 2, 20)}
    known = datetime(2020, 2, 20, 22, tzinfo=UTC)
    stamps = {"event_at": datetime(2019, 12, 31, 23, 59, 59, tzinfo=UTC), "known_at": known}
    fact = {
        **filed,
        "taxonomy": "us-gaap",
        "unit": "USD",
        "form": "10-K",
        "fiscal_year": 2019,
        "fiscal_period": "FY",
        **stamps,
    }
    assets = {**fact, "concept": "Assets", "period_end_on": date(2019, 12, 31), "value": 500.0}
    restated = {
        "value": 480.0,
        "accession": "0000000002-20-000009",
        "form": "10-K/A",
        "known_at": CLOSE - timedelta(days=3),
    }
    sales = [
        {
            **fact,
            "concept": "Revenues",
            "period_start_on": date(2019, 1, 1),
            "period_end_on": date(2019, 12, 31),
            "value": 80.0,
        }
    ]
    quarter = {
        "symbol": SYMBOL,
        "fiscal_year": 2020,
        "fiscal_quarter": 2,
        "measure": "eps_usd",
        "basis": "as-announced",
    }
    holding = {"symbol": SYMBOL, "period_on": date(2020, 3, 31), "filed_on": date(2020, 5, 15), "accession": "a-1"}
    block = {"filer": "0000000001", "cusip": "000000AA1", "kind": "SH", "put_call": "", "issuer": "ACME", "shares": 700}
    insider = {
        "insider_cik": "0000000003",
        "form": "4",
        "shares_owned": 40.0,
        "bought_shares": 10.0,
        "is_officer": True,
    }
    return {
        "filings": [
            {
                **filed,
                "form": "10-K",
                "accepted_at": known,
                "acceptance_law": "utc",
                "event_at": known,
                "known_at": known,
            }
        ],
        "fundamentals": [assets, {**assets, **restated}, *sales],
        "estimates": [
            {**quarter, "analyst": "one", "value": 1.5, **_at(-300)},
            {**quarter, "analyst": "two", "value": 1.7, **_at(-200)},
        ],
        "earnings_actuals": [{**quarter, "fiscal_quarter": 1, "value": 1.2, "consensus": 1.0, **_at(-900)}],
        "ratings": [
            {"symbol": SYMBOL, "firm": "House", "rated_on": date(2020, 6, 1), "rating": "Buy", "score": 1.0, **_at(-72)}
        ],
        "ownership_13f": [{**holding, **block, "value_usd": 70_000.0, **_at(-1500, -500)}],
        "insider_holdings": [{**holding, **insider, **_at(-1500, -500)}],
    }


def _events() -> dict[str, list[dict[str, Any]]]:
    quarter = {"symbol": SYMBOL, "fiscal_year": 2020, "fiscal_quarter": 2, "when": "post", "is_confirmed": False}
    ends = datetime(2020, 6, 30, 23, 59, 59, tzinfo=UTC)
    first = {**quarter, "scheduled_at": datetime(2020, 7, 28, 20, tzinfo=UTC), "event_at": ends, "known_at": CLOSE}
    moved = {
        "scheduled_at": datetime(2020, 7, 30, 20, tzinfo=UTC),
        "known_at": CLOSE + timedelta(days=20),
        "is_confirmed": True,
    }
    macro = {
        "country": "US",
        "event": "FOMC rate",
        "reference_on": date(2020, 6, 10),
        "scheduled_at": CLOSE + timedelta(days=5),
    }
    text = {"text_id": "t-1", "channel": "news", "symbol": SYMBOL}
    said = {"title": "Acme wins a large order", "published_at": _at(-5)["event_at"], **_at(-5)}
    run = {"feed": "news", "scope": "all", "outcome": "done", "detail": "", "n_fetched": 1, "breaker": "closed"}
    return {
        "earnings_calendar": [first, {**first, **moved}],
        "macro_calendar": [{**macro, "importance": 3, "time_law": "utc", **_at(24 * 5, -100)}],
        "texts": [{**text, **said}],
        "text_scores": [{**text, "model": "sample-1", "score": 0.6, "p_positive": 0.7, "p_negative": 0.1, **_at(-5)}],
        "feed_runs": [{**run, "from_at": CLOSE - timedelta(hours=1), "until_at": CLOSE, **_at(0.1)}],
    }


def _options() -> dict[str, list[dict[str, Any]]]:
    quotes, interest = [], []
    for expiry_on in EXPIRIES:
        for strike in range(70, 135, 5):
            for right in "CP":
                own = {"underlying_id": SECURITY, "expiry_on": expiry_on, "strike_usd": float(strike), "right": right}
                worth = _worth(strike, (expiry_on - DAY).days / 365, is_call=right == "C")
                sides = {"bid_usd": round(worth * 0.99, 4) or None, "ask_usd": round(worth * 1.01 + 0.01, 4)}
                stamps = {"event_at": QUOTED_AT, "known_at": QUOTED_AT}
                quotes.append({**own, "quoted_at": QUOTED_AT, **sides, "bid_size": 5, "ask_size": 5, **stamps})
                interest.append({**own, "open_interest": 100, **_at(-24, -6.5)})
    vendor = {
        **{name: quotes[0][name] for name in ("underlying_id", "expiry_on", "strike_usd", "right")},
        "session_on": DAY,
    }
    stated = {"price_usd": 30.0, "underlying_usd": 100.0, "implied_volatility_frac": 0.3, "finding": "unchecked"}
    return {
        "option_quotes": quotes,
        "option_open_interest": interest,
        "option_vendor_greeks": [{**vendor, **stated, **_at(0, 65.5)}],
    }


def _worth(strike: float, years: float, *, is_call: bool) -> float:
    """What an option at a spot of 100 and a volatility of 0.25 is worth (Black 1976, no interest)."""
    spread = 0.25 * sqrt(years)
    high = log(100 / strike) / spread + spread / 2
    call = 100 * _normal(high) - strike * _normal(high - spread)
    return call if is_call else call - 100 + strike


def _normal(x: float) -> float:
    return (1 + erf(x / sqrt(2))) / 2


def _facts() -> dict[str, list[dict[str, Any]]]:
    return {**_listed(), **_published(), **_companies(), **_events(), **_options()}
