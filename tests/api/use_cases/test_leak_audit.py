"""The audit of what is shipped: over few features here, over the whole catalog in CI (`assay pit audit`)."""

from __future__ import annotations

import importlib
from datetime import UTC, date, datetime
from functools import cache
from pathlib import Path

import polars as pl
import pytest

from adapters.lake.facts.store import FactStore
from adapters.lake.lake import Lake, bundled_lake
from adapters.lake.views.features import stored_tables
from api.use_cases.leak_audit import bars_snapshot, feature_plan, lake_facts_audit, leak_audit, made_up_closes
from dataflows.audit.leaks import Audit, Severity
from dataflows.audit.made_up import made_up_tables
from dataflows.engine.catalog import NodeModule
from dataflows.engine.compile import compiled_dataflow
from dataflows.engine.dataflow import Dataflow, Kind
from dataflows.engine.plan import Plan
from dataflows.features import FeatureSnapshot
from nodes.vocabulary.domains import SOURCE_DOMAINS
from nodes.vocabulary.errors import DataError
from policies.parse import parsed_policy
from tests.leaks import nodes as planted
from tests.leaks.test_leaks import POLICY

NOW = datetime(2026, 1, 1, tzinfo=UTC)
LEAK, HONEST = "lookahead_frac", "honest_return_frac"


@cache
def lake() -> Lake:
    return bundled_lake()


@cache
def plan() -> Plan:
    """One feature that knows the next close, and an honest one."""
    market = [NodeModule("market", importlib.import_module(f"nodes.market.{name}")) for name in ("bars", "closes")]
    dataflow = Dataflow("leaks", Kind.SESSION, ("market", "features"), FeatureSnapshot, (LEAK, HONEST))
    return compiled_dataflow(
        parsed_policy(POLICY.encode(), "leaks.yaml"), dataflow, [*market, NodeModule("features", planted)]
    )


@cache
def audited() -> tuple[Audit, tuple[str, ...]]:
    told: list[str] = []
    found = leak_audit(plan(), lake(), frozenset([LEAK]), 1, told.append)
    return found, tuple(told)


def test_a_traded_leak_is_critical_and_the_honest_feature_beside_it_is_clean() -> None:
    found, _ = audited()
    assert {(item.feature, item.severity) for item in found.findings} == {(LEAK, Severity.CRITICAL)}
    assert not found.is_clean


def test_all_three_sets_of_data_are_told_of() -> None:
    found, told = audited()
    assert len(told) == 3
    assert told[-1] == f"features over the bars of {len(lake().universe)} shares"
    assert found.n_features >= 2


def test_the_audit_of_a_lake_is_added_to_what_was_found_before(tmp_path: Path) -> None:
    """The user's own facts may show what no made-up ones do, and do not hide what those showed."""
    store = FactStore(tmp_path / "lake", lambda: NOW)
    closes = made_up_closes()[-30:]
    tables = made_up_tables(closes)
    stored_tables(store, {name: tables[name] for name in ("bars_daily", "factors")})
    alone = lake_facts_audit(Audit((), 0, 0), plan(), store, (closes[-1], frozenset(), 1))
    assert {(item.feature, item.severity) for item in alone.findings} == {(LEAK, Severity.HIGH)}
    both = lake_facts_audit(audited()[0], plan(), store, (closes[-1], frozenset(), 1))
    assert set(both.findings) == {*audited()[0].findings, *alone.findings}
    assert both.n_runs == audited()[0].n_runs + alone.n_runs


def test_a_lake_without_bars_names_the_mend(tmp_path: Path) -> None:
    store = FactStore(tmp_path / "lake", lambda: NOW)
    stored_tables(store, {"factors": made_up_tables(made_up_closes()[-3:])["factors"]})
    with pytest.raises(DataError, match=r"no bar was known by 2026-01-01 .*; import bars"):
        lake_facts_audit(Audit((), 0, 0), plan(), store, (NOW, frozenset(), 1))


def test_made_up_closes_are_those_of_the_exchange() -> None:
    closes = made_up_closes()
    days = [close.date() for close in closes]
    assert len(closes) == 420
    assert date(2018, 12, 25) not in days
    assert date(2018, 12, 5) not in days, "closed in mourning for President Bush"
    half_day = next(close for close in closes if close.date() == date(2018, 12, 24))
    assert half_day == datetime(2018, 12, 24, 18, tzinfo=UTC)


def test_the_snapshot_of_bars_alone_knows_its_splits_and_its_closes() -> None:
    found = bars_snapshot(lake())
    assert found.panel.height == lake().panel.height
    assert found.panel["closed_at"].null_count() == 0
    marked = found.panel.filter(pl.col("split_ratio") != 1.0).select("symbol", "session_on", "split_ratio").rows()
    splits = {
        (action.symbol, action.ex_on, action.new_shares / action.old_shares)
        for action in lake().actions
        if action.new_shares != action.old_shares
    }
    assert set(marked) == splits
    assert splits, "the bundled shares split"
    assert all(getattr(found, name) is None for name in ("factors", "fundamentals", "options"))


def test_the_shipped_plan_has_a_node_for_every_contract_and_reads_every_domain() -> None:
    outputs = feature_plan()
    named = {term.domain for node in outputs.nodes if node.contract is not None for term in node.contract.sources}
    assert named == set(SOURCE_DOMAINS)
