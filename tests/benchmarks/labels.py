"""Labels beside mlfinpy, which follows one event at a time; and a million events of our own.

Both follow the same closes, and a line is only printed where both find the same. `python -m tests.benchmarks.labels`
prints these lines alone, and how much of the difference between calm and turbulent times a scaled target keeps.
"""

from __future__ import annotations

import statistics
import sys
import time
from collections.abc import Callable
from contextlib import nullcontext
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from rich.console import Console

from nodes.kernels.arrays import Array, Index
from nodes.kernels.barriers import NEVER, Bars, Bets, Exits, triple_barrier
from nodes.kernels.event_filters import cusum_events
from nodes.kernels.fractional import fixed_width_difference, fixed_width_weights
from nodes.kernels.spans import Spans, sequential_bootstrap
from tests.benchmarks import table
from tests.benchmarks.peers import COMMAND, Peer, interpreter, peer
from tests.benchmarks.timing import Row, figure_us

SCRIPT = Path(__file__).with_name("peer_turns.py")
TARGETS = {"triple-barrier": 100.0}
ORDER, MIN_WEIGHT, THRESHOLD = 0.4, 1e-3, 0.05
_MANY_S = 5.0
"""A million events are to take seconds."""


@dataclass(frozen=True)
class Work:
    """How much is labelled.

    Attributes:
        n_bars: bars of the path.
        n_events: events on it.
        horizon: bars to the vertical barrier.
        n_fractional: bars that are differentiated.
        n_samples: samples of the sequential bootstrap, which draws as many.
        n_many: bars and events of the large case.
        n_turns: turns of ours, and of the peer's between them.
    """

    n_bars: int = 100_000
    n_events: int = 2_000
    horizon: int = 100
    n_fractional: int = 10_000
    n_samples: int = 500
    n_many: int = 1_000_000
    n_turns: int = 3


def arrays(work: Work) -> dict[str, Array | Index | float]:
    """What all are given."""
    draws = np.random.default_rng(7)
    close = 100.0 * np.exp(np.cumsum(draws.normal(0.0, 0.01, work.n_bars)))
    row = np.sort(draws.choice(work.n_bars - work.horizon - 1, work.n_events, replace=False)).astype(np.int64)
    start = np.sort(draws.choice(4 * work.n_samples, work.n_samples, replace=False)).astype(np.int64)
    return {
        "close": close,
        "row": row,
        "target": draws.uniform(0.01, 0.05, work.n_events),
        "horizon": float(work.horizon),
        "threshold": THRESHOLD,
        "order": ORDER,
        "min_weight": MIN_WEIGHT,
        "n_fractional": float(work.n_fractional),
        "span_start": start,
        "span_end": start + 9,
        "n_bootstrap_bars": float(4 * work.n_samples + 9),
    }


def ours(data: dict[str, Array | Index | float]) -> dict[str, Callable[[], Array]]:
    """The same turns as the peer's."""
    close, row, target = (np.asarray(data[name]) for name in ("close", "row", "target"))
    start, end = np.asarray(data["span_start"]), np.asarray(data["span_end"])
    blocks = np.array([0, len(close)])
    n_level = int(data["n_fractional"])
    level, level_blocks = close[:n_level], np.array([0, n_level])
    weights = fixed_width_weights(ORDER, MIN_WEIGHT, n_level)
    return {
        "triple-barrier": lambda: followed(close, row, target, row + int(data["horizon"])).return_frac,
        "cusum": lambda: np.flatnonzero(
            cusum_events(np.diff(np.log(close), prepend=np.nan), np.full(len(close), THRESHOLD), blocks)
        ).astype(np.float64),
        "fractional": lambda: fixed_width_difference(level, np.ones(n_level), level_blocks, weights),
        "bootstrap": lambda: np.array([drawn(Spans(start, end), len(start))], np.float64),
    }


def followed(close: Array, row: Index, target: Array, vertical: Index) -> Exits:
    """Bets on closes alone, with symmetric barriers."""
    at, whole = np.arange(len(close), dtype=np.int64), np.array([0, len(close)])
    bars = Bars(close, close, close, close, np.ones(len(close)), at, whole)
    due = np.where(vertical < len(close), vertical, NEVER)
    return triple_barrier(bars, Bets(row, target, target, due, np.ones(len(row))))


def drawn(spans: Spans, n_draws: int) -> int:
    """How many samples a sequential bootstrap drew."""
    times = np.arange(int(spans.ends.max()) + 1)
    return len(sequential_bootstrap(spans, times, np.random.default_rng(1).random(n_draws)))


def rows(work: Work, python: Path | None = None) -> list[Row]:
    """The lines of the table.

    Args:
        work: how much.
        python: interpreter of mlfinpy's environment; without it the lines stand alone and say how to make it.
    """
    data = arrays(work)
    what = {
        "triple-barrier": f"triple barrier of {work.n_events:,} events on {work.n_bars:,} bars",
        "cusum": f"symmetric CUSUM over {work.n_bars:,} bars",
        "fractional": f"fractional differentiation of {work.n_fractional:,} bars",
        "bootstrap": f"sequential bootstrap of {work.n_samples:,} samples",
    }
    given = {name: np.asarray(value) for name, value in data.items()}
    with nullcontext(None) if python is None else peer(python, SCRIPT, given) as other:
        found = [_row(name, text, ours(data)[name], (other, work.n_turns)) for name, text in what.items()]
    return [*found, many(work)]


def _row(name: str, what: str, call: Callable[[], Array], against: tuple[Peer | None, int]) -> Row:
    other, n_turns = against
    mine, theirs = [], []
    call()
    if other is not None:
        _require_same(name, call(), other.turn(name).found)
    for _ in range(n_turns):
        mine.append(_seconds(call))
        if other is not None:
            theirs.append(other.turn(name).seconds)
    spent, target = statistics.median(mine), TARGETS.get(name)
    wanted = f"{target:.0f}x" if target else ""
    if other is None:
        return Row(what, figure_us(spent * 1e6), f"mlfinpy: not here, see {COMMAND}", "", wanted)
    ratio = statistics.median(theirs) / spent
    beside = f"mlfinpy {figure_us(statistics.median(theirs) * 1e6)}"
    return Row(what, figure_us(spent * 1e6), beside, f"{ratio:.0f}x", wanted, None if not target else ratio >= target)


def many(work: Work) -> Row:
    """As many events as bars, one on each, with all four prices."""
    draws = np.random.default_rng(8)
    count = work.n_many
    close = 100.0 * np.exp(np.cumsum(draws.normal(0.0, 0.01, count)))
    opening = close * np.exp(draws.normal(0.0, 0.003, count))
    high, low = (of(opening, close) * (1.0 + side * 0.004) for of, side in ((np.maximum, 1.0), (np.minimum, -1.0)))
    at = np.arange(count, dtype=np.int64)
    bars = Bars(opening, high, low, close, np.ones(count), at, np.array([0, count]))
    bets = Bets(at, np.full(count, 0.03), np.full(count, 0.02), at + 20, np.ones(count))
    spent = _seconds(lambda: triple_barrier(bars, bets))
    what = f"triple barrier of {count:,} events on as many bars of four prices"
    return Row(what, figure_us(spent * 1e6), target=f"under {_MANY_S:.0f} s", is_met=spent < _MANY_S)


def _seconds(call: Callable[[], object]) -> float:
    began = time.perf_counter()
    call()
    return time.perf_counter() - began


def _require_same(name: str, mine: Array, theirs: Array) -> None:
    if mine.shape != theirs.shape or not np.allclose(mine, theirs, rtol=1e-9, atol=1e-9, equal_nan=True):
        message = f"{name}: mlfinpy and we find different things, so that their times say nothing"
        raise RuntimeError(message)


def main() -> None:
    """Print these lines alone."""
    table.printed(rows(Work(), interpreter("mlfinpy")), Console(width=None if sys.stdout.isatty() else 170))


if __name__ == "__main__":
    main()
