"""What a policy in the shadow and a canary cost: `python -m tests.benchmarks.shadow [orders]`.

Processor time per order with neither, with a version in the shadow (which is compared after the answer, not here), and
with a canary on one symbol; then per decision that is compared. Ratios within one run count, not the figures.
"""

from __future__ import annotations

import sys
import tempfile
import time
from pathlib import Path

from adapters.lake.lake import bundled_lake
from adapters.sql.shadow_board import ShadowBoard
from api.use_cases.ordering import OrderCommand, submitted_order
from api.use_cases.policy_shadows import shadow_progress
from api.use_cases.policy_standing import standing
from api.use_cases.service import Service
from tests.api.use_cases.policy_stage_calls import as_canary, in_shadow, staged_service

SYMBOLS = ("AAPL", "IBM", "MSFT", "GOOG")
REPEATS = 3


def order_us(service: Service, tag: str, n_orders: int) -> float:
    """Processor time of an order, of all threads, the least of some repeats."""
    found = []
    for repeat in range(REPEATS):
        began_s = time.process_time()
        keys = (f"{tag}-{repeat}-{number}" for number in range(n_orders))
        asked = (OrderCommand("paper", "bench", key, SYMBOLS[at % 4], 10) for at, key in enumerate(keys))
        for future in [submitted_order(service, command) for command in asked]:
            future.result(120)
        found.append((time.process_time() - began_s) / n_orders * 1e6)
    return min(found)


def main(n_orders: int) -> None:
    """Print the table."""
    with tempfile.TemporaryDirectory() as folder, staged_service(Path(folder) / "home", bundled_lake()) as service:
        rows = [("order, neither", order_us(service, "plain", n_orders))]
        in_shadow(service)
        event = standing(service).log.shadows[0]
        rows.append(("order, one version in the shadow", order_us(service, "shadow", n_orders)))
        with ShadowBoard(Path(folder) / "shadows.db") as board:
            began_s = time.process_time()
            progress = shadow_progress(service, board, event)
            rows.append(("comparing a decision", (time.process_time() - began_s) / progress.n_compared * 1e6))
        as_canary(service, event.policy_digest, "IBM")
        rows.append(("order, a canary on one symbol of five", order_us(service, "canary", n_orders)))
    sys.stdout.write("".join(f"{name:<40}{cost_us:8.0f} us\n" for name, cost_us in rows))


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 1000)
