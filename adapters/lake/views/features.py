"""The facts that features are made of, all revisions known at an instant, by domain."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import datetime

import polars as pl

from adapters.lake.domains.registry import DOMAINS
from adapters.lake.domains.texts import TEXT_SCORES
from adapters.lake.facts.domain import Domain
from adapters.lake.facts.store import FactStore
from adapters.lake.views.sentiment import score_panel
from nodes.vocabulary.domains import SOURCE_DOMAINS

_SUBJECTS = ("security_id", "symbol", "underlying_id")
_MADE_UP = "made-up"


def feature_tables(
    store: FactStore, known_at: datetime, symbols: Collection[str] | None = None, model: str | None = None
) -> dict[str, pl.DataFrame]:
    """Every fact of every domain that features read, known at an instant.

    Args:
        store: the lake.
        known_at: the instant.
        symbols: only facts of these shares, and those of no share; all where None.
        model: whose scores of texts, repeats left out; None takes those of every model as they are.
    """
    tables = {}
    for name in SOURCE_DOMAINS:
        domain = DOMAINS[name]
        if domain is TEXT_SCORES and model is not None:
            facts = score_panel(store, model, known_at, None if symbols is None else sorted(symbols))
        else:
            facts = store.history(domain, known_at, _of(domain, symbols)).collect()
        if facts.height:
            tables[name] = facts
    return tables


def value_columns() -> Mapping[str, Collection[str]]:
    """The columns of each domain that are values, and so may be revised."""
    return {name: tuple(DOMAINS[name].values) for name in SOURCE_DOMAINS}


def stored_tables(store: FactStore, tables: Mapping[str, pl.DataFrame]) -> int:
    """Stores tables of facts, each in the order in which its facts became known. Returns how many were accepted."""
    accepted = 0
    for name, frame in tables.items():
        domain = DOMAINS[name]
        ordered = frame.sort("known_at", "sequence") if "sequence" in frame.columns else frame.sort("known_at")
        accepted += store.ingested(domain, _shaped(domain, ordered), _MADE_UP).accepted
    return accepted


def _shaped(domain: Domain, frame: pl.DataFrame) -> pl.DataFrame:
    """The frame in the columns and types of a domain; what it does not have is null."""
    columns = {
        **domain.keys,
        **domain.values,
        "event_at": frame.schema["event_at"],
        "known_at": frame.schema["known_at"],
    }
    present = frozenset(frame.columns)
    return frame.select(
        (pl.col(name).cast(kind) if name in present else pl.lit(None, dtype=kind)).alias(name)
        for name, kind in columns.items()
    )


def _of(domain: Domain, symbols: Collection[str] | None) -> pl.Expr | None:
    subject = next((name for name in _SUBJECTS if name in domain.schema), None)
    if symbols is None or subject is None:
        return None
    return pl.col(subject).is_in(list(symbols)) | pl.col(subject).is_null()
