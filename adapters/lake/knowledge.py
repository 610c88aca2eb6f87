"""When a fact could first be known, for sources that state a wall-clock time or an acceptance instant.

Sources that state a day only are in `adapters.lake.session_instants`.
"""

from __future__ import annotations

import polars as pl

from adapters.lake.session_instants import ends_of_day, next_opens

INSTANT = pl.Datetime("ns", "UTC")
NEW_YORK = "America/New_York"
_EDGAR_OPENS_S = 6 * 3600
_CLOSE_MINUTE = 16 * 60


def new_york_instants(wall_clock: pl.Expr) -> pl.Expr:
    """Naive New York wall-clock times as instants; a time that the autumn repeats is its second, a skipped one null."""
    return (
        wall_clock.cast(pl.Datetime("ns"))
        .dt.replace_time_zone(NEW_YORK, ambiguous="latest", non_existent="null")
        .dt.convert_time_zone("UTC")
    )


def filing_knowledge(filings: pl.DataFrame) -> pl.Series:
    """When each filing (`filed_on`, `accepted_at`) was public.

    EDGAR accepts until 22:00 and dates what comes after 17:30 with the next business day, on which it is disseminated
    from 06:00 on (17 CFR 232.13; EDGAR Filer Manual, volume II): so it is the later of acceptance and 06:00 New York
    of the filing date. Without an acceptance it is the opening of the next session.
    """
    opens = pl.col("filed_on").cast(pl.Datetime("ns")) + pl.duration(seconds=_EDGAR_OPENS_S)
    disseminated_at = new_york_instants(opens)
    known = filings.select(
        known_at=pl.when(pl.col("accepted_at").is_null())
        .then(next_opens(filings["filed_on"]))
        .otherwise(pl.max_horizontal("accepted_at", disseminated_at))
    )
    return known["known_at"]


def release_knowledge(released_at: pl.Series) -> pl.Series:
    """When a press release with a stated instant was known; one stated at 16:00 New York sharp from the next opening.

    Vendors write the session's close where they only know "after the close": Apple's results come at 16:30. Taken at
    its word, such a stamp would let the closing price of that day see what was published half an hour later.
    """
    local = released_at.dt.convert_time_zone(NEW_YORK)
    is_placeholder = (local.dt.hour().cast(pl.Int32) * 60 + local.dt.minute() == _CLOSE_MINUTE) & (
        local.dt.second() == 0
    )
    return released_at.cast(INSTANT).zip_with(~is_placeholder, next_opens(local.dt.date()))


def with_day_knowledge(rows: pl.DataFrame, event_on: str, known_on: str) -> pl.DataFrame:
    """Rows of a source that states days: true at the end of one day, known from the session after another."""
    return rows.with_columns(
        ends_of_day(rows[event_on]).alias("event_at"), next_opens(rows[known_on]).alias("known_at")
    )
