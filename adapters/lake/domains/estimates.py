"""Estimates of analysts, and what companies then announced."""

from __future__ import annotations

import polars as pl

from adapters.lake.facts.domain import Domain

_RULES = {
    "the fiscal quarter is none of 1 to 4; correct it": pl.col("fiscal_quarter").is_between(1, 4),
    "basis is none; use as-announced, rescaled or not-point-in-time": pl.col("basis").is_in(
        ["as-announced", "rescaled", "not-point-in-time"]
    ),
}
_PERIOD = {"symbol": pl.String(), "fiscal_year": pl.Int32(), "fiscal_quarter": pl.Int32()}

ESTIMATES = Domain(
    name="estimates",
    keys={**_PERIOD, "analyst": pl.String(), "measure": pl.String()},
    values={
        "value": pl.Float64(),
        "basis": pl.String(),
        "split_factor": pl.Float64(),
        "is_flagged": pl.Boolean(),
        "estimate_id": pl.String(),
    },
    doc=(
        "One row an estimate. measure is eps_usd or revenue_usd. basis says how value stands to what was said on the"
        " day: as-announced, rescaled (the vendor had divided by later splits; multiplied back by split_factor) or"
        " not-point-in-time (splits unknown, so the vendor's number as it is). is_flagged is the vendor's mark of an"
        " unreliable estimate, set at an unknown time: it is not point in time. event_at is when it was made."
    ),
    lag="The instant at which the vendor recorded it.",
    rules=_RULES,
)

EARNINGS_ACTUALS = Domain(
    name="earnings_actuals",
    keys={**_PERIOD, "measure": pl.String()},
    values={
        "value": pl.Float64(),
        "consensus": pl.Float64(),
        "crowd_consensus": pl.Float64(),
        "basis": pl.String(),
        "split_factor": pl.Float64(),
    },
    doc=(
        "One row an announced number, with the vendor's consensus before it (consensus: Wall Street; crowd_consensus:"
        " Estimize). basis and split_factor as in the domain estimates; they hold for all three numbers. event_at is"
        " the release as stated."
    ),
    lag=(
        "The stated release; a release stated at 16:00 New York sharp, or by its date only, from the opening of the"
        " next session, or from the acceptance of the 8-K with item 2.02 when it is given."
    ),
    rules=_RULES,
)
