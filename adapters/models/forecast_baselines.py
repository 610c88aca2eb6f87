"""Forecasts by other people's models: AutoETS, AutoARIMA and GARCH, as baselines to be beaten.

Their libraries take seconds to import and to fit, so they are measured on demand and serve nothing.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np

from adapters.models.forecasters import Forecaster
from adapters.models.libraries import model_library
from nodes.kernels.arrays import Array

_N_SESSIONS = 500
"""How many sessions each fit looks back on."""
_PERCENT = 100.0
_MEDIAN = 0.5


@dataclass(frozen=True)
class StatsForecast:
    """AutoETS or AutoARIMA of statsforecast on log prices, each choosing its own form by information criterion.

    Source: Hyndman, Khandakar (2008), Automatic time series forecasting, Journal of Statistical Software 27(3).
    """

    form: Literal["AutoETS", "AutoARIMA"]

    @property
    def name(self) -> str:
        """As statsforecast calls it."""
        return self.form

    def quantiles(self, path: Array, horizons: Sequence[int], levels: Sequence[float]) -> Array:
        """The ends of its prediction intervals, less the last value."""
        model = getattr(model_library("statsforecast.models"), self.form)(season_length=1)
        widths = sorted({round(abs(1.0 - 2.0 * level) * _PERCENT, 6) for level in levels if level != _MEDIAN})
        recent = path[-_N_SESSIONS:]
        told = model.forecast(recent, h=max(horizons), level=[_whole(width) for width in widths])
        columns = [np.asarray(told[_end(level)], np.float64) for level in levels]
        found = np.array([[column[horizon - 1] for column in columns] for horizon in horizons])
        return np.asarray(found - path[-1], np.float64)


@dataclass(frozen=True)
class Garch:
    """GARCH(1,1) of arch with a constant mean and Student's t innovations; variances add up over the horizon.

    Source: Bollerslev (1987), A conditionally heteroskedastic time series model for speculative prices and rates of
        return, Review of Economics and Statistics 69.
    """

    name: str = "GARCH"

    def quantiles(self, path: Array, horizons: Sequence[int], levels: Sequence[float]) -> Array:
        """Quantiles of a t distribution of the summed variance."""
        returns = np.diff(path[-_N_SESSIONS - 1 :]) * _PERCENT
        made = model_library("arch").arch_model(returns, mean="Constant", vol="GARCH", dist="t")
        fit = made.fit(disp="off", show_warning=False)
        variances = fit.forecast(horizon=max(horizons), reindex=False).variance.to_numpy()[0]
        freedom, mean = float(fit.params["nu"]), float(fit.params["mu"])
        z = model_library("scipy.stats").t.ppf(list(levels), freedom) * math.sqrt((freedom - 2.0) / freedom)
        return np.array([(mean * h + z * math.sqrt(variances[:h].sum())) / _PERCENT for h in horizons])


BASELINES: tuple[Forecaster, ...] = (StatsForecast("AutoETS"), StatsForecast("AutoARIMA"), Garch())


def _end(level: float) -> str:
    """What statsforecast calls the end of an interval below which a share of the outcomes lies."""
    if level == _MEDIAN:
        return "mean"
    width = _whole(round(abs(1.0 - 2.0 * level) * _PERCENT, 6))
    return f"lo-{width}" if level < _MEDIAN else f"hi-{width}"


def _whole(width: float) -> Any:  # noqa: ANN401  # int or float, which names the column
    return int(width) if width == int(width) else width
