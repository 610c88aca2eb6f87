"""What the audit says of nodes and gatherings small enough to know by heart. The planted leaks are in tests/leaks."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta

import polars as pl
import pytest

from dataflows.audit.futures import Change
from dataflows.audit.leaks import Audit, Finding, Severity, audited_gathering, audited_names, audited_nodes, joined
from dataflows.engine.catalog import NodeModule
from dataflows.engine.compile import compiled_dataflow
from dataflows.engine.dataflow import Dataflow, Kind
from dataflows.engine.plan import Plan
from nodes.vocabulary.units import Panel
from policies.parse import parsed_policy
from tests.dataflows.audit import small

POLICY = """
policy: small
version: 1
strategy: small
supersedes: null
owner: tests
effective_from: 2020-01-01T00:00:00Z
why: Nodes small enough to know by heart.
rules: []
"""
INSTANT = pl.Datetime("ns", "UTC")
DAYS = [date(2020, 1, 6) + timedelta(days=n) for n in range(5)]
CLOSES = [datetime.combine(day, time(21), UTC) for day in DAYS]
AFTER = CLOSES[2]


@dataclass(frozen=True)
class Snapshot:
    """Bars and rumours."""

    panel: Panel
    rumours: Panel


def snapshot() -> Snapshot:
    bars = {"symbol": ["A"] * 5, "session_on": DAYS, "close_usd": [1.0, 2.0, 3.0, 4.0, 5.0], "closed_at": CLOSES}
    heard = {"symbol": ["A"] * 5, "value": [1.0, 2.0, 3.0, 4.0, 5.0], "event_at": CLOSES, "known_at": CLOSES}
    return Snapshot(Panel(pl.DataFrame(bars).with_columns(pl.col("closed_at").cast(INSTANT))), Panel(typed(heard)))


def typed(facts: Mapping[str, object]) -> pl.DataFrame:
    frame = pl.DataFrame(facts)
    return frame.with_columns(pl.col("event_at", "known_at").cast(INSTANT), sequence=pl.int_range(1, frame.height + 1))


def plan(*outputs: str) -> Plan:
    dataflow = Dataflow("small", Kind.SESSION, ("features",), Snapshot, outputs)
    return compiled_dataflow(parsed_policy(POLICY.encode(), "small.yaml"), dataflow, [NodeModule("features", small)])


def audit(*outputs: str, traded: tuple[str, ...] = ()) -> Audit:
    return audited_nodes(plan(*outputs), snapshot(), [AFTER], 1, traded)


def test_an_honest_node_is_clean_after_one_run_a_change() -> None:
    found = audit("last_usd")
    assert (found.findings, found.n_features, found.n_runs) == ((), 1, 1 + len(Change))
    assert found.is_clean


def test_the_close_after_moves_on_the_last_session_of_the_past() -> None:
    (finding,) = audit("next_usd", "last_usd").findings
    assert (finding.feature, finding.severity, finding.domain) == ("next_usd", Severity.HIGH, "bars_daily")
    assert (finding.symbol, finding.first_on) == ("A", "2020-01-08")
    assert finding.mend.startswith("read rows up to the bar only")


def test_a_leak_of_facts_is_told_from_a_leak_of_bars() -> None:
    (finding,) = audit("heard_usd").findings
    assert (finding.domain, finding.first_on) == ("rumours", "2020-01-06")
    assert finding.mend.startswith("join rumours by known_at")


def test_a_leak_of_what_is_traded_is_critical_and_comes_first() -> None:
    found = audit("heard_usd", "next_usd", "never_usd", traded=("next_usd",))
    assert [(item.feature, item.severity) for item in found.findings] == [
        ("next_usd", Severity.CRITICAL),
        ("heard_usd", Severity.HIGH),
        ("never_usd", Severity.MEDIUM),
    ]
    assert not found.is_clean


def test_a_node_without_values_is_named_as_untested_and_is_no_leak() -> None:
    found = audit("never_usd")
    assert [(item.feature, item.severity) for item in found.findings] == [("never_usd", Severity.MEDIUM)]
    assert found.is_clean


def test_columns_are_what_is_audited() -> None:
    assert audited_names(plan("last_usd", "next_usd")) == ("last_usd", "next_usd")


def finding(severity: Severity, feature: str) -> Finding:
    return Finding(severity, feature, "bars_daily", "cut", "", "", "", "mend it")


def test_what_one_set_of_data_tested_was_tested() -> None:
    untested, other = finding(Severity.MEDIUM, "a_usd"), finding(Severity.MEDIUM, "b_usd")
    leak = finding(Severity.HIGH, "c_usd")
    both = joined([Audit((untested, other), 3, 5), Audit((untested, leak), 3, 7)])
    assert both == Audit((leak, untested), 3, 12)


def test_a_leak_that_one_set_of_data_shows_is_a_leak() -> None:
    leak = finding(Severity.HIGH, "a_usd")
    assert joined([Audit((), 1, 1), Audit((leak,), 1, 1)]).findings == (leak,)
    assert joined([]) == Audit((), 0, 0)


def known(tables: Mapping[str, pl.DataFrame], as_of: datetime) -> Snapshot:
    at = pl.lit(as_of).cast(INSTANT)
    return Snapshot(snapshot().panel, Panel(tables["rumours"].filter(pl.col("known_at") <= at)))


def happened(tables: Mapping[str, pl.DataFrame], as_of: datetime) -> Snapshot:
    at = pl.lit(as_of).cast(INSTANT)
    return Snapshot(snapshot().panel, Panel(tables["rumours"].filter(pl.col("event_at") <= at)))


RUMOURS = typed({
    "symbol": ["A"] * 3, "value": [1.0, 2.0, 3.0], "event_at": CLOSES[:3],
    "known_at": [CLOSES[0], CLOSES[1], CLOSES[4]],
})  # fmt: skip
OTHERS = RUMOURS.with_columns(symbol=pl.lit("B"))


def test_a_gathering_by_knowledge_is_clean() -> None:
    found = audited_gathering(known, {"rumours": RUMOURS, "others": OTHERS}, [AFTER])
    assert (found.findings, found.n_features, found.n_runs) == ((), 2, 1 + len(Change))


def test_a_gathering_by_event_is_critical_and_names_the_guilty_table_alone() -> None:
    (found,) = audited_gathering(happened, {"rumours": RUMOURS, "others": OTHERS}, [AFTER]).findings
    assert (found.severity, found.domain) == (Severity.CRITICAL, "rumours")
    assert found.feature.startswith("rumours")
    assert "known_at <= as_of" in found.mend


@pytest.mark.parametrize("n_instants", [0, 2])
def test_as_many_instants_are_audited_as_are_asked(n_instants: int) -> None:
    found = audited_gathering(known, {"rumours": RUMOURS}, CLOSES[:n_instants])
    assert found.n_runs == n_instants * (1 + len(Change))
