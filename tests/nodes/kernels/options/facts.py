"""Facts of made-up chains, in the shape of the domain of option quotes."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import polars as pl

from nodes.kernels.options.chains import expiry_instants
from tests.nodes.kernels.options.chains import DAYS, STRIKES, contracts, quotes

AT = datetime(2014, 6, 6, 20, tzinfo=UTC)
ON = date(2014, 6, 6)
DAY_S = 86_400
INSTANT = pl.Datetime("ns", "UTC")


def option_facts(
    underlying: str = "AAA",
    quoted_at: datetime = AT,
    volatility: float = 0.25,
    days: tuple[int, ...] = DAYS,
    strikes: tuple[float, ...] = STRIKES,
) -> pl.DataFrame:
    """A chain quoted and known at one instant; expiries on week days some days later."""
    chain = contracts(days, strikes)
    quoted = quotes(chain, volatility)
    frame = pl.DataFrame(
        {
            "underlying_id": [underlying] * len(quoted.strike_usd),
            "expiry_on": [ON + timedelta(days=int(day)) for day in quoted.expiry],
            "strike_usd": quoted.strike_usd,
            "right": ["C" if is_call else "P" for is_call in quoted.is_call],
            "bid_usd": pl.Series(quoted.bid_usd, nan_to_null=True),
            "ask_usd": quoted.ask_usd,
        }
    )
    return stamped(frame, quoted_at, quoted_at)


def stamped(frame: pl.DataFrame, quoted_at: datetime, known_at: datetime, sequence: int = 0) -> pl.DataFrame:
    """The same quotes made and known at other instants."""
    return frame.with_columns(
        quoted_at=pl.lit(quoted_at, INSTANT),
        event_at=pl.lit(quoted_at, INSTANT),
        known_at=pl.lit(known_at, INSTANT),
        sequence=pl.int_range(sequence, sequence + pl.len()),
    )


def instants(*at: datetime | None) -> pl.Series:
    return pl.Series(at, dtype=INSTANT)


def years_to(expiry_on: date, at: datetime = AT) -> float:
    """As the kernels count: to 16:00 New York, in years of 365 days."""
    left = expiry_instants(pl.Series([expiry_on]))[0] - at
    return float(left.total_seconds()) / (365.0 * DAY_S)
