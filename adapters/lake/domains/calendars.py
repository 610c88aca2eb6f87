"""What is scheduled: earnings releases and macroeconomic events; and the alerts about what happened."""

from __future__ import annotations

import polars as pl

from adapters.lake.facts.domain import Domain

_INSTANT = pl.Datetime("ns", "UTC")

EARNINGS_CALENDAR = Domain(
    name="earnings_calendar",
    keys={"symbol": pl.String(), "fiscal_year": pl.Int32(), "fiscal_quarter": pl.Int32()},
    values={"scheduled_at": _INSTANT, "when": pl.String(), "is_confirmed": pl.Boolean()},
    doc=(
        "One row a statement about when a quarter's results come. Dates move: each move is a new fact of the same key."
        " when is pre, post or unknown: pre has the session's opening as its instant, the others its close. event_at"
        " is the end of the fiscal quarter's last month, so that a moved date stays one event."
    ),
    rules={"when is none; use pre, post or unknown": pl.col("when").is_in(["pre", "post", "unknown"])},
    lag="The instant of the statement; a list of past releases is known from the opening of the session after each.",
)

MACRO_CALENDAR = Domain(
    name="macro_calendar",
    keys={"country": pl.String(), "event": pl.String(), "reference_on": pl.Date()},
    values={
        "scheduled_at": _INSTANT,
        "actual": pl.String(),
        "forecast": pl.String(),
        "previous": pl.String(),
        "importance": pl.Int32(),
        "time_law": pl.String(),
    },
    doc=(
        "One row a statement about an event. actual, forecast and previous stand as printed (0.25%); empty is null."
        " time_law says how the stated time was read (utc or london, by year). reference_on is the New York"
        " day of the event."
    ),
    lag=(
        "scheduled_at, or the vendor's last update where that is later; a statement without a result that was last"
        " updated before the event is known from that update on."
    ),
)

ALERTS = Domain(
    name="alerts",
    keys={"event_id": pl.String()},
    values={"kind": pl.String(), "symbol": pl.String(), "title": pl.String(), "detail": pl.String()},
    doc="One row an alert about an event that was ingested; event_id is the digest of what it is about.",
    lag="The instant of ingestion.",
)
