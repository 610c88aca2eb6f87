"""An observed store is the store, with its appends timed."""

from __future__ import annotations

import time
from pathlib import Path

import pytest

from adapters.sql.sqlite import sqlite_log
from adapters.telemetry.metrics import Metrics, OrderTimes, metrics
from adapters.telemetry.observed import FORGIVEN_S, STUCK_S, AppendWatch, ObservedStore
from governance.writer import Writer
from nodes.vocabulary.errors import LogError
from tests.governance.examples import ORIGIN, decision


def _observed(path: Path) -> tuple[ObservedStore, Metrics]:
    given = metrics()
    return ObservedStore(sqlite_log(path / "log.db", ORIGIN), OrderTimes(given), AppendWatch()), given


def test_appends_through_it_are_in_the_log_and_in_the_metrics(tmp_path: Path) -> None:
    store, given = _observed(tmp_path)
    with Writer(store) as writer:
        futures = [writer.submit(lambda transaction: transaction.append(decision(0)).sequence) for _ in range(20)]
        assert [future.result() for future in futures] == list(range(20))
    with store.reader() as reader:
        assert reader.head().size == 20
    value = given.registry.get_sample_value
    assert value("assay_batch_entries_sum") == 20
    assert value("assay_commit_seconds_count", {"step": "commit"}) == value("assay_batch_entries_count")
    assert value("assay_append_failures_total") == 0


def test_an_append_that_fails_is_counted_and_raises_as_it_did(tmp_path: Path) -> None:
    store, given = _observed(tmp_path)
    with pytest.raises(LogError, match="was put but no entry names it"), store.transaction() as transaction:
        transaction.put_body(b"orphan")
    assert given.registry.get_sample_value("assay_append_failures_total") == 1
    assert given.registry.get_sample_value("assay_batch_entries_count") == 0


def test_a_failed_append_speaks_against_the_log_until_one_goes_well_or_time_passes(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    watch = AppendWatch()
    assert watch.complaint == ""
    watch.began()
    watch.ended(is_durable=False)
    assert "last append failed" in watch.complaint
    now_s = time.monotonic()
    monkeypatch.setattr(time, "monotonic", lambda: now_s + FORGIVEN_S + 1)
    assert watch.complaint == ""
    watch.ended(is_durable=True)
    assert watch.complaint == ""


def test_an_append_that_waits_for_long_speaks_against_the_log(monkeypatch: pytest.MonkeyPatch) -> None:
    watch = AppendWatch()
    watch.began()
    assert watch.complaint == ""
    now_s = time.monotonic()
    monkeypatch.setattr(time, "monotonic", lambda: now_s + STUCK_S + 1)
    assert "waiting for the lock or the disk" in watch.complaint
