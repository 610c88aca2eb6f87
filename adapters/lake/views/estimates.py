"""Estimates as they stood: the consensus of an instant, and what was then announced against it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

import polars as pl

from adapters.lake.domains.estimates import EARNINGS_ACTUALS, ESTIMATES
from adapters.lake.facts.store import FactStore
from nodes.kernels.opinions import EPS_SCALE, PERIOD, estimate_steps, estimates_at, mean, period_number, spread
from nodes.kernels.surprises import NOT_POINT_IN_TIME
from nodes.vocabulary.errors import DataError

EPS = "eps_usd"
NO_SPLITS = pl.DataFrame(schema={"symbol": pl.String, "ex_on": pl.Date, "ratio": pl.Float64})


@dataclass(frozen=True)
class Consensus:
    """What analysts expected of a quarter at an instant.

    Attributes:
        symbol: company.
        fiscal_year: year of the quarter.
        fiscal_quarter: the quarter.
        n_estimates: analysts whose newest estimate still stood.
        mean_usd: their mean, in the shares of the instant; None without estimates.
        spread_usd: their sample standard deviation; None for fewer than two.
    """

    symbol: str
    fiscal_year: int
    fiscal_quarter: int
    n_estimates: int
    mean_usd: float | None
    spread_usd: float | None


def consensus(
    store: FactStore,
    quarter: tuple[str, int, int],
    known_at: datetime,
    splits: pl.DataFrame,
    life: timedelta,
) -> Consensus:
    """The consensus of earnings a share for a quarter, as it stood at an instant.

    Args:
        store: the lake.
        quarter: symbol, fiscal year, fiscal quarter.
        known_at: the instant.
        splits: splits in force at that instant: symbol, ex_on, ratio. Estimates made before them are brought to the new
            shares.
        life: how long an estimate stands that its analyst does not renew.
    """
    symbol, year, number = quarter
    where = (pl.col("symbol") == symbol) & (pl.col("fiscal_year") == year) & (pl.col("fiscal_quarter") == number)
    facts = store.history(ESTIMATES, known_at, where).collect()
    steps = estimate_steps(facts, EPS, splits.sort("ex_on"), life.days)
    keyed = period_number(pl.DataFrame({"fiscal_year": [year], "fiscal_quarter": [number]}))
    at = pl.Series([known_at], dtype=pl.Datetime("ns", "UTC"))
    found = estimates_at(steps, pl.Series([symbol]), keyed[PERIOD], at)
    count = found["count"].item() or 0
    middle, width = float(mean(found, EPS_SCALE)[0]), float(spread(found, EPS_SCALE)[0])
    return Consensus(symbol, year, number, count, middle if count > 0 else None, width if count > 1 else None)


def actuals(store: FactStore, symbol: str, known_at: datetime, measure: str = EPS) -> pl.DataFrame:
    """Announced numbers known at an instant, newest quarter first, with the surprise against the consensus before.

    Returns:
        fiscal_year, fiscal_quarter, value, consensus, surprise_frac, basis, event_at, known_at. A number of unknown
        split basis has no surprise.
    """
    where = (pl.col("symbol") == symbol) & (pl.col("measure") == measure)
    expected = pl.col("consensus").abs()
    surprise = pl.when(expected > 0.0, pl.col("basis") != NOT_POINT_IN_TIME).then(
        (pl.col("value") - pl.col("consensus")) / expected
    )
    facts = store.as_of(EARNINGS_ACTUALS, known_at, where=where).with_columns(surprise_frac=surprise)
    columns = ("fiscal_year", "fiscal_quarter", "value", "consensus", "surprise_frac", "basis", "event_at", "known_at")
    return facts.sort("fiscal_year", "fiscal_quarter", descending=True).select(columns).collect()


def first_announced(store: FactStore, quarter: tuple[str, int, int], known_at: datetime, measure: str = EPS) -> float:
    """A number as it was first announced. Raises DataError when none was known, or its split basis is unknown."""
    symbol, year, number = quarter
    where = (pl.col("symbol") == symbol) & (pl.col("measure") == measure)
    period = (pl.col("fiscal_year") == year) & (pl.col("fiscal_quarter") == number)
    facts = store.first_prints(EARNINGS_ACTUALS, known_at, where & period).collect()
    usable = facts.filter(pl.col("basis") != NOT_POINT_IN_TIME).sort("known_at", "sequence")
    if usable.is_empty():
        what = "embeds unknown splits" if facts.height else "was not known"
        message = f"{measure} of {symbol} {year} Q{number} {what}; import it with the splits that its file embeds"
        raise DataError(message, reason="not-known")
    return float(usable["value"][0])
