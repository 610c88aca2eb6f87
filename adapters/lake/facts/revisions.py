"""Which revision of a fact stands: the newest known, the first, and what an arriving fact adds.

Revisions of one fact share its keys and event_at. They are ordered by known_at; of several known at one instant, the
one with the highest sequence, that is the one committed last, stands.
"""

from __future__ import annotations

from collections.abc import Sequence

import polars as pl

from adapters.lake.facts.domain import Domain

_ARRIVING = "_is_arriving"
_ORDER = "_order"
_REPEATS = "_repeats"
_MEETS = "_meets"


def newest(domain: Domain, facts: pl.LazyFrame) -> pl.LazyFrame:
    """The newest revision of every fact, retracted facts left out."""
    return _one(domain, facts, last=True).filter(~pl.col("is_retracted"))


def first(domain: Domain, facts: pl.LazyFrame) -> pl.LazyFrame:
    """The first revision of every fact."""
    return _one(domain, facts, last=False)


def _one(domain: Domain, facts: pl.LazyFrame, *, last: bool) -> pl.LazyFrame:
    ordered = facts.sort([*domain.identity, "known_at", "sequence"])
    return ordered.unique(domain.identity, keep="last" if last else "first", maintain_order=True)


def novelties(domain: Domain, stored: pl.DataFrame, arriving: pl.DataFrame) -> pl.DataFrame:
    """The arriving facts that add something, in the order in which they arrived.

    A fact adds nothing when it is stored already, or when what was known at its known_at said the same. A source that
    says A, B and A again at one known_at is thus taken at its B: which came last cannot be told from a repeat.

    Args:
        domain: whose facts they are.
        stored: facts of the same keys and events, with `sequence`.
        arriving: keys, values, is_retracted, event_at, known_at.
    """
    state = [*domain.values, "is_retracted"]
    columns = [*domain.identity, "known_at", *state]
    old = stored.select(*columns, pl.lit(value=False).alias(_ARRIVING), pl.col("sequence").alias(_ORDER))
    new = arriving.select(*columns, pl.lit(value=True).alias(_ARRIVING), pl.int_range(pl.len()).alias(_ORDER))
    instant = [*domain.identity, "known_at"]
    both = pl.concat([old, new]).sort([*instant, _ARRIVING, _ORDER]).unique(columns, keep="first", maintain_order=True)
    repeats = _as_before(domain.identity) & _as_before(state)
    marked = both.with_columns(repeats.alias(_REPEATS), (~pl.col(_ARRIVING)).any().over(instant).alias(_MEETS))
    adds = marked.filter(pl.col(_ARRIVING) & ~pl.col(_REPEATS))
    if adds[_MEETS].any():
        repeated = _repeated_before(domain, marked, state)
        adds = adds.join(repeated, on=columns, how="anti", nulls_equal=True, maintain_order="left")
    return adds.sort(_ORDER).select(columns)


def _repeated_before(domain: Domain, marked: pl.DataFrame, state: Sequence[str]) -> pl.DataFrame:
    """Arriving facts that meet stored ones at their instant and say only what was said before it.

    Had they come first they would have been left out: they come again, and are left out again.
    """
    instant = [*domain.identity, "known_at"]
    ends = marked.unique(instant, keep="last", maintain_order=True).select(*instant, *state)
    before = {name: pl.col(name).shift(1).over(domain.identity) for name in state}
    prior = ends.select(
        *instant,
        **{f"_{name}": expression for name, expression in before.items()},
        _n=pl.int_range(pl.len()).over(domain.identity),
    )
    arriving = marked.filter(pl.col(_ARRIVING)).sort([*instant, _ORDER])
    met = arriving.join(prior, on=instant, how="left", nulls_equal=True, maintain_order="left")
    as_prior = pl.all_horizontal(pl.col(name).eq_missing(pl.col(f"_{name}")) for name in state) & (pl.col("_n") > 0)
    is_first = ~_as_before(instant)
    return met.filter(pl.col(_MEETS) & is_first & as_prior).select(*instant, *state)


def _as_before(columns: Sequence[str]) -> pl.Expr:
    """Whether a row equals the one before it in some columns, missing values being equal."""
    return pl.all_horizontal(pl.col(name).eq_missing(pl.col(name).shift(1)) for name in columns)
