"""Impacts joined with the world: what shares returned later, and the book simulated again."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest

from adapters.lake.lake import Lake, bundled_lake
from adapters.sql.jobs import JOBS, JobBox
from api.bootstrap import shell_clock
from api.impact_parts import impact_work, later_returns
from api.settings import Settings
from api.use_cases.impact_jobs import ImpactAsked, asked_impact, kept_impact
from api.use_cases.impact_views import ImpactPath, impact_view
from api.use_cases.jobs import done_job
from tests.api.use_cases.homes import POLICY, home_settings, run_home

LAST_ON = date(2005, 2, 16)


@pytest.fixture(scope="module")
def lake() -> Lake:
    return bundled_lake()


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory, lake: Lake) -> Iterator[Path]:
    made = run_home(tmp_path_factory.mktemp("impact") / "home", lake, LAST_ON)
    yield made
    shutil.rmtree(made)


def test_a_later_return_is_that_of_the_sessions_that_followed() -> None:
    """ENG-06: an estimate from total returns, unknown where a bar is missing or the data end."""
    later = later_returns(Settings(), 1)
    lake = bundled_lake()
    before, after = (lake.bars_on(day)["IBM"] for day in (date(2005, 2, 10), date(2005, 2, 11)))
    expected = after["close_usd"] * after["adjustment_ratio"] / before["close_usd"] - 1.0
    assert float(later("IBM", date(2005, 2, 10)) or 0) == pytest.approx(expected, abs=1e-8)
    assert later("IBM", lake.last_on) is None
    assert later("NONE", date(2005, 2, 10)) is None
    assert later("IBM", date(2005, 2, 12)) is None
    assert later("FB", date(2005, 2, 10)) is None


def _path(home: Path, text: str) -> ImpactPath:
    with JobBox(home / JOBS, shell_clock) as box:
        job = asked_impact(box, ImpactAsked(text, has_path=True), "officer")
        done = done_job(box, job, impact_work(home_settings(home), 1))
        found = impact_view(kept_impact(box, done.job_id)).path
    assert found is not None
    return found


def test_the_book_again_under_the_policy_itself_is_the_recorded_one(home: Path) -> None:
    """ENG-06: --path runs every session again, in a log of its own."""
    same = _path(home, POLICY.read_text(encoding="utf-8"))
    assert (same.parted_on, same.equity_usd, same.verdicts) == (None, same.equity_before_usd, same.verdicts_before)
    assert (same.first_on, same.last_on) == (date(2005, 2, 10), LAST_ON)


def test_the_book_parts_where_a_candidate_trades_otherwise(home: Path) -> None:
    text = POLICY.read_text(encoding="utf-8").replace("max_order_shares: 5000", "max_order_shares: 100")
    found = _path(home, text)
    assert found.parted_on == date(2005, 2, 11)
    assert found.equity_usd != found.equity_before_usd
    assert isinstance(found.equities[0].simulated_usd, Decimal)
