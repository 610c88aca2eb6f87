"""What a candidate makes of recorded decisions: judged as they were, counted, and each that changed named."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from decimal import Decimal
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from adapters.sql.store import SqlLog
from dataflows.engine.compile import Generation
from dataflows.engine.decision import Decision
from dataflows.engine.recorded import recorded_run
from dataflows.engine.run import Runner
from governance.entries import Entry, EntryKind
from governance.impact import NO_BODY, OTHER_DATAFLOW, ImpactJudge, changed_nodes
from governance.impact_rows import COUNTS, ImpactChunk
from nodes.vocabulary.errors import LogError
from tests.dataflows.engine import tiny
from tests.governance.examples import NOON, ORIGIN
from tests.governance.impact_examples import SMALLER, SNAPSHOTS, STRICTER, append_decisions, generation, log_of

_FAR_NS = 2**62


@pytest.fixture(scope="module")
def log(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SqlLog]:
    """Only read."""
    found = log_of(tmp_path_factory.mktemp("impact"), SNAPSHOTS)
    yield found
    found.close()


def judged(log: SqlLog, candidate: Generation) -> ImpactChunk:
    """Every decision of a log, judged."""
    with log.reader() as reader:
        return ImpactJudge(candidate).chunk(reader, reader.places(EntryKind.DECISION, 0, _FAR_NS))


def in_full(log: SqlLog, candidate: Generation) -> dict[int, tuple[dict[str, Any], Decision]]:
    """For each decision, what was recorded of it, and the run of the candidate's whole plan over its snapshot."""
    runner = Runner(candidate.order, "research/test", b"")
    found = {}
    with log.reader() as reader:
        for record in reader.of_kind(EntryKind.DECISION):
            facts = dict(record.entry.facts)
            run = recorded_run(reader.body(facts["trace_ref"]), reader.body(facts["order_manifest_ref"]))
            inputs: Any = {name: run.values[name] for name in run.plan.inputs}
            snapshot = SimpleNamespace(**inputs, proposed_order_shares=run.proposed["order_shares"])
            found[record.sequence] = facts, runner.order(snapshot, run.trace.as_of).decision
    return found


@pytest.mark.parametrize(
    "changes", [(), SMALLER, STRICTER, (*SMALLER, *STRICTER)], ids=["none", "cap", "limit", "both"]
)
def test_an_impact_is_that_of_running_every_snapshot_in_full(log: SqlLog, changes: tuple[tuple[str, str], ...]) -> None:
    """ENG-06: one step and exact."""
    candidate = generation(*changes)
    chunk = judged(log, candidate)
    rows = {row.sequence: row for row in chunk.rows}
    for sequence, (facts, decision) in in_full(log, candidate).items():
        now = (decision.verdict.label, decision.action.value, decision.order_shares)
        objecting = {rule.rule_id for rule in decision.failed}
        before = (facts["verdict"], facts["action"], facts["order_shares"])
        assert (sequence in rows) == (before != now or objecting != set(facts["reasons"]))
        if sequence in rows:
            row = rows[sequence]
            assert (row.verdict, row.action, row.shares) == now
            assert (row.verdict_before, row.action_before, row.shares_before) == before
            assert set(row.rules_added) == objecting - set(facts["reasons"])
            assert set(row.rules_dropped) == set(facts["reasons"]) - objecting
    assert chunk.n_decisions == len(SNAPSHOTS)


def test_the_policy_itself_changes_nothing(log: SqlLog) -> None:
    chunk = judged(log, generation())
    assert (chunk.rows, chunk.changed, chunk.session_changed, chunk.unread) == ((), {}, {}, {})
    assert chunk.verdicts == {"pass>pass": 2, "clip>clip": 1, "deny>deny": 2, "warn>warn": 2}
    assert chunk.symbols == {"AAPL": 4, "IBM": 3}
    assert chunk.rules == chunk.rules_before


def test_a_changed_decision_says_what_it_was_and_is_and_why(log: SqlLog) -> None:
    """ENG-06: flips, sizes."""
    (resized, *_) = judged(log, generation(*SMALLER)).rows
    assert (resized.flip, resized.is_flipped, resized.sent_before, resized.sent) == ("clip>clip", False, 5000, 2000)
    assert resized.price_usd == Decimal(1)
    denied = next(row for row in judged(log, generation(*STRICTER)).rows if row.flip == "clip>deny")
    assert (denied.shares, denied.sent, denied.rules_added) == (0, 0, ("notional",))
    assert denied.because == ("Order is 6,000 USD; the limit is 4,000",)


def test_salted_traces_are_judged_alike(tmp_path: Path, log: SqlLog) -> None:
    """Logs that are live commit to each value with a salt."""
    salted = log_of(tmp_path, SNAPSHOTS, is_salted=True)
    assert judged(salted, generation(*SMALLER)) == judged(log, generation(*SMALLER))
    salted.close()


def test_decisions_of_several_policies_are_told_apart(tmp_path: Path) -> None:
    """ENG-06: each recorded plan is compared by itself."""
    log = log_of(tmp_path, SNAPSHOTS[:2])
    append_decisions(log, SNAPSHOTS[:2], generation(*SMALLER))
    chunk = judged(log, generation(*SMALLER))
    assert chunk.policies == {generation().policy_digest.hex(): 2, generation(*SMALLER).policy_digest.hex(): 2}
    assert [row.sequence for row in chunk.rows] == [2]
    assert chunk.changed == {"max_participation_frac": 2, "participation_cap_shares": 2, "liquidity_holds": 2}
    log.close()


def test_what_a_snapshot_lacks_is_counted(tmp_path: Path) -> None:
    text = tiny.POLICY[: tiny.POLICY.index("  - id: large-spread")]
    log = log_of(tmp_path, SNAPSHOTS[:1], tiny.generation(text, outputs=()))
    chunk = judged(log, tiny.generation(tiny.POLICY.replace("    on_unknown: warn\n", ""), outputs=()))
    assert chunk.lacking == {"spread_bps": 1}
    assert [row.flip for row in chunk.rows] == ["pass>deny"]
    log.close()


def test_a_changed_session_plan_is_told_and_not_run(log: SqlLog) -> None:
    chunk = judged(log, generation(("lag_sessions: 1", "lag_sessions: 2")))
    assert chunk.rows == ()
    assert "lag_sessions" in chunk.session_changed
    assert set(chunk.session_changed.values()) == {len(SNAPSHOTS)}


def test_a_decision_whose_bodies_were_dropped_is_counted_and_not_judged(tmp_path: Path) -> None:
    """ENG-06: never taken for one that stays as it was."""
    log = log_of(tmp_path, SNAPSHOTS[:2])
    with log.reader() as reader:
        refs = [record.entry.facts["trace_ref"] for record in reader.of_kind(EntryKind.DECISION)]
        manifest = reader.records(0, 1)[0].entry.facts["order_manifest_ref"]
    _drop(log, refs[0])
    chunk = judged(log, generation())
    assert (chunk.n_decisions, chunk.unread) == (1, {NO_BODY: 1})
    _drop(log, manifest)
    assert judged(log, generation()).unread == {NO_BODY: 2}
    log.close()


def _drop(log: SqlLog, ref: bytes) -> None:
    with log.transaction() as transaction:
        facts = {"refs": (ref,)}
        transaction.append(Entry(EntryKind.RETENTION, ORIGIN, NOON, NOON, facts))
        transaction.drop_bodies([ref])


def test_a_decision_of_another_dataflow_is_counted_and_not_judged(log: SqlLog) -> None:
    found = generation()
    dataflow = replace(found.order.dataflow, name="another-order")
    chunk = judged(log, replace(found, order=replace(found.order, dataflow=dataflow)))
    assert (chunk.n_decisions, chunk.unread) == (0, {OTHER_DATAFLOW: len(SNAPSHOTS)})


def test_no_decisions_are_an_empty_chunk(log: SqlLog) -> None:
    with log.reader() as reader:
        chunk = ImpactJudge(generation()).chunk(reader, ())
    assert (chunk.n_decisions, chunk.rows) == (0, ())
    assert all(getattr(chunk, name) == {} for name in COUNTS)


def test_a_trace_of_another_plan_than_its_entry_names_is_refused(tmp_path: Path) -> None:
    log = log_of(tmp_path, SNAPSHOTS[:1])
    append_decisions(log, SNAPSHOTS[:1], generation(*SMALLER))
    with log.reader() as reader:
        first, second = (record.entry for record in reader.of_kind(EntryKind.DECISION))
    mixed = {**first.facts, "order_manifest_ref": second.facts["order_manifest_ref"]}
    with log.transaction() as transaction:
        bodies = (first.facts["trace_ref"], mixed["order_manifest_ref"], mixed["session_manifest_ref"])
        transaction.append(Entry(EntryKind.DECISION, ORIGIN, first.as_of, second.recorded_at, mixed, bodies))
    with pytest.raises(LogError, match="entry 4 names a trace of another plan than its manifest"):
        judged(log, generation())
    log.close()


def test_a_plan_without_the_price_is_valued_at_the_recorded_limit(tmp_path: Path) -> None:
    rules = tiny.POLICY[tiny.POLICY.index("  - id: notional") : tiny.POLICY.index("  - id: liquidity")]
    text = tiny.POLICY.replace(rules, "")
    log = log_of(tmp_path, SNAPSHOTS[1:2], tiny.generation(text))
    chunk = judged(log, tiny.generation(text.replace("max_participation_frac: 0.05", "max_participation_frac: 0.02")))
    assert [row.price_usd for row in chunk.rows] == [Decimal("10.00")]
    log.close()


def test_nodes_that_compute_otherwise_are_found_in_plan_order() -> None:
    before, after = generation().order, generation(*SMALLER).order
    assert changed_nodes(before, before) == ()
    assert changed_nodes(before, after) == ("max_participation_frac", "participation_cap_shares", "liquidity_holds")
