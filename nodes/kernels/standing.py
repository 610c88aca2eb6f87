"""What stands at an instant: the newest statement of each of many, added up over those that have not lapsed.

A statement stands from when it is known until the same source makes its next one, or until it lapses. Totals are of
whole numbers (scaled, where the statement has decimals), so that they do not depend on the order of addition and a
window computed alone equals the same window inside twenty years.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import timedelta

import polars as pl

from nodes.kernels.derived import DERIVED, kept
from nodes.kernels.steps import Ladder, few, gathered, key_codes, named

FROM, UNTIL, AMOUNT = "from_at", "until_at", "amount"
_LARGEST = 2.0**53


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
    key = [*by, *source]
    ordered = newest_events(facts, key).unique([*key, "known_at"], keep="last", maintain_order=True)
    next_at = pl.col("known_at").shift(-1).over(key)
    lapses_at = pl.lit(None) if life_days is None else pl.col("known_at") + timedelta(days=life_days)
    placed = ordered.with_columns(
        pl.col("known_at").alias(FROM),
        pl.min_horizontal(next_at, lapses_at.cast(pl.Datetime("ns", "UTC"))).alias(UNTIL),
    )
    return unretracted(placed)


def unretracted(facts: pl.DataFrame) -> pl.DataFrame:
    """The facts that say something, without those that take something back."""
    return facts.filter(~pl.col("is_retracted")) if "is_retracted" in facts.columns else facts


def newest_events(facts: pl.DataFrame, key: Sequence[str]) -> pl.DataFrame:
    """The facts in the order in which each key's became known, without those of older events than were known then."""
    if "event_at" not in facts.columns:
        return facts.sort(*key, "known_at", "sequence")
    ordered = facts.sort(*key, "known_at", "event_at", "sequence")
    return ordered.filter(pl.col("event_at") >= pl.col("event_at").cum_max().over(key))


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
    rows = standing.drop_nulls(sums).with_columns(count=pl.lit(1, pl.Int64))
    columns = ["count", *sums]
    begun = rows.select(*by, *columns, at=FROM)
    ended = rows.drop_nulls(UNTIL).select(*by, *(-pl.col(name) for name in columns), at=UNTIL)
    changes = pl.concat([begun, ended.select(begun.columns)])
    steps = changes.group_by(*by, "at").agg(pl.sum(*columns)).sort(*by, "at")
    return steps.with_columns(pl.cum_sum(*columns).over(by))


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
    """Steps of the least value that stands: symbol, at and the value; null while nothing stands."""
    rows = [
        (name, at, least)
        for (name,), group in standing.group_by("symbol", maintain_order=True)
        for at, least in _least_steps(group.select(pl.col(FROM, UNTIL, value).cast(pl.Int64)).sort(FROM).rows())
    ]
    schema = {"symbol": pl.String(), "at": pl.Int64(), value: pl.Int64()}
    steps = pl.DataFrame(rows, schema=schema, orient="row")
    return steps.with_columns(pl.col("at", value).cast(pl.Datetime("ns")).dt.replace_time_zone("UTC"))


def _least_steps(terms: Sequence[tuple[int, int, int]]) -> list[tuple[int, int | None]]:
    """At each instant at which a term (start, end, value; by start) begins or ends, the least value that stands."""
    steps: list[tuple[int, int | None]] = []
    standing: list[tuple[int, int]] = []
    place = 0
    for at in sorted({instant for start, end, _ in terms for instant in (start, end)}):
        while place < len(terms) and terms[place][0] <= at:
            standing.append(terms[place][1:])
            place += 1
        standing = [term for term in standing if term[0] > at]
        steps.append((at, min((value for _, value in standing), default=None)))
    return steps
