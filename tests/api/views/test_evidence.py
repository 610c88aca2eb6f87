"""The evidence of a trace that is hashed in one piece, as a research log has it."""

from __future__ import annotations

import base64
import struct
from collections.abc import Iterator
from hashlib import sha256

import pytest

from adapters.lake.lake import bundled_lake
from adapters.log_folder import log_folder_to_read
from api.views.built import Recorded, recorded_decision
from api.views.evidence import TraceEvidence, trace_evidence
from governance.entries import EntryKind
from nodes.vocabulary.canonical import decode, digest, digest_text
from tests.api.use_cases.homes import FIRST_ON, run_home


@pytest.fixture(scope="module")
def recorded(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Recorded]:
    home = run_home(tmp_path_factory.mktemp("evidence") / "home", bundled_lake(), FIRST_ON)
    with log_folder_to_read(home).store.reader() as reader:
        yield recorded_decision(reader, reader.newest(EntryKind.DECISION, 1)[0])


@pytest.fixture(scope="module")
def evidence(recorded: Recorded) -> TraceEvidence:
    return trace_evidence("ab" * 32, recorded.order)


def test_head_and_packed_values_hash_to_the_trace_digest(recorded: Recorded, evidence: TraceEvidence) -> None:
    hashed = base64.b64decode(evidence.head)
    for each in evidence.passes:
        packed = base64.b64decode(each.packed)
        hashed += struct.pack(">Q", len(packed)) + packed
    assert not evidence.is_salted
    assert digest_text(sha256(hashed).digest()) == evidence.trace_digest
    assert evidence.trace_digest == digest_text(recorded.entry.facts["trace_digest"])


def test_the_names_of_the_values_are_bound_by_the_plan_whose_digest_the_head_has(evidence: TraceEvidence) -> None:
    head, manifest = base64.b64decode(evidence.head), base64.b64decode(evidence.manifest)
    plan = decode(manifest)
    names = [node["name"] for node in plan["nodes"] if node["kind"] not in {"parameter", "limit"}]
    assert digest("plan", manifest) in head
    assert [f"order.{name}" for name in names] == [value.key for value in evidence.passes[0].values]


def test_every_value_is_named_with_the_form_of_its_bytes(recorded: Recorded, evidence: TraceEvidence) -> None:
    final = evidence.passes[0]
    forms = {value.key: value.form for value in final.values}
    assert len(final.values) == len(recorded.order.reading.layout.nodes)
    assert forms["order.order_shares"] == "int"
    assert forms["order.participation_frac"] == "float"
    assert forms["order.liquidity_holds" if "order.liquidity_holds" in forms else "order.shares_holds"] == "rule"
    assert forms["order.cash_usd"] == "decimal"
    assert {value.preimage for value in final.values} == {""}
