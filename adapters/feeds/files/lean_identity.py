"""LEAN map and factor files: leases of tickers, and the corporate actions that the cumulative factors stand for.

A factor of a LEAN file embeds everything that came later, so none is kept: only the ratio of two neighbouring rows,
rewritten as the split or the dividend that made it. `file` names a security by the newest ticker; its first row
says when it begins.
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path

import polars as pl

from adapters.feeds.files.fields import Field, Kind, Typed, refused, typed
from adapters.feeds.files.lean_layout import LAST_DAY
from adapters.feeds.files.leases import SCHEMA
from adapters.feeds.files.parsed import Parsed, Timing, facts_of, placed
from adapters.feeds.files.tables import LINE, Layout, file_bytes, no_rejects, text_table
from adapters.lake.domains.corporate_actions import (
    CORPORATE_ACTIONS,
    DELISTING,
    DIVIDEND,
    LISTING,
    SPLIT,
    TICKER_CHANGE,
)
from adapters.lake.domains.identity import IDENTITY
from adapters.lake.instant_laws import Law, Rule
from adapters.lake.session_instants import sessions_after

SOURCE = "lean"
_MAP = Layout(columns=("until_on", "symbol", "exchange"), n_optional=1)
_FACTORS = Layout(columns=("until_on", "price_factor", "split_factor", "reference_close_usd"), n_optional=1)
_DAY = Field("until_on", Kind.DATE, form="%Y%m%d")
_MAP_FIELDS = (_DAY, Field("symbol"), Field("exchange", is_required=False))
_FACTOR_FIELDS = (
    _DAY,
    Field("price_factor", Kind.NUMBER),
    Field("split_factor", Kind.NUMBER),
    Field("reference_close_usd", Kind.NUMBER, is_required=False),
)
_OPENS = Timing(Law(Rule.SESSION_OPEN), "begins_on", Law(Rule.SESSION_OPEN), "knows_on")
_SMALL = 20
_SPLIT_TOLERANCE = 5e-4
_SAME = 1e-9
_DECIMALS = 4


@dataclass(frozen=True, slots=True)
class MapFile:
    """What a map file says.

    Attributes:
        leases: its security's leases, in order.
        identity: the same as facts; that a lease ended is a second fact, known when the next one begins.
        actions: ticker changes, listing and delisting.
    """

    leases: pl.DataFrame
    identity: Parsed
    actions: Parsed


def map_file(path: Path) -> MapFile:
    """A map file, read."""
    name = f"map_files/{path.name}"
    kept = _in_order(typed(text_table(name, file_bytes(path), _MAP), _MAP_FIELDS), name)
    leases = _leases(kept.rows)
    return MapFile(leases, lease_facts(leases, name, SOURCE, kept.rejected), _changes(leases, name))


def lease_facts(leases: pl.DataFrame, file: str, source: str, rejected: pl.DataFrame) -> Parsed:
    """Leases as facts: each begins without an end, which is known from the opening after its last day."""
    begun = leases.with_columns(begins_on="valid_from_on", knows_on="valid_from_on").with_columns(
        valid_to_on=pl.lit(None, pl.Date)
    )
    over = leases.filter(pl.col("valid_to_on").is_not_null())
    ended = over.with_columns(begins_on="valid_from_on", knows_on=sessions_after(over["valid_to_on"], 1))
    both = pl.concat([begun, ended]).with_columns(pl.lit(0, pl.Int64).alias(LINE))
    return facts_of(IDENTITY, placed(Typed(both, rejected), file, _OPENS), file, source)


def _in_order(kept: Typed, file: str) -> Typed:
    late = pl.col("until_on") < pl.col("until_on").cum_max()
    reason = pl.when(late).then(pl.lit("is earlier than the row before it; sort the rows by date"))
    return refused(kept, file, "until_on", reason.otherwise(None))


def _leases(rows: pl.DataFrame) -> pl.DataFrame:
    """One row a stretch under one ticker: the first row of the file is where the first stretch begins."""
    if rows.height < 2:  # noqa: PLR2004  # a beginning and an end
        return pl.DataFrame(schema=SCHEMA)
    begins_on = pl.concat(
        [rows["until_on"].head(1), rows["until_on"].slice(1).head(rows.height - 2).dt.offset_by("1d")]
    )
    upper = rows.with_columns(pl.col("symbol").str.to_uppercase())
    spans = upper.slice(1).with_columns(valid_from_on=begins_on)
    stretch = (pl.col("symbol") != pl.col("symbol").shift(1)).fill_null(value=True).cum_sum()
    merged = spans.group_by(stretch.alias("stretch"), maintain_order=True).agg(
        pl.col("symbol", "valid_from_on", "exchange").first(), valid_to_on=pl.col("until_on").last()
    )
    first = merged.row(0, named=True)
    return merged.select(
        security_id=pl.lit(f"{first['symbol']}:{first['valid_from_on']}"),
        symbol="symbol",
        valid_from_on="valid_from_on",
        valid_to_on=pl.when(pl.col("valid_to_on") < LAST_DAY).then("valid_to_on"),
        exchange="exchange",
        name=pl.lit(None, pl.String),
    )


def _changes(leases: pl.DataFrame, file: str) -> Parsed:
    """The changes between leases, and the end of the last one."""
    ends_on = sessions_after(leases["valid_to_on"], 1)
    table = leases.with_columns(previous=pl.col("symbol").shift(1), ends_on=ends_on)
    changed = table.filter(pl.col("previous").is_not_null()).select(
        "security_id",
        kind=pl.lit(TICKER_CHANGE),
        ex_on="valid_from_on",
        detail=pl.col("previous") + " becomes " + pl.col("symbol"),
    )
    last = table.tail(1).filter(pl.col("ends_on").is_not_null())
    ended = last.select(
        "security_id", kind=pl.lit(DELISTING), ex_on="ends_on", detail=pl.col("symbol") + " trades no more"
    )
    listed = table.head(1).select(
        "security_id", kind=pl.lit(LISTING), ex_on="valid_from_on", detail=pl.col("symbol") + " begins here"
    )
    return _actions(
        Typed(pl.concat([listed, changed, ended]).with_columns(pl.lit(0, pl.Int64).alias(LINE)), no_rejects()), file
    )


def _actions(kept: Typed, file: str) -> Parsed:
    rows = kept.rows.with_columns(begins_on="ex_on", knows_on="ex_on")
    timed = placed(Typed(rows, kept.rejected), file, _OPENS)
    return facts_of(
        CORPORATE_ACTIONS, Typed(timed.rows.with_columns(effective_at="event_at"), timed.rejected), file, SOURCE
    )


def factor_file(path: Path, security_id: str) -> Parsed:
    """The splits and dividends behind a factor file."""
    name = f"factor_files/{path.name}"
    kept = _in_order(typed(text_table(name, file_bytes(path), _FACTORS), _FACTOR_FIELDS), name)
    kept = refused(kept, name, "price_factor", _factor_fault())
    following = kept.rows.with_columns(
        later_price=pl.col("price_factor").shift(-1),
        later_split=pl.col("split_factor").shift(-1),
        ex_on=sessions_after(kept.rows["until_on"], 1),
        security_id=pl.lit(security_id),
    ).filter(pl.col("later_price").is_not_null())
    known = refused(Typed(following, kept.rejected), name, "reference_close_usd", _dividend_fault())
    return _actions(Typed(pl.concat([_splits(known.rows), _dividends(known.rows)]), known.rejected), name)


def _factor_fault() -> pl.Expr:
    positive = (pl.col("price_factor") > 0.0) & (pl.col("split_factor") > 0.0)
    return pl.when(~positive).then(pl.lit("a factor is not above zero; restore the row")).otherwise(None)


def _dividend_fault() -> pl.Expr:
    is_paid = _is_moved("price_factor", "later_price")
    unknown = is_paid & (pl.col("reference_close_usd").fill_null(0.0) <= 0.0)
    falls = pl.col("later_price") < pl.col("price_factor") - _SAME
    return (
        pl.when(unknown)
        .then(pl.lit("has no close before the dividend, so its amount is unknown; supply it"))
        .when(falls)
        .then(pl.lit("a price factor falls, which is no dividend; restore the row"))
        .otherwise(None)
    )


def _is_moved(now: str, later: str) -> pl.Expr:
    return (pl.col(later) / pl.col(now) - 1.0).abs() > _SAME


def _splits(rows: pl.DataFrame) -> pl.DataFrame:
    moved = rows.filter(_is_moved("split_factor", "later_split"))
    ratios = [whole_ratio(later / now) for now, later in moved.select("split_factor", "later_split").iter_rows()]
    return moved.select(
        LINE,
        "security_id",
        "ex_on",
        kind=pl.lit(SPLIT),
        ratio=pl.Series(ratios, dtype=pl.Float64),
        amount_usd=pl.lit(None, pl.Float64),
        detail=pl.lit("from the ratio of two split factors"),
    )


def _dividends(rows: pl.DataFrame) -> pl.DataFrame:
    paid = rows.filter(_is_moved("price_factor", "later_price"))
    amount = pl.col("reference_close_usd") * (1.0 - pl.col("price_factor") / pl.col("later_price"))
    return paid.select(
        LINE,
        "security_id",
        "ex_on",
        kind=pl.lit(DIVIDEND),
        ratio=pl.lit(None, pl.Float64),
        amount_usd=amount.round(_DECIMALS),
        detail=pl.lit("from the ratio of two price factors and the close before"),
    )


def whole_ratio(ratio: float) -> float:
    """The ratio of small whole numbers that a rounded factor stands for, or the ratio itself when none is near.

    LEAN writes seven decimals: 0.0357143 to 0.25 is 6.999997, a split of 7 for 1.
    """
    larger = max(ratio, 1.0 / ratio)
    near = Fraction(larger).limit_denominator(_SMALL)
    if near == 1 or abs(larger / float(near) - 1.0) > _SPLIT_TOLERANCE:
        return ratio
    return float(near) if ratio > 1.0 else 1.0 / float(near)
