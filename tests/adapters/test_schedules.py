"""Schedules: work is done at its times, one piece at a time; a text that is no cron expression is refused."""

from __future__ import annotations

import threading
from datetime import UTC, datetime, timedelta

import pytest

from adapters.schedules import Schedule, cron_trigger
from nodes.vocabulary.errors import EdgeError


def test_a_piece_of_work_is_due_at_the_next_time_of_its_expression() -> None:
    with Schedule({"retrain": ("30 22 * * fri", lambda: None)}) as schedule:
        due_at = schedule.next_at("retrain")
        assert due_at is not None
        assert (due_at.weekday(), due_at.hour, due_at.minute, due_at.utcoffset()) == (4, 22, 30, timedelta(0))
        assert due_at > datetime.now(UTC)
        assert schedule.next_at("another") is None


def test_work_that_is_due_is_done_in_the_background() -> None:
    done = threading.Event()
    with Schedule({"now": ("* * * * *", done.set)}) as schedule:
        schedule._scheduler.modify_job("now", next_run_time=datetime.now(UTC))
        assert done.wait(10)


def test_a_schedule_waits_for_so_long_and_no_longer() -> None:
    with Schedule({}) as schedule:
        schedule.wait(0.01)
    schedule.wait()


def test_a_text_that_is_no_cron_expression_is_refused() -> None:
    with pytest.raises(EdgeError, match=r"'every day' is no cron expression: .*; write minute, hour, day, month"):
        cron_trigger("every day")
