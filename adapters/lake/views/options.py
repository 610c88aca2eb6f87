"""Option chains as they were known: the newest quote of every contract that had not expired, its worth, the surface."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta

import polars as pl

from adapters.lake.domains.options import CONTRACT, OPTION_OPEN_INTEREST, OPTION_QUOTES
from adapters.lake.facts.store import FactStore
from adapters.lake.views.option_values import ChainSurface, american_volatility, chain_quotes, chain_surface, priced
from nodes.kernels.arrays import array, column
from nodes.kernels.options.chains import expiry_instants

DAY_S = 86_400
_YEAR_S = 365 * DAY_S


@dataclass(frozen=True)
class Pricing:
    """What a chain does not say itself.

    Attributes:
        rate_frac: continuous interest rate a year.
        spot_usd: price of the underlying; None reads it off the calls and puts of the first expiry.
        tree_steps: of the tree that allows for early exercise, where that is wanted and the spot is given.
    """

    rate_frac: float
    spot_usd: float | None = None
    tree_steps: int | None = None


def chain(
    store: FactStore, underlying_id: str, as_of: datetime, expiry_on: date | None = None, max_age_s: int = DAY_S
) -> pl.DataFrame:
    """The chain of an underlying as it was known at an instant: a row a contract, by expiry, strike and right.

    Columns: the contract, quoted_at, age_s, bid_usd, ask_usd, bid_size, ask_size, middle_usd, years, open_interest. A
    missing side is null, and leaves no middle.

    Args:
        store: the lake.
        underlying_id: the security.
        as_of: when everything must have been known.
        expiry_on: of one expiry only.
        max_age_s: oldest quote that counts.
    """
    own = pl.col("underlying_id") == underlying_id
    if expiry_on is not None:
        own &= pl.col("expiry_on") == expiry_on
    is_young = pl.col("quoted_at") >= as_of - timedelta(seconds=max_age_s)
    known = store.as_of(OPTION_QUOTES, as_of, event_at=as_of, where=own & is_young).collect()
    newest = known.sort("quoted_at").unique([*CONTRACT], keep="last", maintain_order=True)
    quoted = newest.select(*OPTION_QUOTES.keys, *OPTION_QUOTES.values).sort("expiry_on", "strike_usd", "right")
    aged = quoted.with_columns(
        age_s=(pl.lit(as_of) - pl.col("quoted_at")).dt.total_seconds(fractional=True),
        left_s=(expiry_instants(quoted["expiry_on"]) - pl.lit(as_of)).dt.total_seconds(fractional=True),
        middle_usd=column(chain_quotes(quoted).middle_usd),
    )
    alive = aged.filter(pl.col("age_s") <= max_age_s, pl.col("left_s") > 0.0)
    interest = store.as_of(OPTION_OPEN_INTEREST, as_of, event_at=as_of, where=own).sort("event_at").collect()
    last = interest.unique([*CONTRACT], keep="last").select(*CONTRACT, "open_interest")
    joined = alive.join(last, on=list(CONTRACT), how="left", maintain_order="left")
    return joined.with_columns(years=column(array(joined["left_s"]) / _YEAR_S)).drop("left_s")


def iv_table(
    store: FactStore, underlying_id: str, as_of: datetime, pricing: Pricing, expiry_on: date | None = None
) -> pl.DataFrame:
    """The chain with volatilities, Greeks and flags: see `priced`. Empty where there is no chain.

    With a spot and tree_steps also american_volatility_frac, which allows for early exercise.
    """
    quotes = chain(store, underlying_id, as_of, expiry_on)
    if quotes.is_empty():
        return quotes
    table = priced(quotes, pricing.rate_frac, pricing.spot_usd)
    if pricing.tree_steps is None or pricing.spot_usd is None:
        return table
    return table.with_columns(american_volatility(table, pricing.rate_frac, pricing.spot_usd, pricing.tree_steps))


def surface(store: FactStore, underlying_id: str, as_of: datetime, pricing: Pricing) -> ChainSurface | None:
    """The surface of the chain; None where too few quotes tell one."""
    table = iv_table(store, underlying_id, as_of, pricing)
    return chain_surface(table) if table.height else None
