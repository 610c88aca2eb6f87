"""The benchmark of serving serves a universe in full; how fast it is is for its command to say."""

from __future__ import annotations

import polars as pl

from tests.benchmarks.refresh import Extent, rows, tables

LITTLE = Extent(n_shares=4, n_worlds=2, n_sessions=30, n_served=2)


def test_every_share_of_the_universe_has_facts_of_every_domain() -> None:
    facts, closes = tables(LITTLE)
    assert len(closes) == LITTLE.n_sessions
    assert facts["bars_daily"]["symbol"].n_unique() == LITTLE.n_shares
    assert facts["option_quotes"]["underlying_id"].n_unique() == LITTLE.n_shares
    assert facts["bars_daily"].select(pl.col("sequence").n_unique()).item() == facts["bars_daily"].height


def test_all_lines_are_measured() -> None:
    found = rows(LITTLE, Extent(n_shares=1, n_worlds=1, n_sessions=30, n_served=2))
    assert [row.target for row in found] == ["under 500 ms", "", "under 10 ms", ""]
    assert all(row.measured for row in found)
