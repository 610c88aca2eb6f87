"""Percentiles of latencies in bounded memory, as HdrHistogram keeps them: buckets are finer where values are small.

A value of n bits falls into a bucket by its leading bits, so that every value is known to one part in `1 / PRECISION`,
from a nanosecond to days, in a few thousand counts. Nothing is averaged, and nothing slow is ever dropped.

Source: Gil Tene's HdrHistogram (github.com/HdrHistogram/HdrHistogram), the log-linear layout of its counts.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass, field

SUB_BITS = 7
PRECISION = 2**SUB_BITS
_ROUNDING = 1e-9
_MAX_BITS = 54
"""Two hundred days in nanoseconds."""


def bucket_of(value_ns: int) -> int:
    """The bucket of a value; all beyond the largest share the last one."""
    shift = max(value_ns.bit_length() - SUB_BITS - 1, 0)
    if shift > _MAX_BITS - SUB_BITS:
        return _N_BUCKETS - 1
    return (shift << SUB_BITS) + (value_ns >> shift)


def largest_of(bucket: int) -> int:
    """The largest value that a bucket holds: a latency is never told smaller than it was."""
    shift = max((bucket >> SUB_BITS) - 1, 0)
    return ((bucket - (shift << SUB_BITS) + 1) << shift) - 1


_N_BUCKETS = (_MAX_BITS - SUB_BITS + 2) << SUB_BITS


@dataclass
class LatencyHistogram:
    """Counts of latencies. Not safe for two threads that write at once: one may lose a count.

    Attributes:
        n_values: how many were counted.
        max_ns: the largest, exactly.
    """

    n_values: int = 0
    max_ns: int = 0
    _counts: dict[int, int] = field(default_factory=dict, repr=False)

    def record(self, value_ns: int) -> None:
        """Count a latency; one below zero, which a clock that was set back makes, counts as none at all."""
        value_ns = max(value_ns, 0)
        bucket = bucket_of(value_ns)
        self._counts[bucket] = self._counts.get(bucket, 0) + 1
        self.n_values += 1
        self.max_ns = max(self.max_ns, value_ns)

    def percentiles_ns(self, wanted: Iterable[float]) -> tuple[int, ...]:
        """For each percentage, the latency that at least so many per cent were not above; () when none was counted."""
        if not self.n_values:
            return ()
        ranked = sorted(self._counts.copy().items())
        total = sum(count for _, count in ranked)
        return tuple(self._at(ranked, math.ceil(total * percent / 100 - _ROUNDING)) for percent in wanted)

    def _at(self, ranked: list[tuple[int, int]], rank: float) -> int:
        seen = 0
        for bucket, count in ranked:
            seen += count
            if seen >= rank:
                return min(largest_of(bucket), self.max_ns)
        return self.max_ns
