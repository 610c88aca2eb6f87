"""Rows of factors, placed in time by the law of each factor."""

from __future__ import annotations

import polars as pl

from adapters.feeds.files.fields import Typed, refused
from adapters.feeds.files.parsed import Timing, placed
from adapters.feeds.files.tables import joined_rejects, no_rejects
from adapters.lake.factor_laws import FACTOR_LAWS
from adapters.lake.sentences import sentence


def placed_by_law(kept: Typed, file: str) -> Typed:
    """Rows (with `factor` and `period_on`) with event_at and known_at; a factor without a law is refused.

    A unit that the rows do not state is that of the law; another one than the law's is refused.
    """
    stated = kept.rows if "unit" in kept.rows.columns else kept.rows.with_columns(unit=pl.lit(None, pl.String))
    known = refused(Typed(stated, kept.rejected), file, "factor", _unknown())
    units = {factor: law.unit for factor, law in FACTOR_LAWS.items()}
    lawful = pl.col("factor").replace_strict(units, default=None, return_dtype=pl.String)
    reason = sentence("unit of {} was {}, expected {}; convert the value", "factor", "unit", lawful)
    other = pl.when(pl.col("unit").is_not_null() & (pl.col("unit") != lawful)).then(reason).otherwise(None)
    sound = refused(known, file, "unit", other)
    rows = sound.rows.with_columns(unit=lawful)
    parts = [
        placed(Typed(group, no_rejects()), file, _timing(str(factor)))
        for (factor,), group in rows.group_by("factor", maintain_order=True)
    ]
    if not parts:
        instants = {name: pl.lit(None, pl.Datetime("ns", "UTC")) for name in ("event_at", "known_at")}
        return Typed(rows.with_columns(**instants), sound.rejected)
    rejects = joined_rejects([sound.rejected, *(part.rejected for part in parts)])
    return Typed(pl.concat([part.rows for part in parts]), rejects)


def _timing(factor: str) -> Timing:
    law = FACTOR_LAWS[factor]
    return Timing(law.event, "period_on", law.known, "period_on")


def _unknown() -> pl.Expr:
    known = ", ".join(sorted(FACTOR_LAWS))
    strange = ~pl.col("factor").is_in(sorted(FACTOR_LAWS))
    return pl.when(strange).then(pl.lit(f"has no law of when it is known; use one of {known}")).otherwise(None)
