"""The engine against Hamilton's own driver over the same functions, and plain against salted digests."""

from __future__ import annotations

from functools import partial
from pathlib import Path

from dataflows.engine.run import Runner
from tests.benchmarks.graphs import AS_OF, START_FRAC, hamilton_driver, order_plan, order_snapshot, outputs
from tests.benchmarks.timing import Effort, Row, figure_us, side_by_side

SIZES = (10, 100, 1000)
TARGET_SIZE = 100
MAX_PLAIN_US = 20.0
MAX_SALTED_US = 80.0
MIN_RATIO = 30.0
_KEY = bytes(range(32))


def rows(folder: Path, effort: Effort) -> list[Row]:
    """For each size, an order run with each kind of digest, beside Hamilton's driver without a trace."""
    return [row for n_nodes in SIZES for row in _rows_of(n_nodes, folder, effort)]


def _rows_of(n_nodes: int, folder: Path, effort: Effort) -> list[Row]:
    plan = order_plan(n_nodes, folder)
    plain = Runner(plan, "research/benchmark", b"")
    salted = Runner(plan, "paper", b"", is_salted=True)
    snapshot, inputs = order_snapshot(), {"start_frac": START_FRAC}
    hamilton = hamilton_driver(n_nodes, folder)
    took = side_by_side(
        {
            "plain": partial(plain.order, snapshot, AS_OF),
            "salted": partial(salted.order, snapshot, AS_OF, (), _KEY),
            "hamilton": partial(hamilton.execute, outputs(n_nodes), inputs=inputs),
        },
        effort,
    )
    targeted = n_nodes == TARGET_SIZE
    ratio = took["hamilton"] / took["plain"]
    return [
        Row(
            f"order run, {n_nodes:,} nodes, research digest",
            figure_us(took["plain"]),
            f"Hamilton's driver, no trace: {figure_us(took['hamilton'])}",
            f"{ratio:.0f}x",
            f"under {MAX_PLAIN_US:.0f} us, {MIN_RATIO:.0f}x" if targeted else "",
            (took["plain"] < MAX_PLAIN_US and ratio >= MIN_RATIO) if targeted else None,
        ),
        Row(
            f"order run, {n_nodes:,} nodes, salted digest",
            figure_us(took["salted"]),
            f"research digest: {figure_us(took['plain'])}",
            f"{took['salted'] / took['plain']:.1f}x the time",
            f"under {MAX_SALTED_US:.0f} us" if targeted else "",
            took["salted"] < MAX_SALTED_US if targeted else None,
        ),
    ]
