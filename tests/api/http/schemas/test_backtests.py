"""What a body asks of a server, and how a job of a backtest is told."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path

import msgspec

from adapters.sql.jobs import JobBox
from api.http.schemas.backtests import BacktestBody, RetrainingBody, asked_of, backtest_view
from api.settings import Settings
from api.use_cases.backtest_retraining import RetrainingAsked
from tests.api.backtest_samples import ran_backtest


def test_what_a_body_leaves_out_is_the_servers() -> None:
    settings = Settings()
    asked = asked_of(BacktestBody(), settings)
    assert asked.first_on == settings.first_on
    assert asked.assumptions == settings.assumptions.read_text(encoding="utf-8")
    own = asked_of(BacktestBody(date(2012, 1, 3), assumptions="policy: x", file="mine.yaml"), settings)
    assert (own.assumptions, own.file, own.first_on) == ("policy: x", "mine.yaml", date(2012, 1, 3))
    assert own.retraining is None


def test_a_retraining_is_asked_for_with_its_study() -> None:
    asked = asked_of(BacktestBody(retraining=RetrainingBody("policy: r", "policy: s")), Settings()).retraining
    assert asked == RetrainingAsked("policy: r", "retraining.yaml", "policy: s", "study.yaml")


def test_a_job_that_is_done_tells_its_result_and_where_the_rest_is(tmp_path: Path) -> None:
    with JobBox(tmp_path / "jobs.db", lambda: datetime(2026, 11, 23, tzinfo=UTC)) as box:
        job = box.asked("backtest", b"", "quant")
    done = replace(job, result=msgspec.json.encode(ran_backtest().result))
    view = backtest_view(done, "/api/v1/backtests", ("orders",))
    assert view.result == ran_backtest().result
    assert view.report == f"/api/v1/backtests/{job.job_id}/report"
    assert view.tables == {"orders": f"/api/v1/backtests/{job.job_id}/tables/orders"}
    assert backtest_view(job, "/api/v1/backtests", ()).result is None
