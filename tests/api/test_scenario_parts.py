"""Scenarios meet the policy that is live, and a log that is kept is never written over."""

from __future__ import annotations

from pathlib import Path

import pytest

from adapters.lake.lake import bundled_lake
from api.bootstrap import open_desk
from api.scenario_parts import FolderBench, live_policy, named_scenario
from api.settings import SHIPPED_POLICY, Settings
from nodes.vocabulary.errors import EdgeError


def test_the_policy_that_the_log_runs_is_the_one_that_a_scenario_meets(tmp_path: Path) -> None:
    """SCN-01: the live policy, whatever the settings name now."""
    mine = tmp_path / "mine.yaml"
    mine.write_bytes(SHIPPED_POLICY.read_bytes().replace(b"max_order_shares: 5000", b"max_order_shares: 4000"))
    settings = Settings(home=tmp_path / "home")
    assert live_policy(settings) == (SHIPPED_POLICY.read_bytes(), str(SHIPPED_POLICY))
    with open_desk(settings, mine, bundled_lake()):
        pass
    assert live_policy(settings) == (mine.read_bytes(), "us-equities v1")
    assert live_policy(settings, SHIPPED_POLICY)[0] == SHIPPED_POLICY.read_bytes()


def test_a_kept_log_is_not_written_over(tmp_path: Path) -> None:
    (tmp_path / "kept").mkdir()
    (tmp_path / "kept" / "log.db").touch()
    bench = FolderBench(Settings(home=tmp_path / "home"), tmp_path / "kept")
    refused = pytest.raises(EdgeError, match="holds the log of an earlier run; name another folder")
    with refused, bench.desk(SHIPPED_POLICY.read_bytes(), bundled_lake(), is_kept=True):
        pass


def test_a_scenario_is_named_or_is_a_file(tmp_path: Path) -> None:
    file = tmp_path / "mine.yaml"
    text = (SHIPPED_POLICY.parents[1] / "scenarios" / "lehman-2008.yaml").read_text(encoding="utf-8")
    file.write_text(text.replace("scenario: lehman-2008", "scenario: mine"), encoding="utf-8")
    assert (named_scenario("lehman-2008").name, named_scenario(str(file)).name) == ("lehman-2008", "mine")
    with pytest.raises(EdgeError, match="is not known, only"):
        named_scenario("mine")
