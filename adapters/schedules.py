"""Work at set times: APScheduler behind a small face, each piece one at a time, what was missed done once."""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from types import TracebackType
from typing import Self

from apscheduler.schedulers.background import BackgroundScheduler  # type: ignore[import-untyped]  # it has no types
from apscheduler.triggers.cron import CronTrigger  # type: ignore[import-untyped]  # it has no types

from nodes.vocabulary.errors import EdgeError

MISFIRE_S = 3_600
"""How late a piece may begin and still be done: a machine may have slept."""


class Schedule:
    """Pieces of work at the times of cron expressions, in UTC.

    Args:
        works: what to do, by name; a piece should handle its own errors.
    """

    def __init__(self, works: Mapping[str, tuple[str, Callable[[], None]]]) -> None:
        self._scheduler = BackgroundScheduler(timezone=UTC)
        self._ended = threading.Event()
        for name, (cron, work) in works.items():
            options = {"max_instances": 1, "coalesce": True, "misfire_grace_time": MISFIRE_S}
            self._scheduler.add_job(work, cron_trigger(cron), id=name, name=name, **options)

    def __enter__(self) -> Self:
        self._scheduler.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._ended.set()
        self._scheduler.shutdown(wait=True)

    def next_at(self, name: str) -> datetime | None:
        """When a piece is done next."""
        job = self._scheduler.get_job(name)
        found: datetime | None = None if job is None else job.next_run_time
        return found

    def wait(self, timeout_s: float | None = None) -> None:
        """Wait until the schedule is ended, or for so long."""
        self._ended.wait(timeout_s)


def cron_trigger(cron: str) -> CronTrigger:
    """The times of a cron expression of five fields, in UTC. Raises EdgeError for another text."""
    try:
        return CronTrigger.from_crontab(cron, timezone=UTC)
    except ValueError as error:
        message = (
            f"{cron!r} is no cron expression: {error}; write minute, hour, day, month and weekday, e.g. '30 22 * * 5'"
        )
        raise EdgeError(message) from error
