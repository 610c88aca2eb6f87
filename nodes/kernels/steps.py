"""Which step is in force at an instant, for few questions of many steps: by a search, and not by a pass over all.

The steps of a frame are put in order once (`nodes.kernels.derived` keeps that); each question then costs a search.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import polars as pl

from nodes.kernels.arrays import Index

NOTHING = -1
_FEW = 8
_MOST = 4096
"""Questions are few where a pass over all steps would cost more, and where each can be named on its own."""


def few(n_questions: int, n_steps: int) -> bool:
    """Whether a search for each question costs less than a pass over all steps."""
    return n_questions <= _MOST and n_questions * _FEW <= n_steps + _MOST


def key_codes(names: pl.DataFrame) -> Mapping[Any, int]:
    """The number of each key, which is its row."""
    return {key: place for place, key in enumerate(named(names.get_columns()))}


def named(columns: Sequence[pl.Series]) -> list[Any]:
    """Keys by rows: values of a single column, tuples of several."""
    return (
        columns[0].to_list() if len(columns) == 1 else list(zip(*(column.to_list() for column in columns), strict=True))
    )


def gathered(columns: Sequence[pl.Series], rows: Index) -> pl.DataFrame:
    """Some rows of columns, null for none."""
    if len(rows) == 1:
        row = int(rows[0])
        return pl.DataFrame([column.clear(1) if row == NOTHING else column.slice(row, 1) for column in columns])
    places = pl.Series(np.maximum(rows, 0), dtype=pl.Int64)
    if (rows == NOTHING).any():
        places = places.set(pl.Series(rows == NOTHING), None)
    return pl.DataFrame(columns).select(pl.all().gather(places))


@dataclass(frozen=True)
class Ladder:
    """Steps in the order of key and instant.

    Attributes:
        codes: number of each key.
        instants: distinct instants of the steps, sorted; a step's level is the place of its instant after 1.
        points: number of the key and level of each step in one integer, ascending.
        rows: what is found there.
    """

    codes: Mapping[Any, int]
    instants: Index
    points: Index
    rows: Index

    @classmethod
    def of_sorted(cls, codes: Mapping[Any, int], key: Index, at: Index, rows: Index) -> Ladder:
        """A ladder of steps that are in the order of key and instant."""
        instants = np.unique(at)
        points = key * (len(instants) + 1) + np.searchsorted(instants, at) + 1
        return cls(codes, instants, points, rows)

    def found(self, keys: Sequence[Any], at: pl.Series) -> Index:
        """What is in force for each key at each instant, -1 for nothing; a step at exactly that instant is."""
        width = len(self.instants) + 1
        asked = at.cast(pl.Datetime("ns", "UTC")).cast(pl.Int64)
        has_instant = asked.is_not_null().to_numpy() if asked.null_count() else True
        instants = (asked.fill_null(0) if asked.null_count() else asked).to_numpy()
        codes = np.array([self.codes.get(key, NOTHING) for key in keys], dtype=np.int64)
        if not len(self.points):
            return np.full(len(codes), NOTHING, dtype=np.int64)
        levels = np.searchsorted(self.instants, instants, side="right")
        places = np.searchsorted(self.points, codes * width + levels, side="right") - 1
        is_there = (codes != NOTHING) & (places >= 0) & has_instant
        places = np.maximum(places, 0)
        is_there &= self.points[places] // width == codes
        return np.where(is_there, self.rows[places], NOTHING)
