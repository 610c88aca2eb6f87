"""ENG-06, ENG-12: what an approval rests on is there, and is the very report that it names."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from governance.entries import Entry, EntryKind
from governance.findings import Notebook
from governance.impact_report import impact_digest, impact_report
from governance.verify_entries import Learned
from governance.verify_impacts import check_impacts
from tests.governance.examples import NOON, ORIGIN, filled
from tests.governance.test_impact_report import CANDIDATE, SUBJECT, tenth

REPORT = impact_report(SUBJECT, (), tenth).body
ELSEWHERE = impact_report(replace(SUBJECT, origin="research/x"), (), tenth).body
OTHER = impact_report(replace(SUBJECT, candidate_digest=b"\x08" * 32), (), tenth).body


def findings(folder: Path, body: bytes, **changes: Any) -> list[str]:
    """What is wrong with a proposal that rests on a report."""
    log = filled(folder, 1)
    with log.store.transaction() as transaction:
        ref = transaction.put_body(body)
        facts = {
            "strategy": "tiny",
            "policy_digest": CANDIDATE,
            "impact_digest": impact_digest(body),
            "impact_ref": ref,
            **changes,
        }
        entry = Entry(EntryKind.PROPOSAL, ORIGIN, NOON, NOON, facts, (ref,))
        seen, notes = Learned(), Notebook()
        seen.learn(transaction.append(entry).sequence, entry)
    with log.store.reader() as reader:
        check_impacts(reader, ORIGIN, seen, notes)
    return [str(finding) for finding in notes.findings]


def test_a_report_that_is_what_its_entry_names_is_no_finding(tmp_path: Path) -> None:
    assert findings(tmp_path, REPORT) == []


@pytest.mark.parametrize(
    ("body", "changes", "what"),
    [
        (REPORT, {"impact_digest": b"\x09" * 32}, "its body hashes to"),
        (REPORT, {"impact_ref": b"\x09" * 32}, "is named by no body of the entry"),
        (REPORT, {"impact_ref": "none"}, "is named by no body of the entry"),
        (OTHER, {}, "of another policy"),
        (ELSEWHERE, {}, "about log 'research/x'"),
        (b"no report", {}, "that is none"),
    ],
)
def test_another_report_is_a_finding(tmp_path: Path, body: bytes, changes: dict[str, Any], what: str) -> None:
    (finding,) = findings(tmp_path, body, **changes)
    assert what in finding
    assert "impact report of entry 1" in finding


def test_a_report_that_cannot_be_read_is_a_finding(tmp_path: Path) -> None:
    log, seen, notes = filled(tmp_path, 1), Learned(), Notebook()
    facts = {"policy_digest": CANDIDATE, "impact_digest": b"\x09" * 32, "impact_ref": b"\x0a" * 32}
    seen.bodies[facts["impact_ref"]] = 1
    seen.impacts.append((1, facts))
    with log.store.reader() as reader:
        check_impacts(reader, ORIGIN, seen, notes)
    assert len(notes.findings) == 1
