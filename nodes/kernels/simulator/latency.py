"""How long messages take: draws of whole nanoseconds from a distribution and a seed.

From the decision to the venue, from the venue back, and from the feed are three delays with three streams of draws, so
that changing one leaves the draws of the others as they were.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import repeat
from statistics import NormalDist
from typing import Protocol

import numpy as np

from nodes.kernels.arrays import Array
from nodes.vocabulary.errors import DataError

NS_PER_MS = 1_000_000
_CHUNK = 4096
_P95 = NormalDist().inv_cdf(0.95)


class Latency(Protocol):
    """A distribution of delays."""

    def drawn_ns(self, rng: np.random.Generator, n_draws: int) -> Array:
        """So many delays."""
        ...


@dataclass(frozen=True)
class Constant:
    """Always the same.

    Attributes:
        delay_ns: the delay.
    """

    delay_ns: int

    def __post_init__(self) -> None:
        if self.delay_ns < 0:
            raise DataError(f"delay_ns was {self.delay_ns}, expected 0 or more; give how long a message takes")

    def drawn_ns(self, rng: np.random.Generator, n_draws: int) -> Array:  # noqa: ARG002  # nothing is left to chance
        """So many delays."""
        return np.full(n_draws, float(self.delay_ns))


@dataclass(frozen=True)
class Between:
    """Uniform between two delays.

    Attributes:
        least_ns: the shortest.
        most_ns: the longest.
    """

    least_ns: int
    most_ns: int

    def __post_init__(self) -> None:
        if not 0 <= self.least_ns <= self.most_ns:
            message = f"delays were {self.least_ns} to {self.most_ns} ns, expected 0 <= least <= most"
            raise DataError(f"{message}; give the shorter one first")

    def drawn_ns(self, rng: np.random.Generator, n_draws: int) -> Array:
        """So many delays."""
        return rng.uniform(self.least_ns, self.most_ns, n_draws)


@dataclass(frozen=True)
class LogNormal:
    """Log-normal, told by the delays that 5 % and 95 % of messages stay under.

    Attributes:
        p5_ns: 5th percentile.
        p95_ns: 95th percentile.
    """

    p5_ns: int
    p95_ns: int

    def __post_init__(self) -> None:
        if not 0 < self.p5_ns <= self.p95_ns:
            message = f"percentiles were {self.p5_ns} and {self.p95_ns} ns, expected 0 < p5 <= p95"
            raise DataError(f"{message}; give the delay that 5 % stay under, then that of 95 %")

    def drawn_ns(self, rng: np.random.Generator, n_draws: int) -> Array:
        """So many delays."""
        low, high = math.log(self.p5_ns), math.log(self.p95_ns)
        return np.exp(rng.normal((low + high) / 2.0, (high - low) / (2.0 * _P95), n_draws))

    def at_ns(self, u: float) -> int:
        """The delay that a part of messages stays under, between 0 and 1, both excluded."""
        low, high = math.log(self.p5_ns), math.log(self.p95_ns)
        return round(math.exp((low + high) / 2.0 + (high - low) / (2.0 * _P95) * NormalDist().inv_cdf(u)))


@dataclass(frozen=True)
class Measured:
    """Drawn from delays that were measured, each as likely.

    Attributes:
        delays_ns: what was measured.
    """

    delays_ns: tuple[int, ...]

    def __post_init__(self) -> None:
        if not self.delays_ns or min(self.delays_ns) < 0:
            message = f"{len(self.delays_ns)} measured delays, least {min(self.delays_ns, default=None)} ns"
            raise DataError(f"{message}, expected some, none negative; give what was measured")

    def drawn_ns(self, rng: np.random.Generator, n_draws: int) -> Array:
        """So many delays."""
        return rng.choice(np.array(self.delays_ns, np.float64), n_draws)


AT_ONCE = Constant(0)
DECISION_TO_FILL = LogNormal(200 * NS_PER_MS, 500 * NS_PER_MS)
"""90 % of decisions reach the venue within 200 to 500 ms."""


def delays(latency: Latency, seed: int, stream: int) -> Iterator[int]:
    """Delays without end, the same ones for the same seed and stream."""
    if isinstance(latency, Constant):
        yield from repeat(latency.delay_ns)
    rng = np.random.default_rng([seed, stream])
    while True:
        yield from np.rint(latency.drawn_ns(rng, _CHUNK)).astype(np.int64).tolist()
