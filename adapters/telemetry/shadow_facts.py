"""What policies in the shadow made of decisions, as metrics: read when asked, right for any number of workers.

A home where nothing was ever in the shadow has no board, and shows nothing; one that cannot be read says
`assay_shadow_board_up 0` and nothing else.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from pathlib import Path

from prometheus_client.core import CounterMetricFamily, Metric

from adapters.sql.shadow_board import ShadowBoard
from adapters.telemetry.fact_collector import FactCollector


def shadow_collector(file: Path) -> FactCollector:
    """The comparisons of a home as metrics; a shadow is named by the entry that began it."""
    opened = cache(lambda: ShadowBoard(file))
    return FactCollector(
        "assay_shadow_board_up",
        "Can what shadows made of decisions be read?",
        lambda: _families(opened()) if file.exists() else None,
    )


def _families(board: ShadowBoard) -> Iterator[Metric]:
    compared = CounterMetricFamily(
        "assay_shadow_compared", "How many decisions did each shadow judge?", labels=("entry",)
    )
    diverged = CounterMetricFamily(
        "assay_shadow_diverged", "How many would have come out otherwise?", labels=("entry", "flip")
    )
    for shadow, progress in board.all_progress().items():
        compared.add_metric([str(shadow)], progress.n_compared)
        n_same = progress.n_diverged - sum(progress.flips.values())
        for flip, count in sorted({**progress.flips, "same verdict": n_same}.items()):
            diverged.add_metric([str(shadow), flip], count)
    yield from (compared, diverged)
