"""What a sample must be before anything is inferred from it: finite, varied and long enough, or named as not."""

from __future__ import annotations

import math

import numpy as np
import numpy.typing as npt

from nodes.kernels.arrays import Array
from nodes.vocabulary.errors import DataError

_MANY = 5
_LEAST, _MOST = 1e-70, 1e70
"""Beyond these, fourth powers leave the range of floats."""


def checked_series(values: npt.ArrayLike, least: int, what: str) -> Array:
    """One finite float64 series of at least `least` values.

    Raises:
        DataError: it is no series, too short, or has a value that is not finite.
    """
    series = np.asarray(values, dtype=np.float64)
    if series.ndim != 1:
        message = f"{what} have the shape {series.shape}, expected one series; give one value a period"
        raise DataError(message)
    if len(series) < least:
        message = f"{what} have {len(series)} values, expected at least {least}; give a longer sample"
        raise DataError(message)
    _require_finite(series[:, None], what)
    return series


def checked_panel(values: npt.ArrayLike, least_periods: int, least_strategies: int, what: str) -> Array:
    """A finite float64 panel, one row a period, one column a strategy, C-contiguous.

    Raises:
        DataError: it is no panel, too short, too narrow, or has a value that is not finite.
    """
    panel = np.asarray(values, dtype=np.float64)
    if panel.ndim != 2:  # noqa: PLR2004  # rows and columns
        message = f"{what} have the shape {panel.shape}, expected periods x strategies; give one row a period"
        raise DataError(message)
    n_periods, n_strategies = panel.shape
    if n_strategies < least_strategies:
        message = (
            f"{what} have {n_strategies} strategies, expected at least {least_strategies}; give all that were tried"
        )
        raise DataError(message)
    if n_periods < least_periods:
        message = f"{what} have {n_periods} periods, expected at least {least_periods}; give a longer sample"
        raise DataError(message)
    _require_finite(panel, what)
    return np.ascontiguousarray(panel)


def _require_finite(panel: Array, what: str) -> None:
    bad = np.argwhere(~(np.abs(panel) < _MOST))
    if not len(bad):
        return
    row, column = bad[0].tolist()
    message = (
        f"{what} have {panel[row, column]} in period {row} of strategy {column}, and {len(bad)} such values in all; "
        "drop the periods, or fill them with what was really earned"
    )
    raise DataError(message)


def require_variation(spread: Array, level: Array, what: str) -> None:
    """Refuse strategies whose values do not vary: their t statistic and Sharpe ratio are undefined.

    A spread under 1e-10 of a strategy's largest value, or under 1e-70, is rounding, not variation.

    Raises:
        DataError: one or more do not vary; the message names up to five.
    """
    still = np.flatnonzero(~(spread > np.maximum(1e-10 * level, _LEAST)))
    if not len(still):
        return
    names = ", ".join(str(place) for place in still[:_MANY].tolist()) + (", ..." if len(still) > _MANY else "")
    message = f"{what} of strategy {names} do not vary (spread {spread[still[0]]:.3g}); leave what never trades out"
    raise DataError(message)


def require_between(value: float, low: float, high: float, what: str, mend: str) -> None:
    """Refuse a number outside of the open interval from `low` to `high`, or that is none.

    Raises:
        DataError: it lies outside or is not a number.
    """
    if not low < value < high or math.isnan(value):
        message = f"{what} was {value}, expected over {low:g} and under {high:g}; {mend}"
        raise DataError(message)
