"""What a log shows of a period, counted from its entries and from nothing else."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from adapters.log_folder import LogFolder, log_folder
from governance.entries import Entry, EntryKind
from governance.evidence_pack import MOST_EVENTS, evidence_pack
from governance.evidence_views import EvidencePack
from governance.ports import LogReader
from nodes.vocabulary.canonical import digest_text
from nodes.vocabulary.errors import EdgeError
from nodes.vocabulary.instants import instant_from_ns, instant_text
from tests.governance.bundle_examples import DecidedHome, decided
from tests.governance.examples import NOON, ORIGIN

__all__ = ["decided"]
DIGEST = b"\x07" * 32


@pytest.fixture(scope="module")
def reader(decided: DecidedHome) -> Iterator[LogReader]:
    with decided.store.reader() as found:
        yield found


@pytest.fixture(scope="module")
def whole(reader: LogReader) -> EvidencePack:
    return evidence_pack(reader)


def _entry(kind: EntryKind, at: int, **facts: Any) -> Entry:
    when = NOON + timedelta(hours=at)
    return Entry(kind, ORIGIN, when, when, facts)


def _activation(at: int, digest: bytes = DIGEST, **facts: Any) -> Entry:
    said = {"strategy": "desk", "policy": "desk", "version": 1, "policy_digest": digest, "principal": "bob", **facts}
    return _entry(EntryKind.ACTIVATION, at, **said)


def _written(path: Path, *entries: Entry) -> LogFolder:
    folder = log_folder(path, ORIGIN)
    with folder.store.transaction() as transaction:
        for entry in entries:
            transaction.append(entry)
    return folder


def _pack(folder: LogFolder, since: datetime | None = None, until: datetime | None = None) -> EvidencePack:
    with folder.store.reader() as reader:
        return evidence_pack(reader, since, until)


def test_decisions_are_counted_as_the_log_has_them(reader: LogReader, whole: EvidencePack) -> None:
    """GOVC-01: control checks with counts."""
    decisions = [record.entry.facts for record in reader.of_kind(EntryKind.DECISION)]
    assert whole.verdicts == Counter(facts["verdict"] for facts in decisions)
    assert whole.principals == {"assay": len(decisions)}
    assert sum(whole.kinds.values()) == whole.size == reader.head().size
    assert whole.n_checkpoints == 1
    assert "\u2014 paper " in whole.checkpoint


def test_each_control_counts_what_its_rules_were_asked_and_said(reader: LogReader, whole: EvidencePack) -> None:
    """GOVC-01: evidence per control."""
    objected = Counter(rule for record in reader.of_kind(EntryKind.DECISION) for rule in record.entry.facts["reasons"])
    controls = {each.control_id: each for each in whole.controls}
    (notional, _) = sorted(controls["order-values"].rules, key=lambda rule: rule.rule_id, reverse=True)
    assert (notional.rule_id, notional.then) == ("notional", "clip to notional_cap_shares")
    assert notional.limits == ("max_order_notional_usd = 150000",)
    assert notional.n_decisions == sum(whole.verdicts.values())
    assert [rule.n_objected for rule in controls["order-volumes"].rules] == [
        objected["shares"],
        objected["participation"],
    ]
    assert controls["post-trade-reports"].entries["fill"] == whole.kinds["fill"]
    assert controls["kill-functionality"].gap == ""


def test_policies_in_force_are_those_that_decided(whole: EvidencePack) -> None:
    (period,) = [each for each in whole.policies if each.n_decisions]
    assert (period.policy, period.principal, period.proposed_by) == ("us-equities v1", "assay", "")
    assert (period.until, period.has_two_persons) == ("", False)
    assert period.n_decisions == sum(whole.verdicts.values())
    assert period.n_rules


def test_a_period_is_a_stretch_of_the_log_under_a_root(reader: LogReader) -> None:
    record = reader.records(5, 6)[0]
    at = instant_from_ns(record.recorded_at_ns)
    later, earlier = evidence_pack(reader, since=at), evidence_pack(reader, until=at)
    assert later.first_sequence == earlier.size <= 5
    assert sum(later.kinds.values()) + sum(earlier.kinds.values()) == reader.head().size
    assert (later.since, earlier.until) == (instant_text(at), instant_text(at))
    assert earlier.root != later.root


def test_a_period_that_ends_before_it_begins_or_is_too_long_is_refused(reader: LogReader) -> None:
    with pytest.raises(EdgeError, match="ask for a shorter one"):
        evidence_pack(reader, datetime(2027, 1, 1, tzinfo=UTC), datetime(2026, 1, 1, tzinfo=UTC))
    with pytest.raises(EdgeError, match=r"the period holds \d+ entries, from 0 to \d+"):
        evidence_pack(reader, most_entries=3)


def test_approvals_name_both_persons(tmp_path: Path) -> None:
    """GOVC-01: changes and approvals."""
    proposal = _entry(EntryKind.PROPOSAL, 1, policy="desk", version=1, policy_digest=DIGEST, principal="ann")
    approved = _activation(2, impact_digest=b"\x05" * 32, principal="ann", approved_by="bob")
    alone = _activation(3, b"\x08" * 32, version=2)
    pack = _pack(_written(tmp_path / "log", proposal, replace(approved, cites=(proposal.entry_id,)), alone))
    first, second = pack.policies
    assert (first.proposed_by, first.principal, first.has_two_persons) == ("ann", "bob", True)
    assert (first.impact_digest, first.n_rules) == (digest_text(b"\x05" * 32), None)
    assert first.until == second.since
    assert (second.proposed_by, second.has_two_persons, second.impact_digest) == ("", False, "")
    assert [(each.kind, each.about, each.principal) for each in pack.changes] == [
        ("proposal", "desk v1", "ann"),
        ("activation", "desk v1", "ann"),
        ("activation", "desk v2", "bob"),
    ]


def test_a_canary_is_told_with_the_symbols_that_it_decides(tmp_path: Path) -> None:
    canary = {"policy_digest": b"\x09" * 32, "policy": "desk", "version": 2, "share_frac": 0.25, "symbols": ()}
    named = {**canary, "share_frac": 0.0, "symbols": ("IBM", "MSFT")}
    pack = _pack(_written(tmp_path / "log", _activation(1, canary=canary), _activation(2, canary=named)))
    assert [(each.policy, each.decides) for each in pack.policies] == [
        ("desk v1", "every other symbol"),
        ("desk v2", "25.0% of symbols, as a canary"),
        ("desk v1", "every other symbol"),
        ("desk v2", "IBM, MSFT"),
    ]


def test_only_policies_that_were_in_force_in_the_period_are_listed(tmp_path: Path) -> None:
    folder = _written(
        tmp_path / "log", _activation(1), _activation(2, b"\x08" * 32, version=2), _activation(4, version=3)
    )
    pack = _pack(folder, NOON + timedelta(hours=3), NOON + timedelta(hours=3, minutes=1))
    assert [each.policy for each in pack.policies] == ["desk v2"]
    assert pack.changes == ()


def test_incidents_models_and_interventions_are_told_with_who_and_why(tmp_path: Path) -> None:
    """GOVC-01: incidents, model cards."""
    folder = _written(
        tmp_path / "log",
        _entry(EntryKind.INCIDENT, 1, incident_id="i-1", title="feed stood still", state="open", principal="ann"),
        _entry(EntryKind.PROMOTION, 2, family="trend", version=3, card_ref=DIGEST, principal="bob", because="better"),
        _entry(EntryKind.KILL_SWITCH, 3, account_id="one", is_engaged=True, reason="runaway", principal="ann"),
        _entry(EntryKind.POLICY_FAULT, 4, policy="desk v9", version=9, faults=(("a",), ("b",)), principal="ann"),
    )
    pack = _pack(folder)
    assert [(each.about, each.words) for each in pack.incidents] == [("i-1", "title feed stood still; state open")]
    assert [(each.about, each.words) for each in pack.models] == [
        ("trend v3", f"because better; card {digest_text(DIGEST)}")
    ]
    assert [(each.about, each.words) for each in pack.interventions] == [("one", "reason runaway; is engaged True")]
    assert [(each.about, each.words) for each in pack.changes] == [("desk v9", "2 faults")]
    assert pack.n_with_principal == 4
    assert {each.control_id for each in pack.controls if each.gap} >= {"price-collars", "capital-thresholds"}


def test_a_long_list_of_events_is_cut_and_the_rest_counted(tmp_path: Path) -> None:
    throws = [
        _entry(EntryKind.KILL_SWITCH, at, account_id="one", is_engaged=True, principal="ann")
        for at in range(MOST_EVENTS + 2)
    ]
    pack = _pack(_written(tmp_path / "log", *throws))
    assert (len(pack.interventions), pack.n_left_out) == (MOST_EVENTS, 2)
    assert pack.checkpoint == ""
