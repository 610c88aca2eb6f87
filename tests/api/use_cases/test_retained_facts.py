"""Retention never breaks a replay: what a run saw lies in the body store, and a table is only where it came from."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest

from adapters.lake.domains.bars import BARS_DAILY
from adapters.lake.domains.registry import DOMAINS
from adapters.lake.facts.store import FactStore
from adapters.lake.facts.tables import Table
from adapters.lake.imported import Chosen, lake_of_facts
from api.bootstrap import shell_clock
from api.use_cases.data_imports import ImportCommand, imported
from api.use_cases.replaying import replayed
from api.views.built import decision_view, recorded_decision
from governance.entries import EntryKind
from tests.api.use_cases.homes import desk_at, records, run_home

UNIVERSE = ("AAPL", "FB", "GOOG", "IBM", "MSFT")
UNTIL = date(2005, 2, 15)


def without_facts(store: FactStore) -> None:
    """Retention takes every fact, and a vacuum their files."""
    for name in store.domains():
        domain = replace(DOMAINS[name], retention_days=1)
        store.expired(domain)
        target = Table(f"{store.root}/{name}", domain, {})
        assert target.cleaned(target.created(), 0)


@pytest.mark.slow
def test_runs_replay_identically_after_retention_took_their_facts(tmp_path: Path) -> None:
    """Their entries still say which content the tables had, and their traces that it was this one."""
    store = FactStore(tmp_path / "lake", shell_clock)
    imported(store, ImportCommand("bundled", Path()), shell_clock())
    lake = lake_of_facts(store, Chosen(UNIVERSE, shell_clock(), date(2012, 12, 31)))
    said = {table.name: {"version": table.version, "digest": table.digest} for table in lake.tables}
    home = run_home(tmp_path / "home", lake, UNTIL)
    without_facts(store)
    assert store.as_of(BARS_DAILY, shell_clock()).collect().is_empty()
    with desk_at(home, lake) as opened:
        found = [record for kind in (EntryKind.PLAN, EntryKind.DECISION) for record in records(opened.desk.store, kind)]
        reports = replayed(opened.desk.store, found)
        plans = records(opened.desk.store, EntryKind.PLAN)
        with opened.desk.store.reader() as reader:
            shown = recorded_decision(reader, records(opened.desk.store, EntryKind.DECISION)[0])
        verification = opened.folder.verification()
    assert len(reports) > 4
    assert all(report.is_identical for report in reports)
    assert {table.name: table for table in lake.tables} == {table.name: table for table in shown.tables}
    assert all(plan.entry.facts["tables"] == said for plan in plans)
    assert verification.is_intact
    labels = {digest.label: digest.text for digest in decision_view(shown).digests}
    assert labels[f"bars_daily v{said['bars_daily']['version']}"] == said["bars_daily"]["digest"]
