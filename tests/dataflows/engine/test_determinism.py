"""Every node of the shipped catalog gives the same bytes at any number of threads and in any layout of its inputs.

Observed with polars 2.1: `group_by().mean()` gave 51 results in 300 runs on one thread, and re-chunking changes sums.
So every node runs 50 times at one thread and at two, over inputs in one chunk, split, and cut out of longer columns.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from functools import cache
from typing import Any

import numpy as np
import polars as pl
import pytest

from dataflows.engine.plan import NodeKind, PlanNode
from nodes.vocabulary.units import FracColumn, unit_of
from tests.dataflows.engine import shipped

THREADS = [1, 2]


@cache
def _seen() -> dict[int, Any]:
    """What child processes saw, by their number of threads: polars reads it once, when it is imported."""
    command = [sys.executable, "-m", shipped.__name__]
    children = {
        threads: subprocess.Popen(  # noqa: S603  # our own interpreter
            command, env={**os.environ, "POLARS_MAX_THREADS": str(threads)}, stdout=subprocess.PIPE, text=True
        )
        for threads in THREADS
    }
    return {threads: json.loads(child.communicate()[0]) for threads, child in children.items()}


@pytest.mark.slow
@pytest.mark.parametrize("threads", THREADS)
def test_polars_took_the_number_of_threads(threads: int) -> None:
    assert _seen()[threads]["threads"] == threads


@pytest.mark.slow
@pytest.mark.parametrize("kind", ["session", "order"])
@pytest.mark.parametrize("threads", THREADS)
def test_no_node_gives_two_results(kind: str, threads: int) -> None:
    digests = _seen()[threads]["digests"][kind]
    assert {name: len(found) for name, found in digests.items() if len(found) != 1} == {}


@pytest.mark.slow
@pytest.mark.parametrize("kind", ["session", "order"])
def test_no_node_gives_other_results_with_more_threads(kind: str) -> None:
    one, two = (_seen()[threads]["digests"][kind] for threads in THREADS)
    assert {name for name in one if one[name] != two[name]} == set()


@pytest.mark.slow
@pytest.mark.parametrize("kind", ["session", "order"])
def test_every_node_of_the_catalog_was_run(kind: str) -> None:
    plan = getattr(shipped.generation(), kind)
    assert set(_seen()[1]["digests"][kind]) >= set(plan.dataflow.outputs)


def _layouts_seen(function: Any) -> list[str]:
    node = PlanNode("planted", NodeKind.FUNCTION, unit_of(FracColumn), ("value",), (False,), function)
    value = pl.Series(np.random.default_rng(3).normal(size=1000))
    return [shipped._called(node, {"value": value}, layout) for layout in shipped.LAYOUTS]


def test_the_layouts_hold_the_same_rows_in_other_places() -> None:
    series = pl.Series(range(100))
    laid_out = [change(series) for change in shipped.LAYOUTS.values()]
    assert [item.to_list() for item in laid_out] == [series.to_list()] * 4
    assert [item.n_chunks() for item in laid_out][:3] == [1, 1, 7]


def test_a_frame_laid_out_in_chunks_has_them() -> None:
    frame = shipped._laid_out(pl.DataFrame({"a": range(100)}), "split")
    assert frame.n_chunks() == 7


def test_a_node_that_sums_chunk_by_chunk_would_be_seen() -> None:
    found = _layouts_seen(lambda value: pl.Series([sum(chunk.sum() for chunk in value.get_chunks())]))
    assert len(set(found)) > 1


def test_a_node_that_keeps_to_the_rules_is_not_suspected() -> None:
    found = _layouts_seen(lambda value: pl.Series([sum(value.to_list())]))
    assert len(set(found)) == 1
