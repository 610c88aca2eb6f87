"""Which revision of a fact stands: the newest known, the first, and what an arriving fact adds.

Revisions of one fact share its keys and event_at. They are ordered by known_at; of several known at one instant, the
one with the highest sequence, that is the one committed last, stands.
"""

from __future__ import annotations

from collections.abc import Sequence

import polars as pl
from polars import selectors

from adapters.lake.facts.domain import Domain

_ARRIVING = "_is_arriving"
_ORDER = "_order"
_MEETS = "_meets"
_IS_TANGLED = "_is_tangled"


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
    meets = pl.col(_ARRIVING) & (~pl.col(_ARRIVING)).any().over(instant)
    marked = both.with_columns(meets.alias(_MEETS), meets.any().over(domain.identity).alias(_IS_TANGLED))
    plain = marked.filter(~pl.col(_IS_TANGLED))
    repeats = _as_before(domain.identity) & _as_before(state)
    adds = plain.filter(pl.col(_ARRIVING) & ~repeats)
    tangled = marked.filter(_IS_TANGLED)
    if tangled.height:
        adds = pl.concat([adds, tangled[_added(domain, tangled, state)]])
    return adds.sort(_ORDER).select(columns)


def _added(domain: Domain, revisions: pl.DataFrame, state: Sequence[str]) -> list[int]:
    """The rows of facts' revisions that add something, where some arrive at an instant that has stored ones.

    Had one that says the same as before the instant come first, it would have been left out. So it is when it comes
    again and meets what came after it.
    """
    added: list[int] = []
    about: object = None
    instant: object = None
    before: object = None
    now: object = None
    is_first = True
    exact = revisions.with_columns(selectors.datetime().to_physical())  # Python's datetimes have no nanoseconds
    facts, said = exact.select(domain.identity).rows(), exact.select(state).rows()
    for row, (at, arrives, meets) in enumerate(exact.select("known_at", _ARRIVING, _MEETS).rows()):
        if facts[row] != about:
            about, instant, now = facts[row], None, None
        if at != instant:
            instant, before, is_first = at, now, True
        if not arrives:
            now = said[row]
            continue
        if said[row] != now and not (meets and is_first and said[row] == before):
            added.append(row)
            now = said[row]
        is_first = False
    return added


def _as_before(columns: Sequence[str]) -> pl.Expr:
    """Whether a row equals the one before it in some columns, missing values being equal."""
    return pl.all_horizontal(pl.col(name).eq_missing(pl.col(name).shift(1)) for name in columns)
