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
    store = FactStore(tmp_path / "lake", shell_clock)
    imported(store, ImportCommand("bundled", Path()), shell_clock())
    lake = lake_of_facts(store, Chosen(UNIVERSE, shell_clock(), date(2012, 12, 31)))
    home = run_home(tmp_path / "home", lake, UNTIL)
    without_facts(store)
    assert store.as_of(BARS_DAILY, shell_clock()).collect().is_empty()
    with desk_at(home, lake) as opened:
        found = [record for kind in (EntryKind.PLAN, EntryKind.DECISION) for record in records(opened.desk.store, kind)]
        reports = replayed(opened.desk.store, found)
    assert len(reports) > 4
    assert all(report.is_identical for report in reports)
