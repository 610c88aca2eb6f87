"""Made-up facts of every domain, so that every feature has values to be audited: seeded, plausible, of nobody.

The tables have the columns that features read; the lake's others are for whoever stores them.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

import numpy as np
import polars as pl

from nodes.kernels.options.pricing import Contracts, prices

SYMBOLS = ("AAA", "BBB", "CCC")
_INSTANT = pl.Datetime("ns", "UTC")
_QUARTERS_BEFORE = 13
_MOST_QUARTERS = 120
_DAY = timedelta(days=1)
_SPLIT = 2.0
_CONFIRMED_DAYS = -10
_FACTORS = {"sp500": 1000.0, "vix": 20.0, "wti": 60.0, "gold": 1200.0, "eurusd": 1.2, "y_10year": 0.03, "y_2year": 0.02}
_FACTOR_LAGS = {"sp500": timedelta(0), "vix": timedelta(minutes=15), "wti": timedelta(days=8)}


@dataclass(frozen=True)
class _World:
    """What all facts are made from: sessions' closes, the closing prices of each share, and the dice."""

    closes: Sequence[datetime]
    prices: Mapping[str, np.ndarray]
    draws: np.random.Generator

    @property
    def quarters(self) -> list[date]:
        """Quarter ends from years before the first session to the last one."""
        first = self.closes[0].date().replace(day=1)
        months = [
            (first.year * 12 + first.month - 1) // 3 * 3 - 3 * _QUARTERS_BEFORE + 3 * n for n in range(_MOST_QUARTERS)
        ]
        ends = [date(month // 12, month % 12 + 1, 1) - _DAY for month in months]
        return [end for end in ends if end <= self.closes[-1].date()]


def made_up_tables(
    closes: Sequence[datetime], seed: int = 7, symbols: Sequence[str] = SYMBOLS
) -> dict[str, pl.DataFrame]:
    """Facts of each domain by its name, over some sessions.

    Args:
        closes: the sessions' closes, ascending.
        seed: of the dice.
        symbols: the shares.
    """
    draws = np.random.default_rng(seed)
    walks = {name: 50.0 * np.exp(np.cumsum(draws.normal(0.0003, 0.02, len(closes)))) for name in symbols}
    world = _World(closes, walks, draws)
    makers: Mapping[str, Callable[[_World], list[dict[str, Any]]]] = {
        "identity": _identity, "bars_daily": _bars, "corporate_actions": _actions, "factors": _factors,
        "fundamentals": _fundamentals, "estimates": _estimates, "earnings_actuals": _actuals,
        "earnings_calendar": _calendar, "ratings": _ratings, "ownership_13f": _institutions,
        "insider_holdings": _insiders, "option_quotes": _options, "option_open_interest": _open_interest,
        "short_interest": _short_interest, "borrow": _borrow, "fails": _fails, "text_scores": _texts,
    }  # fmt: skip
    return {name: _table(maker(world)) for name, maker in makers.items()}


def _table(rows: list[dict[str, Any]]) -> pl.DataFrame:
    frame = pl.DataFrame(rows, infer_schema_length=None).sort("known_at", maintain_order=True)
    instants = [name for name in frame.columns if name.endswith("_at")]
    return frame.with_columns(pl.col(instants).cast(_INSTANT), sequence=pl.int_range(1, frame.height + 1))


def _end(day: date) -> datetime:
    return datetime.combine(day, time(23, 59, 59), UTC)


def _after(day: date, n_days: int) -> datetime:
    return datetime.combine(day + n_days * _DAY, time(14, 30), UTC)


def _split_place(world: _World, name: str) -> int:
    """The session of a share's split; beyond the last one for shares without."""
    return len(world.closes) // 2 if name == min(world.prices) else len(world.closes)


def _raw(world: _World, name: str) -> np.ndarray:
    price = world.prices[name].copy()
    price[_split_place(world, name) :] /= _SPLIT
    return price


def _identity(world: _World) -> list[dict[str, Any]]:
    first = world.closes[0]
    return [
        {"security_id": name, "symbol": name, "valid_from_on": first.date(), "event_at": first, "known_at": first}
        for name in world.prices
    ]  # fmt: skip


def _bars(world: _World) -> list[dict[str, Any]]:
    rows = []
    for name in world.prices:
        for close_at, price in zip(world.closes, _raw(world, name).tolist(), strict=True):
            opening = price * float(np.exp(world.draws.normal(0.0, 0.006)))
            high, low = (max(opening, price) * 1.004, min(opening, price) * 0.995)
            rows.append({
                "security_id": name, "symbol": name, "session_on": close_at.date(), "open_usd": round(opening, 2),
                "high_usd": round(high, 2) + 0.01, "low_usd": round(low, 2) - 0.01, "close_usd": round(price, 2),
                "volume_shares": int(world.draws.integers(100_000, 900_000)), "event_at": close_at,
                "known_at": close_at,
            })  # fmt: skip
    return rows


def _actions(world: _World) -> list[dict[str, Any]]:
    name = min(world.prices)
    opens_at = world.closes[_split_place(world, name)] - timedelta(hours=6, minutes=30)
    return [{
        "security_id": name, "kind": "split", "ex_on": opens_at.date(), "ratio": _SPLIT, "amount_usd": None,
        "announced_at": opens_at, "effective_at": opens_at, "event_at": opens_at, "known_at": opens_at,
    }]  # fmt: skip


def _factors(world: _World) -> list[dict[str, Any]]:
    rows = []
    for name, level in {**_FACTORS, "baa_10year": 2.0}.items():
        lag = _FACTOR_LAGS.get(name, timedelta(hours=17))
        steps = world.draws.normal(0.0, 0.01 if level > 1.0 else 0.005, len(world.closes))
        for close_at, value in zip(world.closes, (level * np.exp(np.cumsum(steps))).tolist(), strict=True):
            rows.append({
                "factor": name, "period_on": close_at.date(), "value": float(value), "unit": "points",
                "event_at": close_at, "known_at": close_at + lag,
            })  # fmt: skip
    return rows


_BALANCES = {"Assets": 9e9, "StockholdersEquity": 4e9, "Liabilities": 5e9, "CommonStockSharesOutstanding": 1e8}
_FLOWS = {
    "Revenues": 1e9,
    "CostOfRevenue": 6e8,
    "NetIncomeLoss": 1e8,
    "NetCashProvidedByUsedInOperatingActivities": 1.5e8,
}


def _fundamentals(world: _World) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = []
    for name in world.prices:
        for place, end_on in enumerate(world.quarters):
            known = _after(end_on, 30 + place % 7)
            common = {"cik": name, "symbol": name, "period_end_on": end_on, "event_at": _end(end_on)}
            for concept, level in _BALANCES.items():
                value = float(round(level * (1.0 + 0.03 * place) * float(np.exp(world.draws.normal(0.0, 0.05)))))
                unit = "shares" if concept.startswith("Common") else "USD"
                fact = {**common, "taxonomy": "us-gaap", "concept": concept, "unit": unit, "period_start_on": None}
                rows.append({**fact, "value": value, "known_at": known})
                if place % 4 == 0:
                    rows.append({**fact, "value": float(round(value * 0.95)), "known_at": _after(end_on, 180)})
            start_on = date(end_on.year, 1, 1)
            for concept, level in _FLOWS.items():
                value = float(round(level * (end_on.month // 3) * float(np.exp(world.draws.normal(0.0, 0.1)))))
                fact = {**common, "taxonomy": "us-gaap", "concept": concept, "unit": "USD", "period_start_on": start_on}
                rows.append({**fact, "value": value, "known_at": known})
    return rows


def _period(end_on: date) -> dict[str, Any]:
    return {"fiscal_year": end_on.year, "fiscal_quarter": end_on.month // 3}


def _estimates(world: _World) -> list[dict[str, Any]]:
    rows = []
    for name in world.prices:
        for end_on in world.quarters:
            for analyst in range(4):
                for days in (-70, -20, 5):
                    made_at = _after(end_on, days + analyst)
                    rows.append({
                        "symbol": name, **_period(end_on), "analyst": f"analyst {analyst}", "measure": "eps_usd",
                        "value": round(float(world.draws.normal(1.0, 0.1)), 2), "basis": "as-announced",
                        "event_at": made_at, "known_at": made_at,
                    })  # fmt: skip
    return rows


def _actuals(world: _World) -> list[dict[str, Any]]:
    return [
        {
            "symbol": name, **_period(end_on), "measure": "eps_usd",
            "value": round(float(world.draws.normal(1.05, 0.15)), 2),
            "consensus": 1.0, "basis": "as-announced", "event_at": _after(end_on, 25), "known_at": _after(end_on, 26),
        }
        for name in world.prices for end_on in world.quarters
    ]  # fmt: skip


def _calendar(world: _World) -> list[dict[str, Any]]:
    rows = []
    last = world.quarters[-1]
    ends = [*world.quarters, (last.replace(day=1) + timedelta(days=95)).replace(day=1) - _DAY]
    for name in world.prices:
        for end_on in ends:
            for told, due in ((-60, 24), (_CONFIRMED_DAYS, 25)):
                rows.append({
                    "symbol": name, **_period(end_on), "scheduled_at": _after(end_on, due), "when": "unknown",
                    "is_confirmed": told == _CONFIRMED_DAYS, "event_at": _end(end_on), "known_at": _after(end_on, told),
                })  # fmt: skip
    return rows


def _days(world: _World, step: int, before: int = 0) -> list[date]:
    """Every so many days, from some days before the first session on."""
    first, last = world.closes[0].date() - before * _DAY, world.closes[-1].date()
    return [first + n * _DAY for n in range(0, (last - first).days, step)]


def _ratings(world: _World) -> list[dict[str, Any]]:
    return [
        {
            "symbol": name, "firm": f"firm {place % 4}", "rated_on": day, "rating": "made up",
            "score": float(world.draws.integers(-1, 2)), "event_at": _end(day), "known_at": _after(day, 1),
        }
        for name in world.prices for place, day in enumerate(_days(world, 20, 100))
    ]  # fmt: skip


def _institutions(world: _World) -> list[dict[str, Any]]:
    return [
        {
            "filer": f"filer {number}", "cusip": name, "kind": "SH", "put_call": "", "period_on": end_on,
            "symbol": name,
            "shares": int(world.draws.integers(1_000_000, 9_000_000)), "event_at": _end(end_on),
            "known_at": _after(end_on, 40 + number),
        }
        for number in range(3) for end_on in world.quarters for name in world.prices
    ]  # fmt: skip


def _insiders(world: _World) -> list[dict[str, Any]]:
    return [
        {
            "symbol": name, "insider_cik": f"insider {place % 3}", "accession": f"{name}-{place}", "period_on": day,
            "shares_owned": float(world.draws.integers(10_000, 90_000)), "bought_shares": float(100 * place),
            "sold_shares": 500.0, "event_at": _end(day), "known_at": _after(day, 2),
        }
        for name in world.prices for place, day in enumerate(_days(world, 30))
    ]  # fmt: skip


_EXPIRIES_DAYS, _STRIKES = (20, 50, 130), (0.8, 0.9, 0.95, 1.0, 1.05, 1.1, 1.25)
_QUOTED_SESSIONS = 150


def _options(world: _World) -> list[dict[str, Any]]:
    """Chains of one share over the last sessions, priced at a volatility of each day with a smile."""
    name, rows = max(world.prices), []
    raw = _raw(world, name)
    for place in range(max(0, len(world.closes) - _QUOTED_SESSIONS), len(world.closes)):
        close_at, spot = world.closes[place], float(raw[place])
        level = 0.3 + 0.05 * float(np.sin(place / 15.0)) + float(world.draws.normal(0.0, 0.01))
        for days in _EXPIRIES_DAYS:
            expiry_on = close_at.date() + days * _DAY
            strikes = np.round(np.repeat(spot * np.array(_STRIKES), 2), 1).astype(np.float64)
            is_call = np.tile(np.array([True, False]), len(_STRIKES))
            years = np.full(len(strikes), (datetime.combine(expiry_on, time(20), UTC) - close_at).days / 365.0)
            smile = level + 0.2 * np.log(strikes / spot) ** 2 - 0.1 * np.log(strikes / spot)
            terms = Contracts(
                np.full(len(strikes), spot),
                strikes,
                years,
                np.full(len(strikes), 0.02),
                np.zeros(len(strikes)),
                is_call,
            ).terms
            values = prices(terms, smile)
            for strike, call, value in zip(strikes.tolist(), is_call.tolist(), values.tolist(), strict=True):
                rows.append({
                    "underlying_id": name, "expiry_on": expiry_on, "strike_usd": strike, "right": "C" if call else "P",
                    "quoted_at": close_at, "bid_usd": max(round(value * 0.99, 2), 0.01),
                    "ask_usd": round(value * 1.01, 2) + 0.02,
                    "event_at": close_at, "known_at": close_at,
                })  # fmt: skip
    return rows


def _open_interest(world: _World) -> list[dict[str, Any]]:
    name = max(world.prices)
    rows = []
    for close_at in world.closes[-_QUOTED_SESSIONS:]:
        told_at = close_at - timedelta(hours=8)
        expiry_on = close_at.date() + 50 * _DAY
        rows += [
            {
                "underlying_id": name, "expiry_on": expiry_on, "strike_usd": 50.0, "right": right,
                "open_interest": int(world.draws.integers(100, 9000)), "event_at": told_at, "known_at": told_at,
            }
            for right in ("C", "P")
        ]  # fmt: skip
    return rows


def _short_interest(world: _World) -> list[dict[str, Any]]:
    return [
        {
            "symbol": name, "settled_on": day, "shares": int(world.draws.integers(1_000_000, 9_000_000)),
            "event_at": _end(day), "known_at": _after(day, 12),
        }
        for name in world.prices for day in _days(world, 15, 60)
    ]  # fmt: skip


def _borrow(world: _World) -> list[dict[str, Any]]:
    return [
        {
            "symbol": name, "day_on": day, "available_shares": int(world.draws.integers(10_000, 900_000)),
            "fee_rate_frac": float(world.draws.uniform(0.002, 0.05)), "rebate_rate_frac": 0.01, "event_at": _end(day),
            "known_at": _end(day),
        }
        for name in world.prices for day in _days(world, 1, 3)
    ]  # fmt: skip


def _fails(world: _World) -> list[dict[str, Any]]:
    return [
        {
            "symbol": name, "settled_on": day, "shares": int(world.draws.integers(0, 90_000)), "price_usd": 50.0,
            "event_at": _end(day), "known_at": _after(day, 20),
        }
        for name in world.prices for day in _days(world, 7, 60)
    ]  # fmt: skip


def _texts(world: _World) -> list[dict[str, Any]]:
    return [
        {
            "text_id": f"{name} {number}", "model": "made-up", "symbol": name,
            "channel": ("news", "reddit", "x")[number % 3], "score": round(float(world.draws.uniform(-1.0, 1.0)), 3),
            "event_at": _after(day, 0) + timedelta(minutes=17 * (number % 40)),
            "known_at": _after(day, 0) + timedelta(minutes=17 * (number % 40)),
        }
        for name in world.prices for number, day in enumerate(_days(world, 1, 100))
    ]  # fmt: skip
