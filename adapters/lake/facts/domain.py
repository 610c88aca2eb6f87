"""What a table of facts holds: its keys, its values and how its facts become known."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

import polars as pl

INSTANT = pl.Datetime("ns", "UTC")
STAMPS: Mapping[str, pl.DataType] = MappingProxyType(
    {
        "event_at": INSTANT,
        "known_at": INSTANT,
        "source": pl.String(),
        "sequence": pl.Int64(),
        "batch": pl.String(),
        "is_retracted": pl.Boolean(),
    }
)
"""The columns that every fact has after its keys and values."""


@dataclass(frozen=True)
class Domain:
    """One kind of fact.

    Attributes:
        name: of the domain and of its table.
        keys: the columns that say what a fact is about, null where a key has no value; the first one always has one.
        values: what is said about it.
        doc: what the domain holds.
        lag: how known_at is made.
        retention_days: how long facts are kept after their event; None keeps them for ever.
        rules: what must hold of every row, by the words that a quarantined row gets as its reason. A rule that is
            unknown because a value is missing sets nothing aside, nor does any set a retraction aside.
    """

    name: str
    keys: Mapping[str, pl.DataType]
    values: Mapping[str, pl.DataType]
    doc: str
    lag: str
    retention_days: int | None = None
    rules: Mapping[str, pl.Expr] = field(default_factory=dict, compare=False)

    @property
    def schema(self) -> Mapping[str, pl.DataType]:
        """Every column of a fact, in order."""
        return {**self.keys, **self.values, **STAMPS}

    @property
    def identity(self) -> tuple[str, ...]:
        """The columns that revisions of one fact share."""
        return (*self.keys, "event_at")
