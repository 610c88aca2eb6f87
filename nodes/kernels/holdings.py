"""What institutions and insiders were known to hold, and to have traded, at an instant."""

from __future__ import annotations

import polars as pl

from nodes.kernels.derived import kept
from nodes.kernels.split_basis import cut_at_splits
from nodes.kernels.standing import AMOUNT, FROM, UNTIL, spells, totals, whole

_SHARES = "SH"


@kept
def institutional_steps(holdings: pl.DataFrame, splits: pl.DataFrame, life_days: int) -> pl.DataFrame:
    """Steps of the number of filers and of the shares that they hold: symbol, at, count, amount.

    A filer's quarter stands from its filing until his next one, for all his shares at once: a share that the next one
    no longer names is sold. Options and principal amounts are no shares. A late filing of an old quarter changes
    nothing.
    """
    shares = pl.when(pl.col("kind") == _SHARES, pl.col("put_call") == "", ~_is_retracted(holdings)).then("shares")
    filed = holdings.sort("filer", "known_at", "period_on", "sequence").with_columns(
        newest_on=pl.col("period_on").cum_max().over("filer"), held=shares
    )
    current = filed.filter(pl.col("period_on") == pl.col("newest_on"))
    filings = current.select("filer", "known_at", "sequence").unique(["filer", "known_at"], keep="last")
    stands = spells(filings, [], ["filer"], life_days).select("filer", "known_at", FROM, UNTIL)
    named = current.drop_nulls("symbol").group_by("symbol", "filer", "known_at", "period_on").agg(pl.sum("held"))
    standing = named.join(stands, on=["filer", "known_at"])
    basis = _in_shares_of_each_day(standing, splits)
    return totals(basis.filter(pl.col(AMOUNT) > 0), ["symbol"])


@kept
def insider_trade_steps(forms: pl.DataFrame) -> pl.DataFrame:
    """Steps of the shares that insiders had bought on the open market, less those sold, so far: symbol, at, amount.

    A form that is stated anew counts by what it changes, one that is taken back no more.
    """
    net = pl.when(~_is_retracted(forms)).then(whole(pl.col("bought_shares") - pl.col("sold_shares"), 1.0))
    form = ("symbol", "insider_cik", "accession")
    told = forms.sort(*form, "known_at", "sequence").with_columns(net.alias(AMOUNT))
    before = pl.col(AMOUNT).fill_null(0).shift(1).over(form)
    change = pl.when(before.is_null()).then(AMOUNT).otherwise(pl.col(AMOUNT).fill_null(0) - before)
    kept = told.select("symbol", change.alias(AMOUNT), at="known_at").drop_nulls(AMOUNT)
    steps = kept.group_by("symbol", "at").agg(pl.sum(AMOUNT)).sort("symbol", "at")
    return steps.with_columns(pl.cum_sum(AMOUNT).over("symbol"))


@kept
def insider_steps(forms: pl.DataFrame, splits: pl.DataFrame, life_days: int) -> pl.DataFrame:
    """Steps of the number of insiders and of the shares that they own, each by his newest form: symbol, at."""
    told = forms.filter(pl.col("shares_owned").is_not_null() | _is_retracted(forms)).rename({"shares_owned": "held"})
    standing = spells(told, ["symbol"], ["insider_cik"], life_days)
    return totals(_in_shares_of_each_day(standing, splits), ["symbol"])


def _in_shares_of_each_day(standing: pl.DataFrame, splits: pl.DataFrame) -> pl.DataFrame:
    """Spells cut at the splits since their period, with the shares held as whole numbers.

    The shares are those of the period's end, so that a split before the filing was known counts as well.
    """
    period_end = pl.col("period_on").cast(pl.Datetime("ns")).dt.replace_time_zone("UTC").dt.offset_by("1d")
    known = standing.with_columns(
        pl.min_horizontal(FROM, period_end).alias(FROM),
        known_from=pl.col(FROM),
        held=pl.col("held").cast(pl.Float64),
    )
    cut = cut_at_splits(known, splits, "held", 1)
    clipped = cut.with_columns(pl.max_horizontal(FROM, "known_from").alias(FROM))
    live = clipped.filter(pl.col(UNTIL).is_null() | (pl.col(UNTIL) > pl.col(FROM)))
    return live.with_columns(whole(pl.col("held"), 1.0).alias(AMOUNT))


def _is_retracted(facts: pl.DataFrame) -> pl.Expr:
    return pl.col("is_retracted") if "is_retracted" in facts.columns else pl.lit(value=False)
