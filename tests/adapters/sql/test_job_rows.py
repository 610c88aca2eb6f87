from __future__ import annotations

import pytest

from adapters.sql.job_rows import EVENTS, METADATA, PARTS, ROWS, JobState


@pytest.mark.parametrize(
    ("state", "is_final"),
    [
        (JobState.QUEUED, False),
        (JobState.RUNNING, False),
        (JobState.DONE, True),
        (JobState.FAILED, True),
        (JobState.CANCELLED, True),
    ],
)
def test_a_job_that_is_over_is_told_from_one_that_goes_on(*, state: JobState, is_final: bool) -> None:
    assert state.is_final is is_final


def test_jobs_their_changes_and_their_parts_are_three_tables() -> None:
    assert set(METADATA.tables) == {ROWS.name, EVENTS.name, PARTS.name}
    assert [column.name for column in PARTS.primary_key] == ["job_id", "key"]
