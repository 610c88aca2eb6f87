"""The contestants over superior ability and overfitting do the same work; how fast they are is for `make bench`."""

from __future__ import annotations

import pytest

from tests.benchmarks import significance

BRIEF = significance.Work(n_periods=120, n_strategies=4, n_resamples=300, n_blocks=6, n_peer_blocks=4)


def test_both_find_the_same_overfitting() -> None:
    returns = significance.panel(BRIEF)
    theirs = significance.peer_overfitting(6, returns)()
    assert significance.our_overfitting(6, returns)() == pytest.approx(theirs)


def test_equally_noisy_strategies_have_about_the_same_p() -> None:
    returns = significance.panel(BRIEF)
    theirs = significance.arch_superiority(BRIEF, returns)()
    assert significance.our_superiority(BRIEF, returns)() == pytest.approx(theirs, abs=0.15)


def test_lines_are_printed() -> None:
    assert all(row.is_met is not None for row in significance.rows(BRIEF))


def test_memory_does_not_grow_with_resamples() -> None:
    returns = significance.panel(BRIEF)
    few, many = (
        significance.peak_mb(significance.our_superiority(significance.Work(120, 4, n), returns)) for n in (512, 5_120)
    )
    assert many < few + 1.0
