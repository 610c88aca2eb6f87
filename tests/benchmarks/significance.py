"""Superior ability and overfitting beside their peers, at the same size of work.

arch draws the same number of resamples of the same panel (its p is not studentised: see docs/significance.md). purgedcv
needs thirteen minutes for the splits of 16 blocks; it scores those of 8 blocks of the same panel, and what a split
takes is counted for as many. Each peer has one turn between two of ours, on one thread; times are of the processor.
"""

from __future__ import annotations

import time
import tracemalloc
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from arch.bootstrap import SPA
from purgedcv import probability_of_backtest_overfitting
from threadpoolctl import threadpool_limits

from nodes.kernels.arrays import Array
from nodes.kernels.significance.bootstrap import Resampling
from nodes.kernels.significance.overfitting import backtest_overfitting, n_splits
from nodes.kernels.significance.reality_check import superior_ability
from tests.benchmarks.timing import Row, figure_us

TARGET = 10.0
BLOCK_PERIODS = 10


@dataclass(frozen=True)
class Work:
    """How much is tested.

    Attributes:
        n_periods: sessions of the panel.
        n_strategies: its columns.
        n_resamples: of the test for superior ability.
        n_blocks: of the overfitting test.
        n_peer_blocks: of the peer's.
    """

    n_periods: int = 2_500
    n_strategies: int = 200
    n_resamples: int = 10_000
    n_blocks: int = 16
    n_peer_blocks: int = 8


def panel(work: Work) -> Array:
    """Returns without an edge, a little persistent."""
    shocks = np.random.default_rng(5).standard_normal((work.n_periods + 1, work.n_strategies)) * 0.01
    return shocks[1:] + 0.1 * shocks[:-1]


def our_superiority(work: Work, returns: Array) -> Callable[[], float]:
    """The p of the test, studentised."""
    resampling = Resampling("stationary", BLOCK_PERIODS, work.n_resamples, 1)
    return lambda: superior_ability(returns, resampling).p_consistent


def arch_superiority(work: Work, returns: Array) -> Callable[[], float]:
    """The p of the peer."""

    def found() -> float:
        test = SPA(np.zeros(work.n_periods), -returns, BLOCK_PERIODS, reps=work.n_resamples, seed=1)
        test.compute()
        return float(test.pvalues["consistent"])

    return found


def our_overfitting(n_blocks: int, returns: Array) -> Callable[[], float]:
    """The share of logits under 0, as the peer counts them."""

    def found() -> float:
        told = backtest_overfitting(returns, n_blocks)
        return told.pbo - told.at_median_frac

    return found


def peer_overfitting(n_blocks: int, returns: Array) -> Callable[[], float]:
    """The same of the peer."""
    return lambda: probability_of_backtest_overfitting(np.ascontiguousarray(returns.T), n_blocks).pbo


def rows(work: Work) -> list[Row]:
    """The lines of the table, on one thread."""
    returns = panel(work)
    size = f"{work.n_strategies} strategies by {work.n_periods:,} sessions"
    with threadpool_limits(1):
        return [
            _row(
                f"superior ability, {work.n_resamples:,} resamples of {size}",
                our_superiority(work, returns),
                "arch",
                arch_superiority(work, returns),
            ),
            _row(
                f"overfitting, {n_splits(work.n_blocks):,} splits of {size}",
                our_overfitting(work.n_blocks, returns),
                f"purgedcv, from {n_splits(work.n_peer_blocks)} splits:",
                peer_overfitting(work.n_peer_blocks, returns),
                n_splits(work.n_blocks) / n_splits(work.n_peer_blocks),
            ),
        ]


def _row(
    what: str, ours: Callable[[], float], name: str, theirs: Callable[[], float], share_of_work: float = 1.0
) -> Row:
    ours()
    spent = [_spent_us(ours), _spent_us(ours)]
    peer_us = _spent_us(theirs) * share_of_work
    spent += [_spent_us(ours), _spent_us(ours)]
    our_us = float(np.median(spent))
    ratio = peer_us / our_us
    return Row(
        what,
        f"{figure_us(our_us)}, {peak_mb(ours):.0f} MB",
        f"{name} {figure_us(peer_us)}",
        f"{ratio:.0f}x",
        f"{TARGET:.0f}x",
        ratio >= TARGET,
    )


def _spent_us(work: Callable[[], float]) -> float:
    from_ns = time.thread_time_ns()
    work()
    return (time.thread_time_ns() - from_ns) / 1000


def peak_mb(work: Callable[[], float]) -> float:
    """The most that one call holds beside its input, in megabytes."""
    tracemalloc.start()
    try:
        work()
        return tracemalloc.get_traced_memory()[1] / 1e6
    finally:
        tracemalloc.stop()
