"""Facts of the log as metrics: what is not there is not zero."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

from prometheus_client import CollectorRegistry

from adapters.sql.sqlite import sqlite_log, sqlite_log_to_read
from adapters.telemetry.log_facts import log_collector, log_facts
from governance.checkpoints import committed_checkpoint
from governance.entries import cl_ord_id
from governance.notes import new_signer
from governance.rows import OrderState, OutboundOrder
from tests.governance.examples import NOON, ORIGIN, activation, decision


def test_facts_follow_the_log(tmp_path: Path) -> None:
    log = sqlite_log(tmp_path / "log.db", ORIGIN)
    with log.transaction() as transaction:
        transaction.append(activation("us-equities", bytes(32)))
        transaction.activate("us-equities", bytes(32), None)
        made = transaction.append(decision(1)).entry
        transaction.send(OutboundOrder(cl_ord_id("desk", "key"), "desk", made.decision_id or b"", 1, b"buy"))
    at = made.recorded_at + timedelta(seconds=90)
    facts = log_facts(log, at)
    assert (facts.n_entries, facts.n_covered, facts.policies) == (2, 0, {"us-equities": bytes(32)})
    assert facts.n_outbound == {OrderState.PENDING: 1, OrderState.SENT: 0}
    assert facts.pending_age_s == 90
    assert facts.uncovered_age_s >= 90
    committed_checkpoint(log, new_signer(ORIGIN))
    covered = log_facts(log, at)
    assert (covered.n_covered, covered.uncovered_age_s) == (2, 0)


def test_a_log_that_cannot_be_read_is_down_and_says_nothing_else(tmp_path: Path) -> None:
    (tmp_path / "log.db").write_bytes(b"")
    registry = CollectorRegistry()
    registry.register(log_collector(sqlite_log_to_read(tmp_path / "log.db", ORIGIN), lambda: datetime.now(UTC)))
    assert [(sample.name, sample.value) for found in registry.collect() for sample in found.samples] == [
        ("assay_log_up", 0.0)
    ]


def test_a_log_that_can_be_read_is_shown(tmp_path: Path) -> None:
    log = sqlite_log(tmp_path / "log.db", ORIGIN)
    with log.transaction() as transaction:
        transaction.append(activation("us-equities", bytes(32)))
        transaction.activate("us-equities", bytes(32), None)
    registry = CollectorRegistry()
    registry.register(log_collector(log, lambda: NOON))
    value = registry.get_sample_value
    assert (value("assay_log_up"), value("assay_log_entries")) == (1, 1)
    digest = {"strategy": "us-equities", "policy_digest": "sha256:" + "00" * 32}
    assert value("assay_generation_info", digest) == 1
