"""Bars of option trades, from tables with the columns of LEAN's data: contract, ts, open, high, low, close, volume."""

from __future__ import annotations

import polars as pl

from adapters.feeds.files.fields import Typed, refused
from adapters.feeds.files.option_contracts import (
    CONTRACT_COLUMNS,
    Batch,
    contract_fault,
    contracts,
    exact_price,
    instants,
    require_columns,
    with_owner,
)
from adapters.feeds.files.parsed import Parsed, Timing, facts_of, placed
from adapters.feeds.files.tables import no_rejects
from adapters.lake.domains.options import OPTION_TRADES
from adapters.lake.instant_laws import EVENT
from adapters.lake.sentences import sentence

_PRICES = ("open", "high", "low", "close")
_AT_END = Timing(EVENT, "ends_at", EVENT, "ends_at")


def option_trades(table: pl.DataFrame, batch: Batch, bar_s: int) -> Parsed:
    """Bars of trades: true and known at the bar's end.

    Args:
        table: contract columns, `ts` (start of the bar), open, high, low, close and volume.
        batch: its circumstances.
        bar_s: seconds of a bar.

    Raises:
        DataError: a column is missing.
    """
    require_columns(table, batch, *CONTRACT_COLUMNS, "ts", *_PRICES, "volume")
    rows = contracts(table, "ts").with_columns(
        *(exact_price(table, name, f"{name}_usd") for name in _PRICES),
        volume_contracts=table["volume"].cast(pl.Int64, strict=False),
        bar_s=pl.lit(bar_s, pl.Int32),
        starts_at=instants(table, 0),
        ends_at=instants(table, bar_s),
    )
    sound = refused(Typed(rows, no_rejects()), batch.file, "expiry", contract_fault("ends_at"))
    traded = refused(sound, batch.file, "close_usd", _bar_fault())
    return facts_of(OPTION_TRADES, placed(with_owner(traded, batch), batch.file, _AT_END), batch.file, batch.source)


def _bar_fault() -> pl.Expr:
    """Why a bar of trades cannot be true."""
    prices = [pl.col(f"{name}_usd") for name in _PRICES]
    low, high, volume = pl.col("low_usd"), pl.col("high_usd"), pl.col("volume_contracts")
    is_within = pl.all_horizontal(price.is_between(low, high) for price in prices)
    shown = [price.cast(pl.String).fill_null("none") for price in prices]
    return (
        pl.when(~pl.all_horizontal((price > 0.0).fill_null(value=False) & price.is_finite() for price in prices))
        .then(sentence("open {}, high {}, low {}, close {}: a price is missing or not above zero; correct it", *shown))
        .when(~is_within)
        .then(sentence("open {}, high {}, low {}, close {}: one lies outside low to high; correct the row", *shown))
        .when(~(volume > 0).fill_null(value=False))
        .then(sentence("volume {} is not above zero; drop the row", volume.cast(pl.String).fill_null("none")))
        .otherwise(None)
    )
