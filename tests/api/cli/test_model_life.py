"""Models without a person at every step, from the command line."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from api.use_cases.gates import SHIPPED
from tests.api.cli.invoking import answer, invoked, json_answer
from tests.api.use_cases.model_desks import desk_of, opened, promoted
from tests.api.use_cases.test_model_watch import SHIFTED, WELL
from tests.governance.model_examples import FAMILY


@pytest.fixture
def home(tmp_path: Path) -> str:
    """A home with a champion."""
    folder = opened(tmp_path / "home")
    promoted(desk_of(folder))
    folder.store.close()
    return str(tmp_path / "home")


def _file(folder: Path, content: object) -> str:
    target = folder / "figures.json"
    target.write_text(json.dumps(content), encoding="utf-8")
    return str(target)


def test_a_champion_is_watched_and_taken_back_by_its_figures(home: str, tmp_path: Path) -> None:
    options = ("--home", home)
    well = answer("model", "watch", FAMILY, "--figures", _file(tmp_path, WELL), *options)
    assert well.startswith("meta-label v1: champion, entry ")
    shifted = answer("model", "watch", FAMILY, "--figures", _file(tmp_path, SHIFTED), *options, exit_code=1)
    assert shifted.startswith("meta-label v1: retired, entry ")
    nobody = invoked("model", "watch", FAMILY, "--figures", _file(tmp_path, WELL), *options)
    assert "has no champion to watch" in " ".join(nobody.stderr.split())


def test_a_champion_of_which_the_lake_knows_nothing_yet_is_not_judged(home: str) -> None:
    refused = invoked("model", "watch", FAMILY, "--home", home)
    assert "meta-label v1 has no live session yet" in " ".join(refused.stderr.split())


@pytest.mark.parametrize("content", [[1], {"live_sessions": "many"}, {"live_sessions": True}])
def test_figures_that_are_no_numbers_are_refused(home: str, tmp_path: Path, content: object) -> None:
    refused = invoked("model", "watch", FAMILY, "--figures", _file(tmp_path, content), "--home", home)
    assert (refused.exit_code, "an object of numbers" in " ".join(refused.stderr.split())) == (11, True)


def test_the_gates_of_a_log_are_listed(home: str) -> None:
    found = {each["gate"]: each["policy"] for each in json_answer("model", "gates", "--home", home)}
    assert found["promotion"] == "promotion-us-equities v1"
    assert found["watch"] == "the shipped one, once it is asked"
    assert "shadow" in answer("model", "gates", "--home", home)


def test_a_gate_is_let_in_from_the_command_line(home: str) -> None:
    assert "watch-us-equities v1" in answer("model", "set-gate", str(SHIPPED["watch"]), "--home", home)


def test_a_text_that_is_no_cron_expression_is_refused_before_anything_is_trained(home: str) -> None:
    study = "policies/research/made-up/v1.yaml"
    refused = invoked("model", "retrain", study, "--cron", "daily", "--home", home)
    assert (refused.exit_code, "is no cron expression" in refused.stderr) == (14, True)


def test_error_rates_are_told_with_their_intervals() -> None:
    """INF-03: one repetition of each on small markets; the figure of the documentation has more."""
    small = ("--repetitions", "1", "--shares", "12", "--sessions", "600", "--edge", "0.2")
    found = json_answer("model", "error-rates", *small)
    assert (found["noise"]["n_found"], found["planted"]["n_found"]) == (0, 1)
    assert (found["noise"]["low_frac"], found["planted"]["high_frac"]) == (0.0, 1.0)
