"""SVI slices come back from their own points; butterflies and calendars that pay are seen."""

from __future__ import annotations

import math

import numpy as np
import pytest
from scipy.integrate import quad
from scipy.stats import norm

from nodes.kernels.options.surface import Surface, SviSlice, smoothness, svi_fit
from nodes.vocabulary.errors import DataError

K = np.linspace(-0.4, 0.35, 21)
SMILE = SviSlice(0.25, level=0.005, slope=0.05, tilt=-0.4, centre=0.02, width=0.15)
VOGT = SviSlice(1.0, level=-0.0410, slope=0.1331, tilt=0.3060, centre=0.3586, width=0.4153)
"""Axel Vogt's example of a slice that has a butterfly under zero: Gatheral and Jacquier (2014), example 3.1."""


def test_a_slice_comes_back_from_its_own_points() -> None:
    fit = svi_fit(K, SMILE.volatility_frac(K), 0.25)
    assert fit is not None
    assert fit.rmse_frac < 1e-4
    assert fit.has_no_butterfly
    np.testing.assert_allclose(fit.smile.volatility_frac(K), SMILE.volatility_frac(K), atol=3e-4)


def test_noise_is_smoothed_not_followed() -> None:
    """SVC-MKT-04: the surface is smooth where quotes are not."""
    noise = np.random.default_rng(1).normal(0.0, 0.005, len(K))
    fit = svi_fit(K, SMILE.volatility_frac(K) + noise, 0.25)
    assert fit is not None
    assert fit.has_no_butterfly
    assert np.abs(fit.smile.volatility_frac(K) - SMILE.volatility_frac(K)).max() < 0.006
    assert 0.002 < fit.rmse_frac < 0.008


def test_the_published_slice_with_a_butterfly_is_seen() -> None:
    """Gatheral and Jacquier (2014): its density is negative between k = 0.65 and 1.2 or so, and not at the money."""
    density = VOGT.butterfly_density(np.array([0.0, 0.8]))
    assert density[0] > 0.0 > density[1]


def test_a_fit_to_a_slice_with_a_butterfly_has_next_to_none_and_says_so() -> None:
    k = np.linspace(-1.0, 1.2, 23)
    fit = svi_fit(k, VOGT.volatility_frac(k), 1.0)
    assert fit is not None
    assert fit.least_density > -5e-3
    assert fit.least_density > 0.1 * float(VOGT.butterfly_density(k).min())
    assert fit.has_no_butterfly == (fit.least_density >= -1e-6)


def test_the_density_of_a_slice_is_a_density() -> None:
    """g(k) times the normal density in d2, over sqrt(w), integrates to one."""

    def density(k: float) -> float:
        at = np.array([k])
        w = float(SMILE.total_variance(at)[0])
        d2 = -k / math.sqrt(w) - 0.5 * math.sqrt(w)
        return float(SMILE.butterfly_density(at)[0]) * float(norm.pdf(d2)) / math.sqrt(w)

    assert quad(density, -3.0, 3.0, limit=200)[0] == pytest.approx(1.0, abs=1e-6)


@pytest.mark.parametrize("missing", [np.nan, 0.0, -0.1])
def test_points_without_volatility_are_left_out_and_few_are_too_few(missing: float) -> None:
    volatility = SMILE.volatility_frac(K)
    volatility[5:] = missing
    assert (svi_fit(K, volatility, 0.25)) is not None
    volatility[4:] = missing
    assert svi_fit(K, volatility, 0.25) is None
    assert svi_fit(K, SMILE.volatility_frac(K), 0.0) is None


def test_a_fit_is_the_same_every_time() -> None:
    fits = [svi_fit(K, SMILE.volatility_frac(K), 0.25) for _ in range(3)]
    assert fits[0] == fits[1] == fits[2]


def test_a_surface_lies_between_its_slices() -> None:
    later = SviSlice(0.75, 0.02, 0.07, -0.4, 0.02, 0.2)
    surface = Surface((SMILE, later))
    between = surface.total_variance(K, 0.5)
    np.testing.assert_allclose(between, 0.5 * (SMILE.total_variance(K) + later.total_variance(K)), rtol=1e-14)
    np.testing.assert_array_equal(surface.total_variance(K, 0.75), later.total_variance(K))
    np.testing.assert_allclose(surface.volatility_frac(K, 0.25), SMILE.volatility_frac(K))
    assert np.isnan(surface.total_variance(K, 0.2)).all()
    assert np.isnan(surface.total_variance(K, 0.8)).all()


def test_a_calendar_spread_that_pays_is_seen() -> None:
    falling = SviSlice(0.5, 0.001, 0.04, -0.4, 0.02, 0.15)
    assert Surface((SMILE, falling)).calendar_gap(K) < 0.0
    assert Surface((SMILE,)).calendar_gap(K) == math.inf


def test_slices_out_of_order_are_no_surface() -> None:
    with pytest.raises(DataError, match=r"a surface of slices at \[0.25, 0.25\] years; give at least one"):
        Surface((SMILE, SMILE))


def test_the_check_of_a_surface_names_what_is_wrong() -> None:
    """SVC-MKT-04: surface smoothness check."""
    near, far = (
        svi_fit(K, np.sqrt(variance / years), years)
        for variance, years in ((SMILE.total_variance(K), 0.25), (2.0 * SMILE.total_variance(K), 0.5))
    )
    assert near is not None
    assert far is not None
    sound = smoothness([near, far])
    assert (sound.n_slices, sound.n_with_butterfly) == (2, 0)
    assert sound.is_smooth(0.001)
    assert not sound.is_smooth(0.0)
