"""How far a share that was counted may lie from the true one."""

from __future__ import annotations

from typing import NamedTuple

from scipy.special import betaincinv

from nodes.vocabulary.errors import DataError


class Proportion(NamedTuple):
    """A share that was counted.

    Attributes:
        n_found: how often it was so.
        n_all: out of how many times.
        low_frac: lower end of its exact interval.
        high_frac: upper end.
    """

    n_found: int
    n_all: int
    low_frac: float
    high_frac: float

    @property
    def frac(self) -> float:
        """The share."""
        return self.n_found / self.n_all


def proportion(n_found: int, n_all: int, confidence_frac: float = 0.95) -> Proportion:
    """A counted share with its exact interval, which holds the true share at least as often as said.

    Formula: low = B^-1(a/2; k, n - k + 1), high = B^-1(1 - a/2; k + 1, n - k), with B the beta distribution, k found
    of n and a = 1 - confidence_frac; low is 0 for k = 0, high is 1 for k = n.
    Unit: fractions. Missing: counts that cannot be raise DataError.
    Source: Clopper and Pearson (1934), The Use of Confidence or Fiducial Limits, Biometrika 26(4).
    """
    if not 0 <= n_found <= n_all or n_all < 1 or not 0.0 < confidence_frac < 1.0:
        message = f"{n_found} of {n_all} at confidence {confidence_frac} is no count; give 0 <= found <= all, all > 0"
        raise DataError(message)
    tail = (1.0 - confidence_frac) / 2.0
    low = 0.0 if n_found == 0 else float(betaincinv(n_found, n_all - n_found + 1, tail))
    high = 1.0 if n_found == n_all else float(betaincinv(n_found + 1, n_all - n_found, 1.0 - tail))
    return Proportion(n_found, n_all, low, high)
