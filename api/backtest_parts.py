"""Joins backtests with the world: a log of its own for each, the lake, the markets that ship, the page."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from functools import partial
from pathlib import Path

from api.bootstrap import open_desk, read_file_assumptions
from api.pages.backtest_page import backtest_page
from api.settings import SHIPPED_ASSUMPTIONS, Settings
from api.use_cases.backtest_jobs import BacktestWork
from api.use_cases.backtests import Backtest
from api.use_cases.desk import Desk

FOLDER = "backtests"
HELD_OUT = SHIPPED_ASSUMPTIONS.parents[1] / "us-equities-held-out" / "v1.yaml"
"""The market in which predictions of cost are judged."""


def backtest_home(settings: Settings, job_id: str) -> Path:
    """The folder of a backtest: its log, and what is written of it."""
    return settings.home / FOLDER / job_id


def backtest_work(
    settings: Settings, policy: Path | None = None, tell: Callable[[Backtest], None] | None = None
) -> BacktestWork:
    """What does backtest jobs, on the data of the settings, under their policy or another one."""
    return BacktestWork(
        desk=partial(_desk, settings, policy),
        held_out=partial(read_file_assumptions, HELD_OUT),
        page=backtest_page,
        tell=tell,
    )


@contextmanager
def _desk(settings: Settings, policy: Path | None, job_id: str) -> Iterator[Desk]:
    """A desk in research on a log of its own."""
    own = replace(
        settings, home=backtest_home(settings, job_id), origin=f"research/backtest-{job_id}", database_url=None
    )
    with open_desk(own, policy) as opened:
        yield opened.desk
        opened.folder.checkpoint()
