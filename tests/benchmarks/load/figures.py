"""Figures of a run: percentiles from intended start, what was answered, how fast."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np

from tests.benchmarks.load.client import Outcome

OK = 200
_PERCENTILES = (50.0, 99.0, 99.9, 100.0)


@dataclass(frozen=True, slots=True)
class Figures:
    """What a stretch of load came to.

    Attributes:
        n_requests: how many were due.
        n_errors: how many were answered otherwise than with 200, or not at all.
        achieved_s: answers of 200 a second, over the stretch.
        p50_ms: median latency from intended start.
        p99_ms: its 99th percentile.
        p999_ms: its 99.9th percentile.
        max_ms: the worst.
        offered_s: requests that were due a second.
        statuses: how many answers of each status.
        verdicts: how many decisions of each verdict.
    """

    n_requests: int
    n_errors: int
    achieved_s: float
    p50_ms: float
    p99_ms: float
    p999_ms: float
    max_ms: float
    statuses: dict[int, int] = field(default_factory=dict)
    verdicts: dict[str, int] = field(default_factory=dict)
    offered_s: float = 0.0

    def __str__(self) -> str:
        shares = ", ".join(
            f"{verdict} {count / max(1, sum(self.verdicts.values())):.0%}" for verdict, count in self.verdicts.items()
        )
        return (
            f"{self.achieved_s:,.0f}/s answered of {self.n_requests:,}, {self.n_errors} errors {self.statuses}; "
            f"p50 {self.p50_ms:.1f} ms, p99 {self.p99_ms:.1f} ms, p99.9 {self.p999_ms:.1f} ms, "
            f"max {self.max_ms:.0f} ms; {shares}"
        )


def figures(outcomes: Sequence[Outcome], from_s: float = 0.0, to_s: float | None = None) -> Figures:
    """The figures of the requests that were due in a stretch.

    A request without an answer counts as an error, and with the time until the client gave up as its latency.
    """
    end_s = max((outcome.due_s for outcome in outcomes), default=0.0) if to_s is None else to_s
    chosen = [outcome for outcome in outcomes if from_s <= outcome.due_s <= end_s]
    gave_up_s = max((outcome.done_s for outcome in outcomes), default=0.0)
    latencies = [(o.done_s if o.done_s >= 0 else gave_up_s) - o.due_s for o in chosen]
    p50, p99, p999, worst = np.percentile(latencies or [0.0], _PERCENTILES, method="higher") * 1000
    n_good = sum(outcome.status == OK for outcome in chosen)
    return Figures(
        n_requests=len(chosen),
        n_errors=len(chosen) - n_good,
        achieved_s=n_good / max(end_s - from_s, 1e-9),
        p50_ms=float(p50),
        p99_ms=float(p99),
        p999_ms=float(p999),
        max_ms=float(worst),
        offered_s=len(chosen) / max(end_s - from_s, 1e-9),
        statuses=dict(sorted(Counter(outcome.status for outcome in chosen).items())),
        verdicts=dict(Counter(outcome.verdict for outcome in chosen if outcome.verdict).most_common()),
    )
