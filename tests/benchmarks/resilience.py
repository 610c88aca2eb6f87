"""`python -m tests.benchmarks.resilience`: what it costs to ask an upstream through its gates, and to give memory.

In turn, in one process: a call as it is, the same through a circuit alone, through circuit, bulkhead and deadline, and
the same answer out of memory while it is fresh.
"""

from __future__ import annotations

import sys
from datetime import UTC, datetime

from rich.console import Console

from adapters.upstreams.kept import KeptAnswers
from adapters.upstreams.upstream import Upstream
from api.use_cases.resilience_terms import resilience_terms
from policies.resilience_terms import StaleTerms
from tests.benchmarks import table
from tests.benchmarks.timing import Effort, Row, figure_us, pace, side_by_side

TABLE_WIDTH = 120
_ALWAYS = StaleTerms(fresh_s=86_400.0, revalidate_s=0.0, if_error_s=0.0)


def rows(effort: Effort) -> list[Row]:
    """A row for each way to the same answer."""
    upstream = Upstream("nothing", resilience_terms().lake, lambda: datetime.now(UTC))
    kept = KeptAnswers[int](lambda _: 8, 1000)
    try:
        took_us = side_by_side(
            {
                "as it is": _answer,
                "through a circuit, in this thread": lambda: upstream.asked_here(_answer),
                "through circuit, bulkhead and deadline": lambda: upstream.asked(_answer),
                "from memory, fresh": lambda: kept.of("question", _ALWAYS, _answer),
            },
            effort,
        )
    finally:
        upstream.close()
        kept.close()
    return [Row(f"an answer {way}", figure_us(figure)) for way, figure in took_us.items()]


def _answer() -> int:
    return 7


def main() -> None:
    """Print the table."""
    effort = Effort()
    console = Console(width=None if sys.stdout.isatty() else TABLE_WIDTH)
    table.printed([pace(effort), *rows(effort)], console)


if __name__ == "__main__":
    main()
