from __future__ import annotations

from pathlib import Path

import pytest

from adapters.sql.job_rows import JobState
from api.research_parts import SHIPPED_STUDY, job_box, job_work, research_snapshot, started_job
from api.settings import Settings
from api.use_cases.jobs import done_job
from nodes.vocabulary.errors import EdgeError


def test_the_shipped_study_is_found_beside_the_code() -> None:
    assert SHIPPED_STUDY.read_text(encoding="utf-8").startswith("policy: us-equities-research")


def test_research_reads_the_bundled_bars_where_no_lake_is_named() -> None:
    snapshot = research_snapshot(Settings())
    assert snapshot.panel["symbol"].n_unique() == 5
    assert snapshot.panel["closed_at"].null_count() == 0


def test_a_home_knows_what_each_kind_of_job_does(tmp_path: Path) -> None:
    settings = Settings(home=tmp_path)
    with job_box(settings) as box:
        job = box.asked("dance", b"", "quant")
        with pytest.raises(EdgeError, match=r"only backtest, features-analyze, .*, impact, models-evaluate"):
            done_job(box, job, job_work(settings))


@pytest.mark.slow
def test_a_job_is_done_in_a_process_of_its_own(tmp_path: Path) -> None:
    """Issue 5: a job that fails takes nothing of the server with it."""
    settings = Settings(home=tmp_path)
    with job_box(settings) as box:
        job = box.asked("dance", b"", "quant")
        process = started_job(settings, job.job_id)
        process.join()
        assert process.exitcode == 0
        assert box.job(job.job_id).state is JobState.FAILED
