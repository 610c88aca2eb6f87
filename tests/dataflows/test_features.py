"""All features over made-up facts of every domain: each has values, batch equals online, an archive gives them back."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from functools import cache
from typing import Any

import polars as pl
import pytest

from api.use_cases.leak_audit import feature_plan, made_up_closes
from dataflows.audit.leaks import audited_names
from dataflows.audit.made_up import made_up_tables
from dataflows.engine.evaluation import guarded
from dataflows.engine.plan import Plan
from dataflows.engine.refresh import Refresh
from dataflows.engine.run import Runner
from dataflows.engine.warm_up import warm_ups
from dataflows.feature_snapshots import feature_snapshot
from dataflows.features import FeatureSnapshot
from nodes.vocabulary.canonical import encode
from nodes.vocabulary.units import Panel
from tests.dataflows.twenty_years import agreement, twenty_years


@cache
def plan() -> Plan:
    return feature_plan()


@cache
def closes() -> list[datetime]:
    return made_up_closes()


@cache
def snapshot() -> FeatureSnapshot:
    return feature_snapshot(made_up_tables(closes()), closes()[-1])


@cache
def whole() -> tuple[Mapping[str, Any], int]:
    values, breaches = guarded(plan(), snapshot())
    return values, len(breaches)


def last_rows(values: Mapping[str, Any], name: str) -> bytes:
    ends = [int(end) - 1 for end in values["segments"][1:]]
    column = values[name]
    return encode(column.gather(ends) if isinstance(column, pl.Series) else str(column))


def test_every_feature_has_values_and_holds_its_contract() -> None:
    values, n_breaches = whole()
    columns = {name: values[name] for name in audited_names(plan())}
    empty = [name for name, item in columns.items() if not isinstance(item, pl.Series) or not item.count()]
    assert (empty, n_breaches) == ([], 0)


@pytest.mark.parametrize("n_rows", [25, 130, 280, 400])
def test_the_last_window_alone_gives_the_last_values_of_the_whole_history(n_rows: int) -> None:
    """PIT-03: batch equals online, bit for bit, for every feature whose declared warm-up fits."""
    recent = snapshot().panel.group_by("symbol", maintain_order=True).tail(n_rows)
    online, _ = guarded(plan(), replace(snapshot(), panel=Panel(recent)))
    rows = warm_ups(plan())
    fixed = {name for name, count in rows.items() if count > 400} if n_rows == 400 else set()
    fitting = [name for name in audited_names(plan()) if rows[name] <= n_rows or name in fixed]
    assert fitting
    assert [name for name in fitting if last_rows(online, name) != last_rows(whole()[0], name)] == []


def test_a_session_run_of_all_features_archives_its_facts() -> None:
    run = Runner(plan(), "research/features", b"").session(snapshot(), closes()[-1])
    assert run.breaches == ()
    assert len(run.slices) > len(closes()) // 21


def test_a_refresh_of_the_last_row_gives_the_last_values_of_the_whole_history() -> None:
    """PIT-03: what is served online is what the batch computes, bit for bit, over the whole catalog."""
    served = Refresh(plan()).latest(snapshot())
    columns = {name: served[name] for name in audited_names(plan()) if isinstance(served[name], pl.Series)}
    n_shares = snapshot().panel["symbol"].n_unique()
    last = {name: encode(column.gather(_ends(len(column), n_shares))) for name, column in columns.items()}
    assert [name for name in audited_names(plan()) if last.get(name) != last_rows(whole()[0], name)] == []


def _ends(height: int, n_shares: int) -> list[int]:
    return [height // n_shares * (place + 1) - 1 for place in range(n_shares)]


def test_twenty_years_at_once_and_their_last_window_give_identical_values() -> None:
    """PIT-03: bit for bit over the catalog; `python -m tests.dataflows.twenty_years` does it for more shares."""
    found = agreement(plan(), twenty_years(), 1)
    assert found.n_features == len(audited_names(plan()))
    assert (found.windowed, found.served) == ((), ())
