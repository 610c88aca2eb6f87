"""Checks of raw bars, before anything is derived from them.

A table that cannot be read as a history (rows out of order, one session twice, a symbol nobody asked for, a day that is
no session) is refused whole: its owner must act. A row that cannot be true (a price of zero, a high under the
low) is set aside with its reason, and the symbol then simply has no bar for that session. A session without a bar
and a bar without volume are facts of the market: they stay, are noted, and the guardrails judge them.
"""

from __future__ import annotations

from dataclasses import dataclass

import polars as pl

from adapters.lake.bars import PRICES
from adapters.lake.calendar import SessionCalendar
from nodes.vocabulary.errors import DataError

_MAX_QUOTED = 5
_SPLIT_LIKE = (2.0, 3.0, 4.0, 5.0, 7.0, 10.0, 15.0, 20.0)
_SPLIT_LIKE_TOLERANCE = 0.03
_FINDING_SCHEMA = {"symbol": pl.String, "session_on": pl.Date, "reason": pl.String}


@dataclass(frozen=True, slots=True)
class CheckedBars:
    """Bars that may be used, and what was found on the way.

    Attributes:
        bars: the rows that stayed.
        quarantined: symbol, session_on and reason of each row set aside.
        noted: symbol, session_on and reason of each gap and each bar without volume.
    """

    bars: pl.DataFrame
    quarantined: pl.DataFrame
    noted: pl.DataFrame


def checked_bars(bars: pl.DataFrame, universe: frozenset[str], calendar: SessionCalendar) -> CheckedBars:
    """The bars of a universe, checked. Rows must come sorted by session within each symbol.

    Raises:
        DataError: the table is no history; the message quotes the first rows of each fault.
    """
    faults = [*_unknown(bars, universe), *_disorder(bars), *_off_calendar(bars, calendar)]
    if faults:
        raise DataError("\n".join(faults))
    reason = row_reason()
    judged = bars.with_columns(reason=reason)
    quarantined = judged.filter(pl.col("reason").is_not_null()).select(*_FINDING_SCHEMA)
    kept = judged.filter(pl.col("reason").is_null()).drop("reason").sort("symbol", "session_on")
    return CheckedBars(
        kept, quarantined, pl.concat([_gaps(kept, calendar), _silent(kept)]).sort("symbol", "session_on")
    )


def without_unexplained_splits(checked: CheckedBars) -> CheckedBars:
    """Bars with ratios, each symbol cut at the first price break that looks like a split nobody declared.

    From that session on no return of the symbol means anything until its ratio is known; cutting, rather than dropping
    one row, makes the symbol stale instead of wrong, and uses nothing later than the break.
    """
    opening = pl.col("open_usd") / pl.col("close_usd").shift(1).over("symbol")
    larger = pl.max_horizontal(opening, 1.0 / opening)
    looks = pl.any_horizontal((larger / split - 1.0).abs() <= _SPLIT_LIKE_TOLERANCE for split in _SPLIT_LIKE)
    marked = checked.bars.with_columns(broken=looks.fill_null(value=False) & (pl.col("adjustment_ratio") == 1.0))
    cut = marked.with_columns(cut=pl.col("broken").cum_max().over("symbol"))
    reason = (
        pl.when("broken")
        .then(pl.lit("opens like a split but has no ratio; supply its adjusted close"))
        .otherwise(pl.lit("follows a price break without a ratio"))
    )
    found = cut.filter(pl.col("cut")).with_columns(reason=reason).select(*_FINDING_SCHEMA)
    return CheckedBars(
        cut.filter(~pl.col("cut")).drop("broken", "cut"), pl.concat([checked.quarantined, found]), checked.noted
    )


def checked_index(index: pl.DataFrame, calendar: SessionCalendar) -> pl.DataFrame:
    """Index levels, one a session, ascending and positive. Raises DataError otherwise."""
    named = index.with_columns(symbol=pl.lit("index"))
    level = pl.col("close_usd")
    bad = named.filter((level.is_null() | level.is_nan() | (level <= 0.0)).fill_null(value=True))
    faults = [*_disorder(named), *_off_calendar(named, calendar), *_quoted(bad, "has no positive level; correct it")]
    if faults:
        raise DataError("\n".join(faults))
    return index


def _quoted(rows: pl.DataFrame, what: str) -> list[str]:
    if rows.is_empty():
        return []
    shown = ", ".join(f"{symbol} {day}" for symbol, day in rows.select("symbol", "session_on").head(_MAX_QUOTED).rows())
    more = f" and {rows.height - _MAX_QUOTED} more" if rows.height > _MAX_QUOTED else ""
    return [f"{shown}{more}: {what}"]


def _unknown(bars: pl.DataFrame, universe: frozenset[str]) -> list[str]:
    strangers = bars.filter(~pl.col("symbol").is_in(sorted(universe)) | pl.col("symbol").is_null())
    return _quoted(
        strangers, f"symbol is unknown to the universe {sorted(universe)}; drop it or add it to the manifest"
    )


def _disorder(bars: pl.DataFrame) -> list[str]:
    missing = bars.filter(pl.col("session_on").is_null())
    step = pl.col("session_on").diff().over("symbol").dt.total_days()
    stepped = bars.with_columns(step=step)
    return [
        *_quoted(missing, "row has no date; supply it"),
        *_quoted(stepped.filter(pl.col("step") < 0), "row is older than the one before it; sort the file by date"),
        *_quoted(
            bars.filter(bars.select("symbol", "session_on").is_duplicated()), "session occurs twice; keep one row"
        ),
    ]


def _off_calendar(bars: pl.DataFrame, calendar: SessionCalendar) -> list[str]:
    days = bars.filter(pl.col("session_on").is_not_null())
    strange = days.filter(~pl.col("session_on").is_in(calendar.session_ons))
    return _quoted(strange, f"day is no {calendar.exchange} session; drop the row or correct its date")


def row_reason() -> pl.Expr:
    """The first reason for which a row cannot be true, or null."""
    prices = [pl.col(name) for name in PRICES]
    missing = pl.any_horizontal(price.is_null() | price.is_nan() | price.is_infinite() for price in prices)
    highest, lowest = pl.col("high_usd"), pl.col("low_usd")
    outside = pl.any_horizontal(
        (price > highest) | (price < lowest) for price in (pl.col("open_usd"), pl.col("close_usd"))
    )
    volume = pl.col("volume_shares")
    return (
        pl.when(missing)
        .then(pl.lit("a price is missing or not finite"))
        .when(pl.any_horizontal(price <= 0.0 for price in prices))
        .then(pl.lit("a price is zero or negative"))
        .when(highest < lowest)
        .then(pl.lit("the high is under the low"))
        .when(outside)
        .then(pl.lit("open or close lies outside low to high"))
        .when(volume.is_null() | (volume < 0))
        .then(pl.lit("volume is missing or negative"))
    )


def _gaps(bars: pl.DataFrame, calendar: SessionCalendar) -> pl.DataFrame:
    """The sessions between a symbol's first and last bar at which it has none."""
    spans = bars.group_by("symbol").agg(first=pl.col("session_on").min(), last=pl.col("session_on").max())
    sessions = pl.DataFrame({"session_on": calendar.session_ons}, schema={"session_on": pl.Date})
    inside = spans.join(sessions, how="cross").filter(pl.col("session_on").is_between("first", "last"))
    gaps = inside.join(bars, on=["symbol", "session_on"], how="anti")
    return gaps.with_columns(reason=pl.lit("the session has no bar")).select(*_FINDING_SCHEMA)


def _silent(bars: pl.DataFrame) -> pl.DataFrame:
    silent = bars.filter(pl.col("volume_shares") == 0)
    return silent.with_columns(reason=pl.lit("nothing was traded")).select(*_FINDING_SCHEMA)
