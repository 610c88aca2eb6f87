"""A session's trace holds every node, columns as of the session with a digest of all their rows."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import polars as pl
import pytest

from dataflows.engine.run import Runner
from nodes.vocabulary.absent import Absent
from nodes.vocabulary.units import Panel
from tests.dataflows.engine import tiny

AS_OF = datetime(2020, 2, 1, tzinfo=UTC)
RUNNER = Runner(tiny.generation().session, "research/test", b"")


def archived(panel: pl.DataFrame) -> dict[str, Any]:
    trace = RUNNER.session(tiny.SessionSnapshot(Panel(panel)), AS_OF).trace
    values = RUNNER.layout.unpacked(trace.packed[0])
    return dict(zip((node.name for node in RUNNER.layout.nodes), values, strict=True))


def test_a_column_is_archived_as_its_digest_and_its_latest_rows() -> None:
    column = archived(tiny.panel())["close_usd"]
    assert set(column) == {"column_digest", "latest"}
    assert column["latest"].to_list() == [12.1, 22.0]


def test_a_change_in_an_old_row_changes_the_columns_digest_though_not_its_latest_rows() -> None:
    old = tiny.panel().with_columns(close_usd=pl.Series([9.0, 11.0, 12.1, 20.0, None, 22.0]))
    before, after = archived(tiny.panel())["close_usd"], archived(old)["close_usd"]
    assert before["latest"].to_list() == after["latest"].to_list()
    assert before["column_digest"] != after["column_digest"]


def test_a_frame_is_archived_as_slices_that_come_with_the_run() -> None:
    run = RUNNER.session(tiny.SessionSnapshot(Panel(tiny.panel())), AS_OF)
    assert set(archived(tiny.panel())["panel"]["slices"]) == set(run.slices)


def test_a_row_of_symbols_is_archived_whole() -> None:
    assert archived(tiny.panel())["score"].to_list()[1] is None


def test_how_a_panel_is_chunked_leaves_no_mark() -> None:
    chunked = pl.concat([tiny.panel()[:2], tiny.panel()[2:]], rechunk=False)
    digests = {
        RUNNER.session(tiny.SessionSnapshot(Panel(frame)), AS_OF).trace.digest for frame in (tiny.panel(), chunked)
    }
    assert len(digests) == 1


@pytest.mark.parametrize("panel", [None, pl.DataFrame({"a": [1]})])
def test_a_session_without_its_panel_is_traced_as_absent(panel: Any) -> None:
    values = archived(panel)
    assert isinstance(values["segments"], Absent)
    assert isinstance(values["score"], Absent)
