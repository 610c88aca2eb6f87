"""Queue models are held against recordings that know the truth."""

from __future__ import annotations

from pathlib import Path

import polars as pl
import pytest

from adapters.market_replay.order_book import lobster_recording
from nodes.kernels.simulator.events import BookName, EventKind, merged, refused_faults
from nodes.kernels.simulator.flow import FlowTerms, order_flow
from nodes.kernels.simulator.queue import PowerQueue, risk_averse
from nodes.kernels.simulator.queue_errors import Probing, by_level, probes, queue_error
from nodes.vocabulary.errors import DataError
from nodes.vocabulary.trading import NS_PER_S
from tests.adapters.feeds.files.lobster_writing import lobster_files
from tests.nodes.kernels.simulator.desk import BOOK, events, named

MS = 1_000_000
FLOW = order_flow(BOOK, FlowTerms(8000, start_orders=100), 2)
PROBING = Probing(every_ns=150 * MS, life_ns=140 * MS, shares=100)


def test_levels_show_sums_and_prints_and_name_nobody() -> None:
    rows = [
        named(1, EventKind.ADD, 1, 100_000, 300),
        named(2, EventKind.ADD, 2, 100_000, 200),
        named(3, EventKind.EXECUTE, 1, 100_000, 100),
        named(4, EventKind.DELETE, 2, 100_000, 200),
        named(5, EventKind.HIDDEN, 0, -100_100, 7),
    ]
    found = refused_faults(by_level(events(*rows)))
    assert list(zip(found.kind.tolist(), found.shares.tolist(), strict=True)) == [
        (EventKind.LEVEL, 300),
        (EventKind.LEVEL, 500),
        (EventKind.TRADE, 100),
        (EventKind.LEVEL, 400),
        (EventKind.LEVEL, 200),
        (EventKind.TRADE, 7),
    ]


def test_the_averse_model_never_fills_more_than_the_truth_and_the_even_one_is_nearer() -> None:
    """EXE-01: the error of a queue model against the exact replay is measured."""
    averse, even = (queue_error(FLOW, PROBING, model) for model in (risk_averse, PowerQueue(1.0)))
    assert averse.n_orders > 40
    assert 0.0 < averse.exact_filled_frac < 1.0
    assert averse.modelled_filled_frac <= averse.exact_filled_frac
    assert even.mean_error_frac < averse.mean_error_frac < 0.5


@pytest.mark.shared_data
def test_the_error_is_measured_on_the_real_book_too(tmp_path: Path, shared_data: Path) -> None:
    """b5: AAPL's first 49 seconds of 2012-06-21. EXE-01"""
    rows = pl.read_parquet(shared_data / "b5_lobster_aapl_20120621_l10.parquet")
    recording = lobster_recording(lobster_files(tmp_path, rows), BookName("XNAS", "AAPL"))
    found = queue_error(recording.events, Probing(NS_PER_S // 2, 4 * NS_PER_S, 100), risk_averse)
    assert found.n_orders > 80
    assert found.modelled_filled_frac <= found.exact_filled_frac
    assert found.same_frac > 0.8


def test_a_recording_that_is_too_short_or_of_two_books_is_refused() -> None:
    with pytest.raises(DataError, match="no order could be put"):
        queue_error(FLOW.chosen(slice(0, 50)), PROBING, risk_averse)
    other = order_flow(BookName("BATS", "AAPL"), FlowTerms(50, start_orders=5), 1)
    with pytest.raises(DataError, match="2 books, expected 1"):
        by_level(merged([FLOW, other]))
    assert len(probes(FLOW, PROBING)) > 40
