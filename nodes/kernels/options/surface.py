"""Smiles and surfaces: raw SVI slices fitted to implied variances, and whether they could be prices at all.

A slice is a function of log-moneyness k = ln(strike / forward) for one expiry; its value is the total variance
w = volatility^2 * years. A surface is its slices, straight in total variance between two expiries.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy.optimize import minimize, nnls

from nodes.kernels.arrays import Array
from nodes.vocabulary.errors import DataError

LEAST_POINTS = 5
"""A slice has five parameters: fewer points do not tell it."""

_STARTS = (-0.5, 0.0, 0.5)
_GRID = 201
_BEYOND = 0.5
"""How far past the outermost strikes a slice is checked, in widths of the strikes' span."""
_PENALTY = 1e3
_LEAST_WIDTH = 1e-3
_ROUNDING = 1e-6
"""A density this little under zero is the penalised search stopping at the border."""


@dataclass(frozen=True)
class SviSlice:
    """Raw SVI: w(k) = level + slope (tilt (k - centre) + sqrt((k - centre)^2 + width^2)).

    Attributes:
        years: time to expiry.
        level, slope, tilt, centre, width: a, b, rho, m and sigma of the source.

    Source: Gatheral (2004), A parsimonious arbitrage-free implied volatility parameterization.
    """

    years: float
    level: float
    slope: float
    tilt: float
    centre: float
    width: float

    def total_variance(self, k: Array) -> Array:
        """W at each log-moneyness."""
        away = k - self.centre
        return self.level + self.slope * (self.tilt * away + np.sqrt(away * away + self.width**2))

    def volatility_frac(self, k: Array) -> Array:
        """A year's volatility at each log-moneyness."""
        return np.sqrt(self.total_variance(k) / self.years)

    def butterfly_density(self, k: Array) -> Array:
        """Durrleman's g: not negative at any k exactly where no butterfly of the slice costs less than nothing.

        Formula: g = (1 - k w' / (2 w))^2 - w'^2 / 4 (1/w + 1/4) + w'' / 2
        Source: Gatheral and Jacquier (2014), Quantitative Finance 14(1), equation 2.1.
        """
        away = k - self.centre
        root = np.sqrt(away * away + self.width**2)
        w = self.level + self.slope * (self.tilt * away + root)
        first, second = self.slope * (self.tilt + away / root), self.slope * self.width**2 / root**3
        with np.errstate(divide="ignore", invalid="ignore"):
            bent = (1.0 - 0.5 * k * first / w) ** 2
            return bent - 0.25 * first * first * (1.0 / w + 0.25) + 0.5 * second


@dataclass(frozen=True)
class SviFit:
    """A fitted slice and how well it fits.

    Attributes:
        smile: the slice.
        rmse_frac: root mean square distance of the fitted from the given volatilities.
        worst_frac: largest such distance.
        least_density: smallest butterfly density over the strikes and half their span around them.
        low_k, high_k: the outermost log-moneyness fitted.
    """

    smile: SviSlice
    rmse_frac: float
    worst_frac: float
    least_density: float
    low_k: float
    high_k: float

    @property
    def has_no_butterfly(self) -> bool:
        """Whether no butterfly of the slice has a negative price, within and around its strikes."""
        return self.least_density >= -_ROUNDING


def svi_fit(k: Array, volatility_frac: Array, years: float, weight: Array | None = None) -> SviFit | None:
    """The slice nearest to the volatilities, butterflies that pay for nothing being penalised.

    For each centre and width the other three parameters are a least-squares problem with signs; centre and width are
    searched from three starts by Nelder and Mead. None with fewer than five points.

    Args:
        k: log-moneyness of each point.
        volatility_frac: implied volatility of each.
        years: time to expiry.
        weight: weight of each point's squared error; equal without.

    Source: De Marco and Martini (2009), Quasi-explicit calibration of Gatheral's SVI model, Zeliade; the wings' slopes
    are held to 2 after Lee (2004), Mathematical Finance 14(3).
    """
    usable = np.isfinite(k) & np.isfinite(volatility_frac) & (volatility_frac > 0.0)
    if int(usable.sum()) < LEAST_POINTS or not years > 0.0:
        return None
    points = _Points.of(k[usable], volatility_frac[usable], years, None if weight is None else weight[usable])
    best: tuple[float, SviSlice] | None = None
    for start in _STARTS:
        found = minimize(
            points.objective,
            x0=np.array([start * points.span, math.log(max(0.25 * points.span, _LEAST_WIDTH))]),
            method="Nelder-Mead",
            options={"xatol": 1e-5, "fatol": 1e-12, "maxiter": 80},
        )
        if best is None or found.fun < best[0]:
            best = float(found.fun), points.smile(found.x)
    if best is None:
        return None
    return points.fit(best[1])


@dataclass(frozen=True)
class _Points:
    """What one slice is fitted to.

    Attributes:
        k: log-moneyness.
        w: total variances.
        root_weight: square root of each point's weight, summing to one.
        years: time to expiry.
        checked: log-moneyness at which butterflies are looked for.
    """

    k: Array
    w: Array
    root_weight: Array
    years: float
    checked: Array

    @staticmethod
    def of(k: Array, volatility_frac: Array, years: float, weight: Array | None) -> _Points:
        """The points, weights normalised."""
        given = np.ones(len(k)) if weight is None else weight
        margin = _BEYOND * max(float(k.max() - k.min()), _LEAST_WIDTH)
        checked = np.linspace(float(k.min()) - margin, float(k.max()) + margin, _GRID)
        return _Points(k, volatility_frac**2 * years, np.sqrt(given / float(given.sum())), years, checked)

    @property
    def span(self) -> float:
        """Distance of the outermost points."""
        return max(float(self.k.max() - self.k.min()), _LEAST_WIDTH)

    def smile(self, place: Array) -> SviSlice:
        """The best slice with this centre and width."""
        centre, width = float(place[0]), max(math.exp(min(float(place[1]), 5.0)), _LEAST_WIDTH)
        y = (self.k - centre) / width
        root = np.sqrt(y * y + 1.0)
        basis = np.stack([np.ones(len(y)), root + y, root - y], axis=1) * self.root_weight[:, None]
        level, right, left = (float(part) for part in nnls(basis, self.w * self.root_weight)[0])
        right, left = min(right, width), min(left, width)
        both = right + left
        return SviSlice(self.years, level, both / width, (right - left) / both if both else 0.0, centre, width)

    def objective(self, place: Array) -> float:
        """Squared misfit relative to the mean variance, and what butterflies under zero add."""
        smile = self.smile(place)
        misfit = (smile.total_variance(self.k) - self.w) * self.root_weight / float(self.w.mean())
        short = np.minimum(np.nan_to_num(smile.butterfly_density(self.checked), nan=-1.0), 0.0)
        return float((misfit * misfit).sum() + _PENALTY * (short * short).mean())

    def fit(self, smile: SviSlice) -> SviFit:
        """The slice with its quality."""
        away = smile.volatility_frac(self.k) - np.sqrt(self.w / self.years)
        density = np.nan_to_num(smile.butterfly_density(self.checked), nan=-np.inf)
        return SviFit(
            smile,
            math.sqrt(float((away * away).mean())),
            float(np.abs(away).max()),
            float(density.min()),
            float(self.k.min()),
            float(self.k.max()),
        )


@dataclass(frozen=True)
class Surface:
    """Slices by increasing time to expiry."""

    slices: tuple[SviSlice, ...]

    def __post_init__(self) -> None:
        years = [item.years for item in self.slices]
        if not years or years != sorted(set(years)):
            message = f"a surface of slices at {years} years"
            raise DataError(f"{message}; give at least one, by increasing time")

    def total_variance(self, k: Array, years: float) -> Array:
        """W between two expiries by straight lines at equal k; NaN before the first and after the last.

        Source: Gatheral and Jacquier (2014), Quantitative Finance 14(1), lemma 5.1.
        """
        times = [item.years for item in self.slices]
        later = int(np.searchsorted(times, years))
        if later < len(times) and times[later] == years:
            return self.slices[later].total_variance(k)
        if later in (0, len(times)):
            return np.full(len(k), np.nan)
        share = (years - times[later - 1]) / (times[later] - times[later - 1])
        near, far = (self.slices[place].total_variance(k) for place in (later - 1, later))
        return near + share * (far - near)

    def volatility_frac(self, k: Array, years: float) -> Array:
        """A year's volatility at each log-moneyness."""
        return np.sqrt(self.total_variance(k, years) / years)

    def calendar_gap(self, k: Array) -> float:
        """Smallest growth of total variance from one slice to the next: negative where a calendar spread pays."""
        grown = [
            later.total_variance(k) - earlier.total_variance(k)
            for earlier, later in zip(self.slices, self.slices[1:], strict=False)
        ]
        return min((float(part.min()) for part in grown), default=math.inf)


@dataclass(frozen=True)
class Smoothness:
    """What a surface looks like that quotes were drawn through.

    Attributes:
        n_slices: how many slices it has.
        n_with_butterfly: of them, those with a butterfly that pays.
        calendar_gap: smallest growth of total variance with time.
        worst_rmse_frac: largest root mean square misfit of a slice.
    """

    n_slices: int
    n_with_butterfly: int
    calendar_gap: float
    worst_rmse_frac: float

    def is_smooth(self, max_rmse_frac: float) -> bool:
        """Whether it is free of arbitrage and near its quotes."""
        return self.n_with_butterfly == 0 and self.calendar_gap >= 0.0 and self.worst_rmse_frac <= max_rmse_frac


def smoothness(fits: Sequence[SviFit]) -> Smoothness:
    """The check of all slices together, at the log-moneyness that they share."""
    surface = Surface(tuple(fit.smile for fit in fits))
    low, high = max(fit.low_k for fit in fits), min(fit.high_k for fit in fits)
    shared = np.linspace(low, high, _GRID) if high > low else np.zeros(1)
    return Smoothness(
        len(fits),
        sum(not fit.has_no_butterfly for fit in fits),
        surface.calendar_gap(shared),
        max(fit.rmse_frac for fit in fits),
    )
