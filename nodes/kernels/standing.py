"""What stands at an instant: the newest statement of each of many, added up over those that have not lapsed.

A statement stands from when it is known until the same source makes its next one, or until it lapses. Totals are of
whole numbers (scaled, where the statement has decimals), so that they do not depend on the order of addition and a
window computed alone equals the same window inside twenty years.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import timedelta

import numpy as np
import polars as pl

from nodes.kernels.arrays import Index
from nodes.kernels.derived import DERIVED, kept
from nodes.kernels.runs import begins_run, in_order, last_of_runs, next_in_run, running_maximum
from nodes.kernels.steps import Ladder, few, gathered, key_codes, named

FROM, UNTIL, AMOUNT = "from_at", "until_at", "amount"
_LARGEST = 2.0**53
_INSTANT = pl.Datetime("ns", "UTC")
_NEVER = np.iinfo(np.int64).max


def spells(facts: pl.DataFrame, by: Sequence[str], source: Sequence[str], life_days: int | None = None) -> pl.DataFrame:
    """Facts with from_at and until_at: each stands until the next of the same source, or until it lapses.

    A late revision of an older event changes nothing. Once the newest is taken back nothing stands until the next: what
    stood before it has been replaced.

    Args:
        facts: with known_at and sequence, event_at where revisions come late, and is_retracted where some are taken
            back. Of several that one source makes at one instant, the last of the newest event stands.
        by: columns that say what the statement is about.
        source: columns that say whose it is.
        life_days: after how many days a statement lapses; None when it never does.
    """
    ordered, next_at = _successions(facts, (*by, *source))
    lapses_at = pl.lit(None) if life_days is None else pl.col("known_at") + timedelta(days=life_days)
    placed = ordered.with_columns(
        pl.col("known_at").alias(FROM),
        pl.min_horizontal(next_at, lapses_at.cast(pl.Datetime("ns", "UTC"))).alias(UNTIL),
    )
    return unretracted(placed)


@kept
def _successions(facts: pl.DataFrame, key: Sequence[str]) -> tuple[pl.DataFrame, pl.Series]:
    """The statements that each source made in turn, and when each was followed by the next."""
    ordered = last_of_runs(newest_events(facts, key), [*key, "known_at"])
    return ordered, next_in_run(ordered, key, "known_at")


def unretracted(facts: pl.DataFrame) -> pl.DataFrame:
    """The facts that say something, without those that take something back."""
    return facts.filter(~pl.col("is_retracted")) if "is_retracted" in facts.columns else facts


def newest_events(facts: pl.DataFrame, key: Sequence[str]) -> pl.DataFrame:
    """The facts in the order in which each key's became known, without those of older events than were known then."""
    if "event_at" not in facts.columns:
        return facts.sort(*key, "known_at", "sequence")
    ordered = facts.sort(*key, "known_at", "event_at", "sequence").drop_nulls("event_at")
    begins = begins_run(ordered, key)
    if begins.all():
        return ordered
    events = ordered["event_at"].to_physical().cast(pl.Int64).to_numpy()
    return ordered.filter(pl.Series(events >= running_maximum(events, begins)))


def whole(values: pl.Expr, scale: float) -> pl.Expr:
    """Values as whole numbers of 1 / scale; null where they are missing or too large to be added up exactly."""
    scaled = (values * scale).round()
    return pl.when(scaled.is_finite() & (scaled.abs() < _LARGEST)).then(scaled).cast(pl.Int64)


def totals(standing: pl.DataFrame, by: Sequence[str]) -> pl.DataFrame:
    """Steps of the number and the sum of what stands: by, at, count, amount, and square where it is asked for.

    Args:
        standing: by, from_at, until_at, amount (whole numbers), and square where wanted. A row without amount does
            not count.
        by: columns to add up within.
    """
    sums = [name for name in (AMOUNT, "square") if name in standing.columns]
    rows = in_order(standing.drop_nulls([FROM, *sums]).with_columns(count=pl.lit(1, pl.Int64)), by)
    begins, has_end = begins_run(rows, by), rows[UNTIL].is_not_null().to_numpy()
    run, at = np.cumsum(begins) - 1, _instants(rows[FROM])
    run, at = np.append(run, run[has_end]), np.append(at, _instants(rows[UNTIL].drop_nulls()))
    order = np.lexsort((at, run))
    run, at = run[order], at[order]
    is_last = np.append((np.diff(run) != 0) | (np.diff(at) != 0), np.True_)[: len(at)]
    first = np.searchsorted(run, run[is_last])
    steps = rows.select(by)[np.flatnonzero(begins)].select(pl.all().gather(run[is_last]))
    for name in ("count", *sums):
        amounts = rows[name].to_numpy()
        so_far = np.append(0, np.cumsum(np.append(amounts, -amounts[has_end])[order]))
        steps = steps.with_columns(pl.Series(name, so_far[1:][is_last] - so_far[first]))
    return steps.insert_column(len(by), pl.Series("at", at[is_last]).cast(_INSTANT))


def _instants(column: pl.Series) -> Index:
    instants: Index = column.cast(_INSTANT).to_physical().to_numpy()
    return instants


def at_rows(steps: pl.DataFrame, rows: Mapping[str, pl.Series], at: pl.Series) -> pl.DataFrame:
    """The step in force at each row: the columns of `steps` beside its keys, in the order of the rows; null before.

    Args:
        steps: keys, at, and values.
        rows: the keys of each row, by name.
        at: the instant of each row; a step at exactly that instant is in force.
    """
    if few(len(at), steps.height) and rows:
        ladder = DERIVED.of(steps, ("at_rows", tuple(rows)), lambda: _ladder(steps, tuple(rows)))
        values = [steps[name] for name in steps.columns if name != "at" and name not in rows]
        return gathered(values, ladder.found(named(list(rows.values())), at))
    asked = pl.DataFrame({**rows, "at": at.cast(pl.Datetime("ns", "UTC"))}).with_row_index("row")
    found = asked.sort("at").join_asof(steps.sort("at"), on="at", by=list(rows), check_sortedness=False)
    return found.sort("row").drop("row", "at", *rows)


def _ladder(steps: pl.DataFrame, by: Sequence[str]) -> Ladder:
    """The steps in order; a null in a key or an instant names nothing, as in a join."""
    named = steps.select(*by, "at").with_row_index("place").drop_nulls()
    ordered = named.sort(*by, "at", maintain_order=True)
    names = ordered.select(by).unique(maintain_order=True).with_row_index("key")
    keys = ordered.select(by).join(names, on=list(by), how="left", maintain_order="left")["key"]
    instants = ordered["at"].cast(pl.Datetime("ns", "UTC")).to_physical().to_numpy()
    places = ordered["place"].cast(pl.Int64).to_numpy()
    return Ladder.of_sorted(key_codes(names.select(by)), keys.cast(pl.Int64).to_numpy(), instants, places)


def amount_standing(found: pl.DataFrame) -> pl.Series:
    """The sum of what stands at each row; null where nothing does: what has lapsed is not known to be zero."""
    return found.select(pl.when(pl.col("count") > 0).then(AMOUNT))[AMOUNT]


def days_until(calendar: pl.DataFrame, due: str, symbol: pl.Series, at: pl.Series) -> pl.Series:
    """Whole days from each row to the earliest due instant after it, by the calendar as it then stood.

    Args:
        calendar: symbol, fiscal_year, fiscal_quarter, known_at, sequence and the due instant. A retracted statement,
            or one without an instant, takes its quarter off the calendar.
        due: name of the column with the due instant.
        symbol: symbol of each row.
        at: instant of each row.
    """
    return (at_rows(_earliest_due(calendar, due), {"symbol": symbol}, at)[due] - at).dt.total_days()


@kept
def _earliest_due(calendar: pl.DataFrame, due: str) -> pl.DataFrame:
    """Steps of the earliest due instant that lies ahead: symbol, at and the column."""
    standing = spells(calendar, ["symbol"], ["fiscal_year", "fiscal_quarter"])
    stated = standing.filter(pl.col(due) > pl.col(FROM))
    ahead = stated.with_columns(pl.min_horizontal(UNTIL, due).alias(UNTIL)).filter(pl.col(UNTIL) > pl.col(FROM))
    return _earliest(ahead, due)


def _earliest(standing: pl.DataFrame, value: str) -> pl.DataFrame:
    """Steps of the least value that stands: symbol, at and the value; null while nothing stands.

    Each term (from, until, value) is laid beside the instants of its symbol from its first to its last; the least term
    beside an instant stands there.
    """
    terms = standing.select("symbol", pl.col(FROM, UNTIL, value).cast(pl.Int64))
    ends = pl.concat([terms.select("symbol", at=FROM), terms.select("symbol", at=UNTIL)])
    steps = ends.unique().sort("symbol", "at")
    of_step = steps.with_row_index("step")
    first, last = (
        terms.join(
            of_step,
            left_on=["symbol", name],
            right_on=["symbol", "at"],
            how="left",
            nulls_equal=True,
            maintain_order="left",
        )["step"].to_numpy()
        for name in (FROM, UNTIL)
    )
    n_beside = last.astype(np.int64) - first.astype(np.int64)
    beside = np.repeat(first - (np.cumsum(n_beside) - n_beside), n_beside) + np.arange(int(n_beside.sum()))
    least = np.full(steps.height, _NEVER)
    np.minimum.at(least, beside, np.repeat(terms[value].to_numpy(), n_beside))
    found = steps.with_columns(pl.Series(least).alias(value)).with_columns(pl.col(value).replace(_NEVER, None))
    return found.with_columns(pl.col("at", value).cast(pl.Datetime("ns")).dt.replace_time_zone("UTC"))
