"""The runs of feeds are facts themselves."""

from __future__ import annotations

from adapters.lake.domains.feed_runs import FEED_RUNS
from adapters.lake.domains.registry import DOMAINS


def test_runs_are_registered_and_expire() -> None:
    assert DOMAINS["feed_runs"] is FEED_RUNS
    assert tuple(FEED_RUNS.keys) == ("feed",)
    assert FEED_RUNS.retention_days == 400


def test_no_column_of_a_run_clashes_with_the_stamps_of_facts() -> None:
    assert len(FEED_RUNS.schema) == len(FEED_RUNS.keys) + len(FEED_RUNS.values) + 6
