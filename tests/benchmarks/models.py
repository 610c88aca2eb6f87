"""Serving models: one row at a time at a given rate while the model is swapped, and many rows at once.

python -m tests.benchmarks.models     the lines of this module alone

Requests are sent at their times whether or not the one before is answered (an open loop), and each is timed from when
it should have begun: a pause hits every request that falls into it.
"""

from __future__ import annotations

import statistics
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from threading import Thread

import numpy as np
from rich.console import Console

from adapters.models.onnx_runtime import Scorer, ServedModel
from adapters.models.trainers import trainer
from dataflows.research.ports import FittedModel
from nodes.kernels.arrays import Array
from tests.benchmarks.table import printed
from tests.benchmarks.timing import Effort, Row, figure_us, side_by_side

N_FEATURES = 20
NAMES = tuple(f"f{at}" for at in range(N_FEATURES))
TARGET_US = 1_000.0


@dataclass(frozen=True)
class Work:
    """How much is measured.

    Attributes:
        rate_hz: requests a second.
        duration_s: for so long.
        n_trees: of each model.
        n_batch: rows at once.
    """

    rate_hz: int = 1_000
    duration_s: float = 10.0
    n_trees: int = 100
    n_batch: int = 10_000


def models(work: Work) -> dict[str, FittedModel]:
    """A boosted model and a forest, on made-up rows with absences."""
    chance = np.random.default_rng(0)
    x = chance.standard_normal((2_000, N_FEATURES))
    y = (x[:, 0] + chance.standard_normal(2_000) > 0).astype(np.float64)
    x[chance.random(x.shape) < 0.05] = np.nan
    settings = {"n_trees": work.n_trees, "max_depth": 6}
    names = ("lightgbm", "random-forest")
    return {name: trainer(name, "class").fitted(x, y, np.ones(2_000), settings, 0) for name in names}


def asked_rows(n_rows: int) -> Array:
    """Rows to score, some of their features absent."""
    chance = np.random.default_rng(1)
    rows = chance.standard_normal((n_rows, N_FEATURES))
    rows[chance.random(rows.shape) < 0.05] = np.nan
    return rows


def latencies_us(served: ServedModel, work: Work, others: list[bytes]) -> tuple[list[float], list[float]]:
    """From when each request should have begun to its answer, and its processor time; models are swapped meanwhile."""
    rows = asked_rows(256)
    score = served.scorer.scores
    for at in range(200):
        score(rows[at : at + 1], NAMES)
    swapping = Thread(target=_swapped, args=(served, others, work.duration_s))
    swapping.start()
    spent, own, begin, n_requests = [], [], time.perf_counter(), int(work.rate_hz * work.duration_s)
    for number in range(n_requests):
        wanted = begin + number / work.rate_hz
        wait = wanted - time.perf_counter()
        if wait > 0:
            time.sleep(wait)
        place, from_ns = number % len(rows), time.thread_time_ns()
        served.scorer.scores(rows[place : place + 1], NAMES)
        own.append((time.thread_time_ns() - from_ns) / 1e3)
        spent.append((time.perf_counter() - wanted) * 1e6)
    swapping.join()
    return spent, own


def rows(effort: Effort, work: Work) -> list[Row]:
    """The lines of the table."""
    made = models(work)
    graphs = {name: model.onnx() for name, model in made.items()}
    found = []
    for name, graph in graphs.items():
        spent, own = latencies_us(ServedModel(Scorer(graph, NAMES)), work, list(graphs.values()))
        found.append(_one_row(name, spent, own, work))
    batch = asked_rows(work.n_batch)
    for name, model in made.items():
        scorer = Scorer(graphs[name], NAMES)
        contestants: dict[str, Callable[[], object]] = {
            "onnx": partial(scorer.scores, batch, NAMES),
            "trainer": partial(model.predicted, batch),
        }
        took = side_by_side(contestants, Effort(max(1, effort.n_rounds // 5), effort.batch_s))
        found.append(_many_rows(name, took, work.n_batch))
    return found


def _swapped(served: ServedModel, others: list[bytes], duration_s: float) -> None:
    for other in others:
        time.sleep(duration_s / (len(others) + 1))
        served.swap(Scorer(other, NAMES))


def _one_row(name: str, spent: list[float], own: list[float], work: Work) -> Row:
    p99, processor = (statistics.quantiles(each, n=100)[98] for each in (spent, own))
    what = f"{name}, {work.n_trees} trees, in ONNX: one row, open loop at {work.rate_hz:,}/s, swapped twice meanwhile"
    measured = f"p50 {figure_us(statistics.median(spent))}, p99 {figure_us(p99)}"
    beside = f"processor time: p50 {figure_us(statistics.median(own))}, p99 {figure_us(processor)}"
    return Row(what, measured, beside, target="p99 under 1 ms", is_met=p99 < TARGET_US)


def _many_rows(name: str, took: dict[str, float], n_rows: int) -> Row:
    what = f"{name} in ONNX: a batch of {n_rows:,} rows"
    measured = f"{figure_us(took['onnx'])}, {n_rows / took['onnx'] * 1e6:,.0f} rows/s"
    return Row(what, measured, f"its trainer: {figure_us(took['trainer'])}", f"{took['trainer'] / took['onnx']:.1f}x")


def main() -> None:
    """Measure and print."""
    printed(rows(Effort(), Work()), Console(width=None if sys.stdout.isatty() else 170))


if __name__ == "__main__":
    main()
