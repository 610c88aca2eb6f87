"""Cross-asset factors and macro series: one number a period, with the law by which it became known."""

from __future__ import annotations

import polars as pl

from adapters.lake.facts.domain import Domain

FACTORS = Domain(
    name="factors",
    keys={"factor": pl.String(), "period_on": pl.Date()},
    values={"value": pl.Float64(), "unit": pl.String()},
    doc=(
        "Level or return of a factor (vix, sp500, wti, gold, eurusd, y_10year, mkt_rf, ...) for a day. It may be"
        " negative: WTI was on 2020-04-20."
    ),
    lag="Per factor, see adapters.lake.factor_laws: its close, its publication, or a bound on it.",
    rules={"a factor has no value; leave the row out": pl.col("value").is_not_null()},
)
MACRO = Domain(
    name="macro",
    keys={"series": pl.String(), "period_on": pl.Date()},
    values={"value": pl.Float64(), "unit": pl.String()},
    doc="A macro series by period; every vintage that changed a value is a fact of its own.",
    lag="The opening of the session after the vintage's date: archives of vintages keep days, not times.",
    rules={"a period has no value; leave the row out": pl.col("value").is_not_null()},
)
