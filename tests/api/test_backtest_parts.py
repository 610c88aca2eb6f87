"""A backtest's log lies in a folder of its own, whatever the home holds."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from types import SimpleNamespace
from typing import cast

import pytest

from adapters.sql.jobs import JobBox
from api.backtest_parts import HELD_OUT, MemberUniverse, backtest_home, backtest_work, halted_sessions, member_universe
from api.bootstrap import shell_clock
from api.settings import Settings
from api.use_cases.backtest_jobs import KIND
from api.use_cases.jobs import JobDesk
from nodes.vocabulary.canonical import digest_text
from nodes.vocabulary.errors import EdgeError


def test_each_backtest_has_a_log_in_research_signed_at_its_end(tmp_path: Path) -> None:
    settings = Settings(home=tmp_path, origin="paper")
    work = backtest_work(settings)
    with work.desk("abc") as desk:
        assert desk.store.origin == "research/backtest-abc"
        assert desk.salt_key() is None
    home = backtest_home(settings, "abc")
    assert home == tmp_path / "backtests" / "abc"
    assert (home / "public" / "checkpoint").is_file()


def test_a_model_is_trained_in_the_backtests_own_log_by_its_own_key(tmp_path: Path) -> None:
    """INF-03: clockwork promotes there and nowhere else, and the memo is signed by the run's key."""
    work = backtest_work(Settings(home=tmp_path, origin="paper"))
    assert work.ground is not None
    with JobBox(tmp_path / "jobs.db", shell_clock) as box, work.desk(box.asked(KIND, b"", "quant").job_id) as desk:
        found = work.ground(desk, cast("JobDesk", SimpleNamespace(job=box.newest(1)[0])))
        assert found.models.store is desk.store
        assert found.models.gate("promotion").name == "promotion-us-equities v1"
        assert found.models.signed("memo\n").startswith(b"memo\n")
        assert found.models.is_direct
        bars = found.known(date(2012, 1, 3))
        assert (bars.session_on, bars.panel.height) == (desk.lake.last_on, desk.lake.panel.height)


def test_the_universe_is_who_was_a_member_then(sample_lake: Path) -> None:
    """Survivorship: membership is asked as it was known at the first close."""
    found = member_universe(Settings(lake=sample_lake), "sp500", date(2020, 6, 4))
    assert found == MemberUniverse(("ACME",), ())
    with pytest.raises(EdgeError, match="has 0 members on 2014-01-02, none with bars in the lake"):
        member_universe(Settings(lake=sample_lake), "sp500", date(2014, 1, 2))


def test_sessions_of_a_halt_that_was_not_over_by_their_close_trade_nothing(sample_lake: Path) -> None:
    """The sample's halt of 2020-06-05 at 17:00 has no end: that session began before it, every later one is halted."""
    found = halted_sessions(Settings(lake=sample_lake, universe=("ACME",)))
    assert ("ACME", date(2020, 6, 5)) not in found
    assert {("ACME", date(2020, 6, 8)), ("ACME", date(2020, 6, 9))} <= found
    assert halted_sessions(Settings(lake=sample_lake, universe=("RIVER",))) == frozenset()
    assert halted_sessions(Settings()) == frozenset()


def test_the_market_that_predictions_are_judged_in_ships() -> None:
    held_out = backtest_work(Settings()).held_out()
    assert held_out.name == "us-equities-backtest-held-out v1"
    assert digest_text(held_out.digest).startswith("sha256:")
    assert HELD_OUT.is_file()
