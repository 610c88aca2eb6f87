"""The lines about models run; how fast they are is for `make bench` to say."""

from __future__ import annotations

from tests.benchmarks import models
from tests.benchmarks.timing import Effort


def test_every_request_is_timed_and_the_lines_are_printed() -> None:
    """INF-01, INF-02: what they are measured with."""
    found = models.rows(Effort(1, 0.0001), models.Work(rate_hz=500, duration_s=0.2, n_trees=3, n_batch=50))
    assert [row.is_met is not None for row in found] == [True, True, False, False]
    assert all(row.measured for row in found)
