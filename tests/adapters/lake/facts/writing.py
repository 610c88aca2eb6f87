"""A process that ingests, for tests of what happens when it dies on the way or is not alone."""

from __future__ import annotations

import os
import sys
from itertools import count
from pathlib import Path
from typing import Any

from tests.adapters.lake.facts.examples import ASSETS, fact, frame, store

BATCH = frame(*(fact(f"c{n}", n, n, float(n)) for n in range(5)), fact("bad", 1, 1, float("nan")))


def ingested_until(root: Path, n_steps: int) -> None:
    """Ingests one batch and dies at a step of it; -1 to live, and to say how many there were."""
    steps = count()

    def stepped(_frame: Any, event: str, _argument: Any) -> None:
        if event in {"c_call", "call", "c_return"} and next(steps) == n_steps:
            os._exit(9)

    sys.setprofile(stepped)
    store(root).ingested(ASSETS, BATCH, "test")
    sys.setprofile(None)
    print(next(steps))  # noqa: T201  # what the parent reads


def ingested_in_turns(root: Path, name: str, n_batches: int) -> None:
    """Ingests facts of its own and facts that every writer has, batch by batch."""
    for n in range(n_batches):
        rows = [fact(name, n, n, float(n)), fact("everybody", n, n, float(n))]
        store(root).ingested(ASSETS, frame(*rows), name)


if __name__ == "__main__":
    folder, what, amount = Path(sys.argv[1]), sys.argv[2], int(sys.argv[3])
    if what == "until":
        ingested_until(folder, amount)
    else:
        ingested_in_turns(folder, what, amount)
