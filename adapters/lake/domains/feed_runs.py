"""The runs of the feeds: what each was asked, what it brought and how it ended."""

from __future__ import annotations

import polars as pl

from adapters.lake.facts.domain import Domain

_INSTANT = pl.Datetime("ns", "UTC")
DONE = "done"

FEED_RUNS = Domain(
    name="feed_runs",
    keys={"feed": pl.String()},
    values={
        "scope": pl.String(),
        "outcome": pl.String(),
        "detail": pl.String(),
        "from_at": _INSTANT,
        "until_at": _INSTANT,
        "n_fetched": pl.Int64(),
        "n_accepted": pl.Int64(),
        "n_quarantined": pl.Int64(),
        "n_throttled": pl.Int64(),
        "breaker": pl.String(),
        "rests_until_at": _INSTANT,
    },
    doc=(
        "One row a run of a feed over from_at to until_at. outcome is done, or why it ended early: throttled,"
        " unreachable, refused, incomplete (an answer could not be used) or open (the circuit breaker). until_at of"
        " the newest run that is done is the feed's watermark for its scope. A feed is not asked before"
        " rests_until_at. event_at is when the run began."
    ),
    lag="The end of the run.",
    retention_days=400,
)
