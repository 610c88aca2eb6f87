"""Tables are kept in order without disturbing who reads or writes them."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from deltalake import DeltaTable

from adapters.lake.facts.tables import Table
from nodes.vocabulary.errors import EdgeError
from tests.adapters.lake.facts.examples import ASSETS, NOW, day, fact, frame, store, values

SHORT = replace(ASSETS, retention_days=(NOW - day(5)).days)


def filled(root: Path) -> None:
    for n in range(8):
        store(root).ingested(ASSETS, frame(fact("a", n, n, float(n)), fact("b", n, n, -float(n))), "test")


def n_files(root: Path) -> int:
    return len(DeltaTable(str(root / "assets")).file_uris())


def test_compaction_changes_files_and_nothing_else(tmp_path: Path) -> None:
    filled(tmp_path)
    facts, before = store(tmp_path), store(tmp_path).history(ASSETS, NOW).collect()
    digest = facts.version(ASSETS).digest
    assert facts.compacted(ASSETS).digest == digest
    assert n_files(tmp_path) == 1
    assert facts.history(ASSETS, NOW).collect().equals(before)


def test_read_that_began_before_compaction_and_vacuum_still_ends(tmp_path: Path) -> None:
    filled(tmp_path)
    reading = store(tmp_path).as_of(ASSETS, NOW)
    store(tmp_path).compacted(ASSETS)
    store(tmp_path).vacuumed(ASSETS, timedelta(hours=1))
    assert reading.collect().height == 16


def test_vacuum_that_would_take_files_from_readers_is_refused(tmp_path: Path) -> None:
    filled(tmp_path)
    with pytest.raises(EdgeError, match="keeping files for 0:10:00 would take them from readers; keep them for at"):
        store(tmp_path).vacuumed(ASSETS, timedelta(minutes=10))


def test_files_long_out_of_use_are_deleted(tmp_path: Path) -> None:
    filled(tmp_path)
    store(tmp_path).compacted(ASSETS)
    target = Table(str(tmp_path / "assets"), ASSETS, {})
    assert target.cleaned(target.created(), 0)
    assert len(list(tmp_path.glob("assets/lane=*/*.parquet"))) == 1
    assert store(tmp_path).as_of(ASSETS, NOW).collect().height == 16


def test_retention_removes_old_events_and_says_that_the_content_changed(tmp_path: Path) -> None:
    filled(tmp_path)
    before = store(tmp_path).version(SHORT)
    assert store(tmp_path).expired(SHORT).digest != before.digest
    assert values(store(tmp_path).as_of(SHORT, NOW)) == [5.0, 6.0, 7.0, -5.0, -6.0, -7.0]
    store(tmp_path).ingested(SHORT, frame(fact("a", 8, 8, 8.0)), "test")
    assert store(tmp_path).history(SHORT, NOW).collect()["sequence"].max() == 17


def test_what_retention_removed_does_not_come_back(tmp_path: Path) -> None:
    again = store(tmp_path).ingested(SHORT, frame(fact("a", 1, 1, 1.0)), "test")
    assert (again.accepted, again.quarantined) == (0, 1)
    reason = store(tmp_path).quarantine(SHORT).collect()["reason"].item()
    assert reason.endswith(f"before the {SHORT.retention_days} days that are kept; leave it out")


def test_domain_without_retention_keeps_everything(tmp_path: Path) -> None:
    filled(tmp_path)
    before = store(tmp_path).version(ASSETS)
    assert store(tmp_path).expired(ASSETS) == before


def test_compaction_that_another_commit_overtook_is_made_again(tmp_path: Path) -> None:
    filled(tmp_path)
    target = Table(str(tmp_path / "assets"), ASSETS, {})
    opened = target.created()
    store(tmp_path).ingested(ASSETS, frame(fact("c", 1, 1, 1.0)), "test")
    assert not target.rewritten(opened, target.rows(opened, "fact").collect(), "fact")
    assert store(tmp_path).as_of(ASSETS, NOW).collect().height == 17
