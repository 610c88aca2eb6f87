"""From target weights to orders: holdings lined up with symbols, and the no-trade band."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import polars as pl

from nodes.kernels.arrays import Array, array, whole_column
from nodes.vocabulary.errors import DataError


def placed(values: Array, chosen: npt.NDArray[np.bool_]) -> Array:
    """The values in the chosen places, 0.0 in the others."""
    row = np.zeros(len(chosen))
    row[chosen] = values
    return row


def shares_held(positions: pl.DataFrame, symbols: pl.Series) -> pl.Series:
    """The holding of each symbol, 0 where there is none. Raises DataError for a stranger or a double."""
    held = positions.filter(pl.col("position_shares") != 0)
    names = held["symbol"].to_list()
    strangers = sorted(set(names) - set(symbols.to_list()))
    if strangers or len(set(names)) < len(names):
        word = (
            f"in {', '.join(strangers)}, which the panel does not hold" if strangers else f"twice in {', '.join(names)}"
        )
        message = f"account has holdings {word}"
        raise DataError(f"{message}; pass the bars of all held symbols and one row a holding")
    by_name = dict(zip(names, held["position_shares"].to_list(), strict=True))
    return pl.Series([by_name.get(name, 0) for name in symbols.to_list()], dtype=pl.Int64)


def band_orders(target: pl.Series, held: pl.Series, distance: Array, band: float) -> pl.Series:
    """Target less holding where the weight is out of the band or the target is 0; else 0; null where unknown."""
    wanted, owned = array(target), array(held)
    with np.errstate(invalid="ignore"):
        moves = (np.abs(distance) > band) | (wanted == 0.0)
    return whole_column(np.where(np.isfinite(distance), np.where(moves, wanted - owned, 0.0), np.nan))
