"""The audit finds every planted leak, and accuses nothing honest. PIT-02, PIT-05."""

from __future__ import annotations

import importlib
from collections.abc import Mapping
from datetime import datetime
from functools import cache

import polars as pl
import pytest

from api.use_cases.leak_audit import made_up_closes
from dataflows.audit.leaks import Audit, Gather, Severity, audited_gathering, audited_nodes
from dataflows.audit.made_up import made_up_tables
from dataflows.engine.catalog import NodeModule
from dataflows.engine.compile import compiled_dataflow
from dataflows.engine.dataflow import Dataflow, Kind
from dataflows.engine.plan import Plan
from dataflows.feature_snapshots import feature_snapshot
from dataflows.features import FeatureSnapshot
from policies.parse import parsed_policy
from tests.leaks import gathering
from tests.leaks import nodes as planted

POLICY = """
policy: leaks
version: 1
strategy: leaks
supersedes: null
owner: tests
effective_from: 2020-01-01T00:00:00Z
why: Nodes that know the future.
rules: []
"""
HONEST = {"honest_return_frac", "honest_assets_usd"}
KINDS = {
    "lookahead": "lookahead_frac",
    "restatement": "restated_assets_usd",
    "join on the period": "period_end_assets_usd",
    "same close": "same_close_vix_score",
    "label in feature": "label_in_feature_frac",
    "unsorted join": "unsorted_rating_score",
    "forward fill across a gap": "filled_across_gap_usd",
    "interpolation": "interpolated_usd",
    "fit on all data": "fitted_on_all_score",
    "rank on all data": "ranked_on_all_score",
    "revised calendar": "revised_calendar_days",
    "late publication": "revised_factor_frac",
    "centred window": "centred_mean_usd",
}
GATHERINGS: Mapping[str, tuple[Gather, str]] = {
    "adjusted price": (gathering.adjusted_price, "corporate_actions"),
    "time zone": (gathering.time_zone, "fundamentals"),
    "survivorship": (gathering.survivorship, "bars_daily"),
    "index hindsight": (gathering.index_hindsight, "bars_daily"),
    "revised calendar": (gathering.revised_calendar, "earnings_calendar"),
    "restatement": (gathering.late_correction, "fundamentals"),
    "filing time ignored": (gathering.event_dated, "short_interest"),
}


@cache
def closes() -> list[datetime]:
    return made_up_closes()[-160:]


@cache
def tables() -> Mapping[str, pl.DataFrame]:
    return made_up_tables(closes())


def planted_plan() -> Plan:
    market = [NodeModule("market", importlib.import_module(f"nodes.market.{name}")) for name in ("bars", "closes")]
    dataflow = Dataflow("leaks", Kind.SESSION, ("market", "features"), FeatureSnapshot, (*KINDS.values(), *HONEST))
    return compiled_dataflow(
        parsed_policy(POLICY.encode(), "leaks.yaml"), dataflow, [*market, NodeModule("features", planted)]
    )


@cache
def node_audit() -> Audit:
    snapshot = feature_snapshot(tables(), closes()[-1])
    return audited_nodes(planted_plan(), snapshot, [closes()[-3], closes()[-40]], traded=["lookahead_frac"])


@cache
def gathering_audit(kind: str) -> Audit:
    return audited_gathering(GATHERINGS[kind][0], tables(), [closes()[-3], closes()[-40]])


@pytest.mark.parametrize("kind", KINDS)
def test_a_planted_leak_of_a_node_is_found(kind: str) -> None:
    assert KINDS[kind] in {finding.feature for finding in node_audit().findings}


def test_nothing_honest_is_accused() -> None:
    assert {finding.feature for finding in node_audit().findings} == set(KINDS.values())
    assert audited_gathering(gathering.honest, tables(), [closes()[-3], closes()[-40]]).findings == ()


@pytest.mark.parametrize("kind", GATHERINGS)
def test_a_planted_leak_of_the_gathering_is_found_with_its_domain(kind: str) -> None:
    found = gathering_audit(kind)
    assert not found.is_clean
    assert GATHERINGS[kind][1] in ", ".join(finding.domain for finding in found.findings)


def test_at_least_twelve_kinds_are_planted() -> None:
    """PIT-02: the kinds that DESIGN and issue name, recall 100 %."""
    assert len({*KINDS, *GATHERINGS}) >= 12


def test_a_finding_names_source_place_severity_and_mend() -> None:
    found = {finding.feature: finding for finding in node_audit().findings}
    traded, other = found["lookahead_frac"], found["restated_assets_usd"]
    assert (traded.severity, traded.domain) == (Severity.CRITICAL, "bars_daily")
    assert (other.severity, other.domain) == (Severity.HIGH, "fundamentals")
    assert "closed_at" in other.mend
    assert other.first_on <= str(closes()[-3].date())
    assert other.symbol
