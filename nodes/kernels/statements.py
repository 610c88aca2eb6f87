"""Lines of financial statements, as they stood at each instant: trailing years, and a year before.

Everything here turns facts into facts: what comes out has its own event_at, known_at and sequence, so that the as-of
join of `nodes.kernels.as_of` works on it. A number that is made of three others is known when the last of them is,
and gets a new revision whenever one of them does. So nothing is ever summed that was not known at that instant.
"""

from __future__ import annotations

from collections.abc import Mapping

import polars as pl

from nodes.kernels.derived import kept

LINES: Mapping[str, tuple[str, ...]] = {
    "assets": ("Assets",),
    "equity": ("StockholdersEquity", "StockholdersEquityIncludingPortionAttributableToNoncontrollingInterest"),
    "liabilities": ("Liabilities",),
    "shares": ("EntityCommonStockSharesOutstanding", "CommonStockSharesOutstanding"),
    "sales": ("Revenues", "RevenueFromContractWithCustomerExcludingAssessedTax", "SalesRevenueNet"),
    "cost_of_sales": ("CostOfRevenue", "CostOfGoodsAndServicesSold", "CostOfGoodsSold"),
    "net_income": ("NetIncomeLoss", "ProfitLoss"),
    "operating_cash_flow": (
        "NetCashProvidedByUsedInOperatingActivities",
        "NetCashProvidedByUsedInOperatingActivitiesContinuingOperations",
    ),
}
"""XBRL concepts that a line is stated under, the preferred one first. Filers change them over the years."""

UNITS = ("USD", "shares")
PERIOD = ("symbol", "period_start_on", "period_end_on")
FACT = ("symbol", "event_at", "known_at", "sequence", "value")
_COVER_COUNT = "EntityCommonStockSharesOutstanding"
_YEAR_DAYS = (350, 380)
_YEAR = 365
_LONGEST_PART_DAYS = 300
_DRIFT_DAYS = 10
_VERSION = ("known_at", "sequence")


def line_facts(facts: pl.DataFrame, line: str) -> pl.DataFrame:
    """The facts of a line: symbol, period_start_on, period_end_on, value, event_at, known_at, sequence, concept.

    Where one filing states a line under several concepts, the preferred one stands. A retracted fact has no value.
    """
    ranks = {concept: rank for rank, concept in enumerate(LINES[line])}
    kept = facts.filter(pl.col("concept").is_in(list(ranks)), pl.col("unit").is_in(UNITS)).with_columns(
        rank=pl.col("concept").replace_strict(ranks, default=None, return_dtype=pl.Int64),
        value=_unless_retracted(facts),
    )
    ordered = kept.sort(*PERIOD, "known_at", -pl.col("rank"), "sequence")
    once = ordered.unique([*PERIOD, "known_at"], keep="last", maintain_order=True)
    return once.select(*PERIOD, "value", "event_at", "known_at", "sequence", "concept")


@kept
def balances(facts: pl.DataFrame, line: str) -> pl.DataFrame:
    """The facts of a line that is a balance: one at a day, without a period."""
    return line_facts(facts, line).filter(pl.col("period_start_on").is_null()).select(FACT)


@kept
def share_counts(facts: pl.DataFrame) -> pl.DataFrame:
    """The facts of the number of shares, with `basis_at`: the instant whose shares they are counted in.

    A count on the cover is in the shares of its own day. One in the statements is in those of the filing's day: it is
    restated for every split until then, so that Apple's of 2013-09-28 grew sevenfold in July 2014.
    Source: SEC Staff Accounting Bulletin Topic 4.C, changes in capital structure.
    """
    counts = line_facts(facts, "shares").filter(pl.col("period_start_on").is_null())
    basis_at = pl.when(pl.col("concept") == _COVER_COUNT).then("event_at").otherwise("known_at")
    return counts.select(*FACT, basis_at.alias("basis_at"))


@kept
def trailing_years(facts: pl.DataFrame, line: str) -> pl.DataFrame:
    """The facts of a line summed over the year up to each day at which it is known.

    At the end of a fiscal year that is the year's own number. Within the year it is the last year's, plus the part of
    this year, less the same part of the last year: the three numbers that the filings of the day state.
    """
    flows = line_facts(facts, line).filter(pl.col("period_start_on").is_not_null())
    keys = flows.select(*PERIOD, "event_at").unique().sort(PERIOD)
    days = (pl.col("period_end_on") - pl.col("period_start_on")).dt.total_days() + 1
    sized = keys.with_columns(days=days).with_row_index("key")
    years = sized.filter(pl.col("days").is_between(*_YEAR_DAYS))
    versions = flows.join(sized, on=PERIOD).select("key", "value", *_VERSION)
    whole = versions.join(years, on="key").select(FACT)
    joint = joint_versions(_parts_of_a_year(sized, years), versions, 3)
    running = joint.with_columns(value=pl.col("value_0") + pl.col("value_1") - pl.col("value_2")).select(FACT)
    return pl.concat([whole, running])


@kept
def year_pairs(facts: pl.DataFrame) -> pl.DataFrame:
    """Each fact with the one of a year before as it stood then: FACT, value_before and before_at, its event.

    What else the facts have is taken along: a `basis_at` becomes basis_at and basis_at_before. A pair is known when
    both are. An event without one a year before (350 to 380 days) has no pair; of several, the one nearest to a year
    before counts from when it is known.
    """
    events = facts.select("symbol", "event_at").unique().sort("symbol", "event_at").with_row_index("key")
    more = [name for name in facts.columns if name not in FACT]
    versions = facts.join(events, on=["symbol", "event_at"]).select("key", "value", *_VERSION, *more)
    days = (pl.col("event_at") - pl.col("event_at_before")).dt.total_days()
    pairs = (
        events.join(events, on="symbol", suffix="_before")
        .filter(days.is_between(*_YEAR_DAYS))
        .sort("key", (days - _YEAR).abs(), "key_before")
    )
    anchors = pairs.select("symbol", "event_at", part_0="key", part_1="key_before", before_at="event_at_before")
    both = [(f"{name}_{part}", name + end) for name in ("value", *more) for part, end in enumerate(("", "_before"))]
    joint = joint_versions(anchors, versions, 2).rename(dict(both))
    return joint.select(*FACT, "before_at", *(name for _, name in both if name != "value"))


def joint_versions(anchors: pl.DataFrame, versions: pl.DataFrame, n_parts: int) -> pl.DataFrame:
    """For each anchor, what its parts were worth together, at each instant at which one of them changed.

    Args:
        anchors: symbol, event_at, part_0 ... part_n (keys of the parts), and what else is to be taken along. Of several
            for one event the first stands of those whose parts are all known.
        versions: key, value, known_at, sequence, and what else is to be taken along: every revision of each part.
        n_parts: how many parts there are.

    Returns:
        symbol, event_at, known_at, sequence, value_0 ... value_n, and what anchors and versions have besides; from the
        instant on at which all parts are known.
    """
    numbered = anchors.with_row_index("anchor")
    more = [name for name in anchors.columns if name not in {"symbol", "event_at"} and not name.startswith("part_")]
    told = [name for name in versions.columns if name not in {"key", "known_at"}]
    ordered = versions.sort("key", *_VERSION).unique(["key", "known_at"], keep="last", maintain_order=True)
    changes = [
        numbered.select("anchor", key=f"part_{part}").join(ordered, on="key").select("anchor", "known_at")
        for part in range(n_parts)
    ]
    instants = pl.concat(changes).unique().join(numbered, on="anchor").sort("known_at", "anchor")
    by_instant = ordered.sort("known_at", "key")
    for part in range(n_parts):
        named = {name: f"{name}_{part}" for name in told} | {"key": f"part_{part}"}
        instants = instants.join_asof(
            by_instant.rename(named), on="known_at", by=f"part_{part}", check_sortedness=False
        )
    sequences = [f"sequence_{part}" for part in range(n_parts)]
    known = instants.drop_nulls(sequences).with_columns(sequence=pl.max_horizontal(sequences))
    values = [f"{name}_{part}" for name in told if name != "sequence" for part in range(n_parts)]
    # A better part that becomes known later must not displace the one that stood until then.
    ordered_known = known.sort("symbol", "event_at", "known_at", "anchor")
    best = pl.col("anchor").cum_min().over("symbol", "event_at")
    stood = ordered_known.filter(pl.col("anchor") == best)
    return stood.select("symbol", "event_at", "known_at", "sequence", *values, *more)


def _parts_of_a_year(sized: pl.DataFrame, years: pl.DataFrame) -> pl.DataFrame:
    """Parts of a fiscal year with the whole of the year before and its part of the same length."""
    parts = sized.filter(pl.col("days") < _LONGEST_PART_DAYS)
    of_year = years.with_columns(next_start_on=pl.col("period_end_on").dt.offset_by("1d"))
    running = parts.join(
        of_year, left_on=["symbol", "period_start_on"], right_on=["symbol", "next_start_on"], suffix="_y"
    )
    before = parts.select("symbol", "period_start_on", key_b="key", days_b="days")
    matched = (
        running.join(before, left_on=["symbol", "period_start_on_y"], right_on=["symbol", "period_start_on"])
        .with_columns(drift=(pl.col("days") - pl.col("days_b")).abs())
        .filter(pl.col("drift") <= _DRIFT_DAYS)
        .sort("key", "drift", "key_b", "key_y")
    )
    return matched.select("symbol", "event_at", part_0="key_y", part_1="key", part_2="key_b")


def _unless_retracted(facts: pl.DataFrame) -> pl.Expr:
    if "is_retracted" not in facts.columns:
        return pl.col("value")
    return pl.when(~pl.col("is_retracted")).then("value")
