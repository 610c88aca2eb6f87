"""GOV-03: a post-mortem is written by the log; a person says only why."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest

from adapters.log_folder import LogFolder
from api.use_cases.incidents import (
    IncidentReport,
    closed_incident,
    incident,
    incident_postmortem,
    model_postmortem,
    opened_incident,
)
from api.use_cases.model_watch import watched_model
from nodes.vocabulary.errors import EdgeError
from tests.api.use_cases.model_desks import asked, desk_of, opened, promoted
from tests.api.use_cases.test_model_watch import SHIFTED
from tests.governance.examples import NOON
from tests.governance.model_examples import FAMILY

REPORT = IncidentReport("Orders on bad data", "prices stood still", NOON, FAMILY)


@pytest.fixture
def folder(tmp_path: Path) -> LogFolder:
    return opened(tmp_path)


def test_an_incident_is_opened_and_closed_by_entries(folder: LogFolder) -> None:
    desk = desk_of(folder)
    found = opened_incident(desk, REPORT, "oncall")
    closed = closed_incident(desk, found.incident_id, "bob", "the feed was late")
    with folder.store.reader() as reader:
        assert incident(reader, found.incident_id) == closed
    assert (found.ended_at, closed.ended_at, closed.cause, closed.closed_by) == (None, NOON, "the feed was late", "bob")
    assert folder.verification().is_intact


def test_an_incident_is_closed_once(folder: LogFolder) -> None:
    desk = desk_of(folder)
    found = opened_incident(desk, REPORT, "oncall")
    closed_incident(desk, found.incident_id, "bob", "late feed")
    with pytest.raises(EdgeError, match=f"incident {found.incident_id} was closed by bob at"):
        closed_incident(desk, found.incident_id, "ada", "late feed")


def test_an_incident_that_nobody_recorded_is_not_known(folder: LogFolder) -> None:
    with (
        folder.store.reader() as reader,
        pytest.raises(EdgeError, match="incident 'inc-0' is not known here, only none"),
    ):
        incident(reader, "inc-0")


def test_no_incident_begins_in_the_future(folder: LogFolder) -> None:
    later = IncidentReport("t", "w", NOON + timedelta(hours=1))
    with pytest.raises(EdgeError, match="incident is said to begin at 2026-11-20T13:00:00Z, now it is"):
        opened_incident(desk_of(folder), later, "oncall")


def test_a_post_mortem_tells_who_did_what_with_the_digest_of_each_entry(folder: LogFolder) -> None:
    desk = desk_of(folder)
    found = opened_incident(desk, REPORT, "oncall")
    promoted(desk, 1)
    closed_incident(desk, found.incident_id, "bob", "the feed was late")
    with folder.store.reader() as reader:
        paper = incident_postmortem(reader, found.incident_id)
        crowned = next(record for record in reader.records(0, 99) if record.kind == "promotion")
    assert "| promotion meta-label v1 | bob | I read the card |" in paper.markdown
    assert f"sha256:{crowned.entry_id.hex()}" in paper.markdown
    assert "the feed was late" in paper.markdown
    assert "<td>prices stood still</td>" in paper.html


def test_an_open_incident_says_that_its_cause_is_not_known(folder: LogFolder) -> None:
    found = opened_incident(desk_of(folder), REPORT, "oncall")
    with folder.store.reader() as reader:
        assert "Not said yet" in incident_postmortem(reader, found.incident_id).markdown


def test_a_rollback_is_written_up_from_the_promotion_that_it_undid(folder: LogFolder) -> None:
    desk = desk_of(folder)
    promoted(desk, 1)
    promoted(desk, 2)
    watched_model(desk, asked(2, "assay"), SHIFTED)
    with folder.store.reader() as reader:
        text = model_postmortem(reader, FAMILY).markdown
    assert "meta-label v2, taken back for v1" in text
    assert "ada, approved by bob" in text
    assert "the watch denies: stability index of a feature" in text


def test_a_family_that_was_never_rolled_back_has_nothing_to_write_up(folder: LogFolder) -> None:
    with folder.store.reader() as reader, pytest.raises(EdgeError, match="'meta-label' was never rolled back"):
        model_postmortem(reader, FAMILY)
