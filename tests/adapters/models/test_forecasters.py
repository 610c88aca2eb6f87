"""Forecasters: ordered quantiles of the right size, from the path alone."""

from __future__ import annotations

import numpy as np
import pytest

from adapters.models.forecasters import HORIZONS, LEVELS, QUICK, BoostedQuantiles, Forecaster
from nodes.vocabulary.errors import DataError

CHANCE = np.random.default_rng(8)
WALK = np.cumsum(CHANCE.standard_normal(700) * 0.01)
EVERY: tuple[Forecaster, ...] = (*QUICK, BoostedQuantiles())


@pytest.mark.parametrize("forecaster", EVERY, ids=lambda each: each.name)
def test_quantiles_are_ordered_and_widen_with_the_horizon(forecaster: Forecaster) -> None:
    """SVC-ANL-04: quantiles at named horizons."""
    found = forecaster.quantiles(WALK, list(HORIZONS.values()), LEVELS)
    assert found.shape == (3, 5)
    assert (np.diff(found, axis=1) >= 0).all()
    widths = found[:, -1] - found[:, 0]
    assert widths[0] < widths[-1]
    assert widths[0] == pytest.approx(2 * 1.645 * 0.01, rel=1.3)


@pytest.mark.parametrize("forecaster", EVERY, ids=lambda each: each.name)
def test_too_short_a_path_is_refused(forecaster: Forecaster) -> None:
    with pytest.raises(DataError, match="tell no quantiles; ask for a longer history"):
        forecaster.quantiles(WALK[:50], [21], LEVELS)


def test_boosted_quantiles_follow_from_the_path() -> None:
    one, other = (BoostedQuantiles().quantiles(WALK, [5], (0.1, 0.9)) for _ in range(2))
    assert one.tolist() == other.tolist()
