"""What a table of facts holds: its keys, its values and how its facts become known."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import polars as pl

INSTANT = pl.Datetime("ns", "UTC")


@dataclass(frozen=True)
class Domain:
    """One kind of fact.

    Attributes:
        name: of the domain and of its table.
        keys: the columns that say what a fact is about, null where a key has no value.
        values: what is said about it.
        doc: what the domain holds.
        lag: how known_at is made.
        retention_days: how long facts are kept; None keeps them for ever.
    """

    name: str
    keys: Mapping[str, pl.DataType]
    values: Mapping[str, pl.DataType]
    doc: str
    lag: str
    retention_days: int | None = None

    @property
    def schema(self) -> Mapping[str, pl.DataType]:
        """Every column of a fact, in order."""
        return {
            **self.keys,
            **self.values,
            "event_at": INSTANT,
            "known_at": INSTANT,
            "source": pl.String(),
            "sequence": pl.Int64(),
            "batch": pl.String(),
            "is_retracted": pl.Boolean(),
        }
