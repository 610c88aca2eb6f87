"""What it costs to fill an order in the market that a session's bar becomes: `python -m tests.benchmarks.fills`.

Processor time, the least of some repeats, for an order in the opening auction, one worked at a single venue, and one in
a part at each of ten venues, with latency, drift and impact.
"""

from __future__ import annotations

import time
from dataclasses import replace
from datetime import date
from typing import Any

from nodes.kernels.fills import FillChance, LimitOrder
from nodes.kernels.session_fills import simulated_fill
from policies.venues import shipped_venues
from tests.nodes.kernels.made_fills import BAR, auctioned, market, routed

REPEATS, ROUNDS = 7, 20
_SHEETS = shipped_venues().terms(date(2026, 11, 23))


def cases() -> dict[str, LimitOrder]:
    """The orders by name, each of 2,000 shares."""
    parts = [(sheet.venue, 200, "post") for sheet in _SHEETS[:10]]
    return {
        "whole, in the auction": auctioned(2_000, "110.00"),
        "whole, through the session": routed(2_000, "110.00", ("DAY", 2_000, "take")),
        "in ten parts": routed(2_000, "110.00", *parts),
    }


def least_ms(order: LimitOrder) -> tuple[float, int]:
    """Milliseconds of one fill, and how many executions it has."""
    chance = FillChance(0.5, 0.7, 0.5)
    terms: dict[str, Any] = {
        "latency_p5_ms": 200.0,
        "latency_p95_ms": 500.0,
        "impact_coefficient": 1.0,
        "auction_volume_frac": 0.01,
    }
    where = replace(market(BAR, chance, **terms), sheets=_SHEETS)
    best, n_executions = float("inf"), 0
    for _ in range(REPEATS):
        began = time.process_time()
        for _ in range(ROUNDS):
            n_executions = len(simulated_fill(order, where).executions)
        best = min(best, (time.process_time() - began) / ROUNDS)
    return best * 1e3, n_executions


def main() -> None:
    """Print the table."""
    print("| order | ms | executions |")  # noqa: T201  # a command
    print("|---|---|---|")  # noqa: T201
    for name, order in cases().items():
        took_ms, n_executions = least_ms(order)
        print(f"| {name} | {took_ms:.2f} | {n_executions} |")  # noqa: T201


if __name__ == "__main__":
    main()
