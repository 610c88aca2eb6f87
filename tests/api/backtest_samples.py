"""A small backtest that was really run: fifteen sessions of 2005 on the bundled bars, in this process."""

from __future__ import annotations

import atexit
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache, partial
from pathlib import Path

import msgspec

from adapters.lake.lake import Lake, bundled_lake
from adapters.sql.jobs import JobBox
from api.backtest_parts import HELD_OUT
from api.bootstrap import read_file_assumptions, shell_clock
from api.pages.backtest_page import backtest_page
from api.settings import SHIPPED_ASSUMPTIONS
from api.use_cases.backtest_jobs import KIND, REPORT, BacktestResult, BacktestWork, asked_backtest, table_key
from api.use_cases.backtests import Backtest, BacktestAsked
from api.use_cases.desk import Desk
from api.use_cases.jobs import done_job
from tests.api.use_cases.homes import FIRST_ON, LAST_ON, desk_at

CHANGE = "spread_frac=3,impact_coefficient=3"
TIGHT = "max_fill_participation_frac=0.0001"


@dataclass(frozen=True)
class RanBacktest:
    """What a run left behind."""

    home: Path
    found: Backtest
    result: BacktestResult
    page: str
    orders: bytes


@cache
def sample_bars() -> Lake:
    """The bundled bars."""
    return bundled_lake()


def asked() -> BacktestAsked:
    """What is asked of the sample."""
    text = SHIPPED_ASSUMPTIONS.read_text(encoding="utf-8")
    return BacktestAsked(text, "v1.yaml", FIRST_ON, LAST_ON, (CHANGE, TIGHT), has_study=True)


@cache
def ran_backtest() -> RanBacktest:
    """The sample, run once in this process."""
    place = Path(tempfile.mkdtemp(prefix="assay-backtest-"))
    atexit.register(shutil.rmtree, place, ignore_errors=True)
    told: list[Backtest] = []
    held_out = partial(read_file_assumptions, HELD_OUT)
    work = BacktestWork(partial(_desk, place / "log"), held_out, backtest_page, tell=told.append)
    with JobBox(place / "jobs.db", shell_clock) as box:
        job = asked_backtest(box, asked(), "quant")
        done = done_job(box, job, work)
        assert done.kind == KIND
        page, orders = box.part(done.job_id, REPORT), box.part(done.job_id, table_key("orders"))
    assert page is not None
    assert orders is not None
    result = msgspec.json.decode(done.result or b"", type=BacktestResult)
    return RanBacktest(place / "log", told[0], result, page.decode(), orders)


@contextmanager
def _desk(home: Path, _job_id: str) -> Iterator[Desk]:
    with desk_at(home, sample_bars()) as opened:
        yield opened.desk
