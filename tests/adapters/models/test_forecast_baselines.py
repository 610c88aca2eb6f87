"""Baselines of other libraries give quantiles of about the right size."""

from __future__ import annotations

import numpy as np
import pytest

from adapters.models.forecast_baselines import Garch, StatsForecast
from adapters.models.forecasters import LEVELS, Forecaster

WALK = 4.0 + np.cumsum(np.random.default_rng(8).standard_normal(160) * 0.01)


@pytest.mark.slow
@pytest.mark.parametrize("forecaster", [StatsForecast("AutoETS"), Garch()], ids=lambda each: each.name)
def test_a_random_walk_gets_quantiles_of_its_spread(forecaster: Forecaster) -> None:
    """SVC-ANL-04: baselines that a forecast is compared with."""
    pytest.importorskip("statsforecast" if isinstance(forecaster, StatsForecast) else "arch")
    found = forecaster.quantiles(WALK, [1, 5], LEVELS)
    assert (np.diff(found, axis=1) > 0).all()
    assert found[0, 4] - found[0, 0] == pytest.approx(2 * 1.645 * 0.01, rel=0.35)
    assert found[1, 4] - found[1, 0] == pytest.approx(2 * 1.645 * 0.01 * np.sqrt(5), rel=0.35)
