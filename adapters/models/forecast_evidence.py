"""How good forecasts were: each made with what was known at its origin, and compared with what came."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from adapters.models.forecasters import HORIZONS, LEVELS, Forecaster, Naive
from nodes.kernels.arrays import Array, Index
from nodes.kernels.forecasts import Skill, coverage_frac, pinball_losses, skill
from nodes.vocabulary.errors import DataError

_BPS = 1e4
_LEAST_ORIGINS = 20
Told = Callable[[str, int, int], None]


@dataclass(frozen=True, slots=True)
class Origins:
    """Where forecasts are tried.

    Attributes:
        n_origins: how many.
        step_sessions: from one to the next.
        first_sessions: how long a history the first one has at least.
    """

    n_origins: int = 100
    step_sessions: int = 5
    first_sessions: int = 300


@dataclass(frozen=True, slots=True)
class Evidence:
    """How a forecaster did over a horizon.

    Attributes:
        forecaster: its name.
        horizon: name of the horizon.
        n_forecasts: how many were compared with what came.
        pinball_bps: mean pinball loss of the log return, over forecasts and levels.
        coverage_50_frac: share of outcomes between the quantiles 0.25 and 0.75; a half is right.
        coverage_90_frac: share between 0.05 and 0.95.
        skill: over the naive forecast.
    """

    forecaster: str
    horizon: str
    n_forecasts: int
    pinball_bps: float
    coverage_50_frac: float
    coverage_90_frac: float
    skill: Skill


def evidence(
    path: Array, forecasters: Sequence[Forecaster], origins: Origins, told: Told | None = None
) -> tuple[Evidence, ...]:
    """Every forecaster over every named horizon, walked forward over the end of a path.

    Args:
        path: log prices.
        forecasters: that are compared.
        origins: where they are tried.
        told: is told of progress.

    Raises:
        DataError: the path is too short.
    """
    places = _places(len(path), origins)
    rivals = _tried(Naive(), path, places, None)
    found = []
    for forecaster in forecasters:
        quantiles = rivals if isinstance(forecaster, Naive) else _tried(forecaster, path, places, told)
        for row, (name, horizon) in enumerate(HORIZONS.items()):
            known = places + horizon < len(path)
            outcomes = path[places[known] + horizon] - path[places[known]]
            mine, others = quantiles[known, row], rivals[known, row]
            losses, beside = (pinball_losses(outcomes, each, LEVELS) for each in (mine, others))
            block = -(-horizon // origins.step_sessions) + 1
            found.append(
                Evidence(
                    forecaster=forecaster.name,
                    horizon=name,
                    n_forecasts=len(outcomes),
                    pinball_bps=float(losses.mean()) * _BPS,
                    coverage_50_frac=coverage_frac(outcomes, mine[:, 1], mine[:, 3]),
                    coverage_90_frac=coverage_frac(outcomes, mine[:, 0], mine[:, 4]),
                    skill=skill(losses, beside, block, horizon),
                )
            )
    return tuple(found)


def _places(length: int, origins: Origins) -> Index:
    """The origins, ascending: the last one leaves room for the shortest horizon."""
    last = length - 1 - min(HORIZONS.values())
    places = last - origins.step_sessions * np.arange(origins.n_origins - 1, -1, -1, dtype=np.int64)
    kept: Index = places[places >= origins.first_sessions - 1]
    if len(kept) < _LEAST_ORIGINS + max(HORIZONS.values()) // origins.step_sessions:
        message = f"{length} sessions leave {len(kept)} forecasts to try after a history of {origins.first_sessions}"
        raise DataError(f"{message}; ask for a share, or an instant, with a longer history", reason="not-known")
    return kept


def _tried(forecaster: Forecaster, path: Array, places: Index, told: Told | None) -> Array:
    """The quantiles from each origin, which sees the path up to itself and no further."""
    horizons, found = list(HORIZONS.values()), []
    for number, place in enumerate(places.tolist()):
        found.append(forecaster.quantiles(path[: place + 1], horizons, LEVELS))
        if told is not None:
            told(forecaster.name, number + 1, len(places))
    return np.array(found)
