"""A backtest's log lies in a folder of its own, whatever the home holds."""

from __future__ import annotations

from pathlib import Path

from api.backtest_parts import HELD_OUT, backtest_home, backtest_work
from api.settings import Settings
from nodes.vocabulary.canonical import digest_text


def test_each_backtest_has_a_log_in_research_signed_at_its_end(tmp_path: Path) -> None:
    settings = Settings(home=tmp_path, origin="paper")
    work = backtest_work(settings)
    with work.desk("abc") as desk:
        assert desk.store.origin == "research/backtest-abc"
        assert desk.salt_key() is None
    home = backtest_home(settings, "abc")
    assert home == tmp_path / "backtests" / "abc"
    assert (home / "public" / "checkpoint").is_file()


def test_the_market_that_predictions_are_judged_in_ships() -> None:
    held_out = backtest_work(Settings()).held_out()
    assert held_out.name == "us-equities-backtest-held-out v1"
    assert digest_text(held_out.digest).startswith("sha256:")
    assert HELD_OUT.is_file()
