from __future__ import annotations

from pathlib import Path

import pytest

from api.log_parts import log_to_read
from api.use_cases.finding import DecisionFilter, decision_named, decisions_page, newest_decisions
from governance.entries import EntryKind
from governance.rows import Record
from nodes.vocabulary.errors import EdgeError
from tests.api.use_cases.homes import home_settings


def named(home: Path, name: str) -> bytes | None:
    with log_to_read(home_settings(home)) as folder, folder.store.reader() as reader:
        return decision_named(reader, name).decision_id


def ids(home: Path, wanted: DecisionFilter) -> list[bytes | None]:
    with log_to_read(home_settings(home)) as folder, folder.store.reader() as reader:
        return [record.decision_id for record in newest_decisions(reader, wanted)]


def test_latest_names_the_newest_decision(ran: Path) -> None:
    assert named(ran, "latest") == ids(ran, DecisionFilter())[0]


def test_the_whole_id_and_its_beginning_name_the_same_decision(ran: Path) -> None:
    decision_id = ids(ran, DecisionFilter())[-1]
    assert decision_id is not None
    assert named(ran, decision_id.hex()) == named(ran, decision_id.hex()[:11]) == decision_id


def test_what_is_no_id_is_refused(ran: Path) -> None:
    with pytest.raises(EdgeError, match="'nonsense' is no decision id"):
        named(ran, "nonsense")


def test_an_id_that_is_not_in_the_log_is_refused(ran: Path) -> None:
    with pytest.raises(EdgeError, match="no decision begins with 'ffffffffffff'"):
        named(ran, "f" * 12)


def test_an_ambiguous_beginning_is_refused_with_the_candidates(ran: Path) -> None:
    by_digit: dict[str, int] = {}
    for decision_id in ids(ran, DecisionFilter()):
        assert decision_id is not None
        by_digit[decision_id.hex()[0]] = by_digit.get(decision_id.hex()[0], 0) + 1
    shared = next(digit for digit, count in by_digit.items() if count > 1)
    with pytest.raises(EdgeError, match="write more digits"):
        named(ran, shared)


def test_a_filter_admits_only_its_own(ran: Path) -> None:
    everything = ids(ran, DecisionFilter())
    clipped = ids(ran, DecisionFilter(verdict="clip"))
    assert set(clipped) < set(everything)
    assert ids(ran, DecisionFilter(symbol="NONE")) == []


def test_a_log_longer_than_a_batch_is_read_to_its_end(ran: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    everything = ids(ran, DecisionFilter())
    monkeypatch.setattr("api.use_cases.finding._BATCH", 1)
    assert ids(ran, DecisionFilter()) == everything
    with log_to_read(home_settings(ran)) as folder, folder.store.reader() as reader:
        assert len(everything) == sum(1 for _ in reader.of_kind(EntryKind.DECISION))


def test_every_field_of_a_filter_keeps_what_it_names(ran: Path) -> None:
    with log_to_read(home_settings(ran)) as folder, folder.store.reader() as reader:
        records = reader.newest(EntryKind.DECISION, 500)
        facts = records[0].entry.facts
        for field in ("symbol", "verdict", "action", "account_id", "session_on", "policy_digest"):
            wanted = DecisionFilter(**{field: facts[field]})
            same = [record for record in records if record.entry.facts[field] == facts[field]]
            assert list(newest_decisions(reader, wanted)) == same


def test_pages_of_decisions_lead_through_all_of_them(ran: Path) -> None:
    with log_to_read(home_settings(ran)) as folder, folder.store.reader() as reader:
        found: list[Record] = []
        below = reader.head().size
        while True:
            page = decisions_page(reader, DecisionFilter(), 3, below)
            found += page.records
            if page.next_sequence is None:
                break
            below = page.next_sequence
        assert found == list(reader.newest(EntryKind.DECISION, 500))


def test_a_page_looks_at_a_limited_number_of_decisions(ran: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("api.use_cases.finding.MAX_SCANNED", 2)
    with log_to_read(home_settings(ran)) as folder, folder.store.reader() as reader:
        second = reader.newest(EntryKind.DECISION, 2)[-1]
        page = decisions_page(reader, DecisionFilter(symbol="NONE"), 5, reader.head().size)
    assert (page.records, page.next_sequence) == ((), second.sequence)
