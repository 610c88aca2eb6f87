"""How long the kill switch takes: `python -m tests.benchmarks.kill_switch`.

From the call until the entry, every cancel and the recalled rows of the outbox are durable, and on to the denial of the
next order. The least of several repeats, each on a log of its own; the disk syncs each commit.
"""

from __future__ import annotations

import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

from adapters.lake.lake import Lake, bundled_lake
from api.use_cases.deciding import OrderRequest, decided
from api.use_cases.kill_switch import kill_switch_set
from tests.api.open_orders import thrown, with_open_orders
from tests.api.use_cases.homes import desk_at
from tests.api.use_cases.test_deciding import DAY, ROW

SIZES = (1, 100, 1_000, 5_000)
N_REPEATS = 3


def timed(lake: Lake, n_orders: int) -> tuple[float, float]:
    """Seconds until the switch is durable, and until the next order is denied."""
    with tempfile.TemporaryDirectory() as folder, desk_at(Path(folder) / "home", lake) as opened:
        desk = opened.desk
        with_open_orders(desk, n_orders)
        request = OrderRequest(DAY, desk.lake.calendar.close(DAY), ROW, b"\x07" * 32, b"\x08" * 32)
        started_s = time.perf_counter()
        kill_switch_set(desk.store, thrown(desk))
        thrown_s = time.perf_counter() - started_s
        answer = desk.writer.submit(lambda transaction: decided(desk, transaction, request)).result()
        denied_s = time.perf_counter() - started_s
        if answer.action != "deny":
            message = f"the order after the switch was answered with {answer.action}"
            raise RuntimeError(message)
        return thrown_s, denied_s


def main(sizes: Sequence[int] = SIZES) -> None:
    """Print the table."""
    lake = bundled_lake()
    sys.stdout.write(f"{'open orders':>12} {'durable ms':>12} {'next order denied ms':>22}\n")
    for n_orders in sizes:
        runs = [timed(lake, n_orders) for _ in range(N_REPEATS)]
        durable_s, denied_s = min(run[0] for run in runs), min(run[1] for run in runs)
        sys.stdout.write(f"{n_orders:>12,} {1e3 * durable_s:>12.1f} {1e3 * denied_s:>22.1f}\n")


if __name__ == "__main__":
    main()
