"""Which step is in force at an instant, for few questions of many steps: by a search, and not by a pass over all.

The steps of a frame are put in order once (`nodes.kernels.derived` keeps that); each question then costs a search.
"""

from __future__ import annotations

from collections.abc import Mapping
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
    return {key: place for place, key in enumerate(_keys(names))}


def gathered(frame: pl.DataFrame, rows: Index) -> pl.DataFrame:
    """Some rows of a frame, null for none."""
    if not (rows == NOTHING).any():
        return frame[rows]
    wanted = pl.Series(np.where(rows == NOTHING, 0, rows), dtype=pl.Int64)
    places = wanted.set(pl.Series(rows == NOTHING), None)
    return frame.select(pl.all().gather(places))


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

    def found(self, keys: pl.DataFrame, at: pl.Series) -> Index:
        """What is in force for each key at each instant, -1 for nothing; a step at exactly that instant is."""
        width = len(self.instants) + 1
        asked = at.cast(pl.Datetime("ns", "UTC")).to_physical()
        instants = asked.fill_null(0).to_numpy()
        codes = np.array([self.codes.get(key, NOTHING) for key in _keys(keys)], dtype=np.int64)
        levels = np.searchsorted(self.instants, instants, side="right")
        places = np.searchsorted(self.points, codes * width + levels, side="right") - 1
        is_there = (codes != NOTHING) & (places >= 0)
        if asked.null_count():
            is_there &= asked.is_not_null().to_numpy()
        places = np.maximum(places, 0)
        if not len(self.points):
            return np.full(len(codes), NOTHING, dtype=np.int64)
        is_there &= self.points[places] // width == codes
        return np.where(is_there, self.rows[places], NOTHING)


def _keys(frame: pl.DataFrame) -> list[Any]:
    """The keys of a frame as they can be named: values of a single column, tuples of several."""
    return frame.to_series().to_list() if frame.width == 1 else frame.rows()
