"""The last rows of each share, column by column: what windows read, kept from one session to the next."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt
import polars as pl

from nodes.kernels.arrays import Index

_NUMBERS: Mapping[Any, pl.DataType] = {pl.Date: pl.Int32(), pl.Datetime: pl.Int64()}
Flags = npt.NDArray[np.bool_]


class Tail:
    """The last rows of one column, a share a line, the newest at its right end.

    Args:
        column: rows of the shares one after the other.
        kept: how many of them each share has.
        depth: how many are remembered of a share.
    """

    def __init__(self, column: pl.Series, kept: Index, depth: int) -> None:
        self._dtype = column.dtype
        values, is_there = _physical(column)
        self._values = np.zeros((len(kept), depth), dtype=values.dtype)
        self._is_there: Flags | None = None if is_there is None else np.zeros((len(kept), depth), dtype=np.bool_)
        places, rows = _last_places(kept, depth)
        self._values[places] = values[rows]
        if self._is_there is not None and is_there is not None:
            self._is_there[places] = is_there[rows]

    def appended(self, row: pl.Series, which: Index) -> None:
        """Takes in the next row of some shares."""
        values, is_there = _physical(row)
        _shifted(self._values, values, which)
        if self._is_there is not None and is_there is not None:
            _shifted(self._is_there, is_there, which)

    def column(self, which: Index, n_rows: int, inside: Flags | None) -> pl.Series:
        """The last rows of some shares, one after the other.

        Args:
            which: the shares.
            n_rows: how many rows at most.
            inside: which of so many rows each share has; None where each has all.
        """
        values = _taken(self._values, which, n_rows, inside)
        if self._is_there is None:
            return pl.Series(values, nan_to_null=True)
        column = pl.Series(values).cast(self._dtype)
        is_there = _taken(self._is_there, which, n_rows, inside)
        return column if is_there.all() else column.set(pl.Series(~is_there), None)

    def lines(self, which: Index, n_rows: int) -> npt.NDArray[Any]:
        """The last places of the lines of some shares, whether there is a row or not."""
        return self._values[which, -n_rows:]

    def widened(self, places: Sequence[int]) -> None:
        """Makes room for new shares before the lines at some places."""
        self._values = np.insert(self._values, places, 0, axis=0)
        if self._is_there is not None:
            self._is_there = np.insert(self._is_there, places, np.False_, axis=0)


class Tails:
    """The last rows of every column of a plan.

    Args:
        symbols: the shares, sorted.
        sizes: how many bars each has.
        depths: how many rows are remembered, by column.
        columns: rows of each column and how many of them each share has.
        symbol: name of the column that names the share.
    """

    def __init__(
        self,
        symbols: Sequence[str],
        sizes: Index,
        depths: Mapping[str, int],
        columns: Mapping[str, tuple[pl.Series, Index]],
        symbol: str,
    ) -> None:
        self.symbols = list(symbols)
        self._sizes = sizes.copy()
        self._depths = depths
        self._symbol = symbol
        self._names = pl.Series(self.symbols, dtype=pl.String)
        self._place = {name: place for place, name in enumerate(self.symbols)}
        self._tails = {
            name: Tail(column, kept, depths[name]) for name, (column, kept) in columns.items() if name != symbol
        }

    def __contains__(self, name: str) -> bool:
        return name == self._symbol or name in self._tails

    def places(self, symbols: Sequence[str]) -> Index:
        """The lines of some shares; new ones get lines."""
        new = sorted(set(symbols) - self._place.keys())
        if new:
            before = [int(place) for place in np.searchsorted(np.array(self.symbols, dtype=object), new)]
            self.symbols = sorted({*self.symbols, *new})
            self._names = pl.Series(self.symbols, dtype=pl.String)
            self._place = {name: place for place, name in enumerate(self.symbols)}
            self._sizes = np.insert(self._sizes, before, 0)
            for tail in self._tails.values():
                tail.widened(before)
        return np.array([self._place[name] for name in symbols], dtype=np.int64)

    def grown(self, which: Index) -> None:
        """Counts one more bar of some shares, before the columns take it in."""
        self._sizes[which] += 1

    def appended(self, name: str, row: pl.Series, which: Index) -> None:
        """Takes in the next row of a column."""
        if name != self._symbol:
            self._tails[name].appended(row, which)

    def layout(self, which: Index, n_rows: int) -> tuple[Index, Flags | None]:
        """How many of so many rows each share has, and which; None where all have all."""
        kept = np.minimum(self._sizes[which], n_rows)
        return kept, None if (kept == n_rows).all() else _inside(kept, n_rows)

    def marked(self, name: str, which: Index, n_rows: int) -> Flags:
        """Which of so many rows are the first or the last of a share, or have another value than 1 in a column."""
        kept = np.minimum(self._sizes[which], n_rows)
        inside = _inside(kept, n_rows)
        found: Flags = inside & (self._tails[name].lines(which, n_rows) != 1.0)
        found[:, -1] = True
        found[np.arange(len(kept)), n_rows - kept] = True
        return found

    def column(self, name: str, which: Index, n_rows: int, kept: Index, inside: Flags | None) -> pl.Series:
        """The rows of a layout of some shares, one share after the other."""
        if name == self._symbol:
            return self._names.gather(np.repeat(which, kept))
        return self._tails[name].column(which, n_rows, inside)


def _inside(kept: Index, n_rows: int) -> Flags:
    found: Flags = np.arange(n_rows) >= n_rows - kept[:, None]
    return found


def _physical(column: pl.Series) -> tuple[npt.NDArray[Any], Flags | None]:
    """The values as numbers, and which are there; floats say so themselves, by NaN."""
    if column.dtype == pl.Float64:
        return column.to_numpy(), None
    numbers = column.cast(_NUMBERS.get(column.dtype.base_type(), column.dtype))
    if not column.null_count():
        return numbers.to_numpy(), np.ones(len(column), dtype=np.bool_)
    return numbers.fill_null(0).to_numpy(), column.is_not_null().to_numpy()


def _last_places(kept: Index, depth: int) -> tuple[tuple[Index, Index], Index]:
    """Lines and places of the last rows of each share, and the rows that go there."""
    left = np.minimum(kept, depth)
    line = np.repeat(np.arange(len(kept)), left)
    back = np.repeat(np.cumsum(left), left) - np.arange(int(left.sum()))
    rows = np.repeat(np.cumsum(kept), left) - back
    return (line, depth - back), rows


def _shifted(values: npt.NDArray[Any], newest: npt.NDArray[Any], which: Index) -> None:
    if len(which) == len(values):
        values[:, :-1] = values[:, 1:]
        values[which, -1] = newest
    else:
        values[which, :-1] = values[which, 1:]
        values[which, -1] = newest


def _taken(values: npt.NDArray[Any], which: Index, n_rows: int, inside: Flags | None) -> npt.NDArray[Any]:
    last = values[:, -n_rows:] if len(which) == len(values) else values[which, -n_rows:]
    return last.ravel() if inside is None else last[inside]
