"""API-STR-09: binding checks with margins, and the minimal change to pass; nothing is written."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from adapters.archived_code import COUNTERFACTUALS, ChildProcess
from adapters.log_folder import log_folder_to_read
from api.use_cases.finding import DecisionFilter, newest_decisions
from api.use_cases.why_not import WhyNot, margins, why_not
from governance import counterfactual
from governance.entries import EntryKind
from governance.ports import LogReader
from governance.rebuilding import RunRequest
from governance.rows import Record
from nodes.vocabulary.canonical import decode, encode
from nodes.vocabulary.errors import LogError


class NoArchivedCode:
    """Refuses to run: the code of this process must do."""

    def answer(self, sources: Mapping[str, str], job: bytes) -> bytes:
        raise AssertionError((sorted(sources)[:1], len(job)))


class OtherCode:
    """Archived code that gives another plan than the recorded one."""

    def answer(self, sources: Mapping[str, str], job: bytes) -> bytes:
        assert sources
        return encode(replace(counterfactual.finding_from_bytes(counterfactual.answered(job)), plan_digest=bytes(32)))


@pytest.fixture(scope="module")
def reader(ran: Path) -> Iterator[LogReader]:
    with log_folder_to_read(ran).store.reader() as found:
        yield found


def clipped(reader: LogReader) -> Record:
    return next(newest_decisions(reader, DecisionFilter(symbol="MSFT", verdict="clip")))


def told(reader: LogReader, record: Record) -> WhyNot:
    return why_not(reader, record, NoArchivedCode())


def test_each_rule_that_spoke_is_told_with_its_operands_and_margin(reader: LogReader) -> None:
    found = told(reader, clipped(reader))
    shares = next(rule for rule in found.rules if rule.rule.rule_id == "shares")
    proposed = found.record.entry.facts["proposed_order_shares"]
    assert {(each.name, each.kind, each.value) for each in shares.operands} == {
        ("order_size_shares", "node", proposed),
        ("max_order_shares", "limit", 5000),
    }
    assert [(each.operand, each.limit, each.margin) for each in shares.margins] == [
        ("order_size_shares", "max_order_shares", 5000 - proposed)
    ]
    assert (shares.at_size, shares.outcome.outcome.value) == ("proposed", "fails")


def test_each_rule_that_spoke_is_told_what_would_have_quieted_it(reader: LogReader) -> None:
    found = told(reader, clipped(reader))
    assert [rule.rule.rule_id for rule in found.rules] == list(found.record.entry.facts["reasons"])
    assert all(
        rule.search is not None and rule.search.changes[0].input == "proposed_order_shares" for rule in found.rules
    )
    assert found.finding.to_pass is not None
    assert found.finding.to_pass.verdict == "pass"


def test_a_decision_that_nothing_spoke_against_has_no_binding_rule(reader: LogReader) -> None:
    found = told(reader, next(newest_decisions(reader, DecisionFilter(verdict="pass"))))
    assert (found.rules, found.finding.to_act, found.finding.to_pass) == ((), None, None)


def test_nothing_is_written(ran: Path) -> None:
    folder = log_folder_to_read(ran)
    before = folder.path.joinpath("log.db").read_bytes()
    with folder.store.reader() as reader:
        told(reader, clipped(reader))
    assert folder.path.joinpath("log.db").read_bytes() == before


def test_archived_code_finds_the_same_in_a_process_of_its_own(reader: LogReader) -> None:
    """Where the code of this process gives another plan, the sources that the log archived are run."""
    record = clipped(reader)
    facts = record.entry.facts
    here = told(reader, record)
    question = counterfactual.Question(
        reader.body(facts["policy_ref"]),
        reader.body(facts["session_manifest_ref"]),
        reader.body(facts["order_manifest_ref"]),
        _request(reader, here),
        tuple(rule.rule.rule_id for rule in here.rules),
    )
    answer = ChildProcess(COUNTERFACTUALS).answer(decode(reader.body(facts["sources_ref"])), encode(question))
    assert counterfactual.finding_from_bytes(answer) == here.finding


def _request(reader: LogReader, found: WhyNot) -> RunRequest:
    inputs = {name: found.run.values[name] for name in found.run.plan.inputs}
    environment = reader.body(found.record.entry.facts["environment_ref"])
    trace = found.run.trace
    return RunRequest("order", trace.header.origin, environment, inputs, trace.as_of, trace.cites, None)


def test_code_that_gives_another_plan_answers_nothing(reader: LogReader, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("api.use_cases.why_not._generation_here", lambda *_: None)
    found = why_not(reader, clipped(reader), OtherCode())
    assert found.is_archived_code
    assert found.finding.missing == "neither the code of this process nor the archived code gives the recorded plan"
    assert all(rule.search is None and rule.margins for rule in found.rules)


def test_an_entry_that_is_no_decision_is_refused(reader: LogReader) -> None:
    with pytest.raises(LogError, match="is a plan, not a decision; name a decision"):
        told(reader, reader.newest(EntryKind.PLAN, 1)[0])


@pytest.mark.parametrize(
    ("text", "margin"),
    [
        ("order_size_shares <= max_order_shares", -1),
        ("order_size_shares >= max_order_shares", 1),
        ("max_order_shares >= order_size_shares", -1),
        ("order_size_shares = max_order_shares", None),
        ("NOT order_size_shares <= max_order_shares", -1),
        ("order_notional_usd <= max_order_notional_usd", Decimal("0.50")),
    ],
)
def test_a_margin_is_the_room_to_the_limit(reader: LogReader, text: str, margin: Any) -> None:
    run = told(reader, clipped(reader)).run
    values = {
        "order_size_shares": 5_001,
        "max_order_shares": 5_000,
        "order_notional_usd": Decimal("149999.50"),
        "max_order_notional_usd": Decimal(150_000),
    }
    (found,) = margins(text, run.plan, values)
    assert found.margin == margin
    assert found.limit.startswith("max_")


def test_a_range_is_two_comparisons_and_a_list_none(reader: LogReader) -> None:
    run = told(reader, clipped(reader)).run
    values = {"order_size_shares": 7}
    text = "order_size_shares BETWEEN 5 AND 9 OR order_size_shares IN (1, 2)"
    assert [(each.limit, each.margin) for each in margins(text, run.plan, values)] == [("5", 2), ("9", 2)]
