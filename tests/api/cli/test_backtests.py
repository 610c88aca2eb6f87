"""`assay backtest`: one command from assumptions to a tear sheet, tables and a log."""

from __future__ import annotations

from datetime import date
from io import StringIO
from pathlib import Path

import pytest
from msgspec import structs
from rich.console import Console

from adapters.log_folder import log_folder_to_read
from api.cli.backtests import asked_retraining, print_backtest
from api.cli.output import THEME
from api.use_cases.backtest_retraining import Trained
from nodes.vocabulary.errors import EdgeError
from tests.api.backtest_samples import ran_backtest
from tests.api.cli.invoking import answer, invoked, json_answer
from tests.dataflows.backtest.test_retraining import SHIPPED as RETRAINING
from tests.dataflows.backtest.test_retraining import retraining_text


@pytest.fixture(scope="module")
def said(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, str]:
    home = tmp_path_factory.mktemp("backtest") / "home"
    span = ("--from", "2005-02-10", "--to", "2005-02-25")
    change = ("--assume", "spread_frac=3")
    return home, answer("backtest", "run", *span, *change, "--no-study", "--home", str(home))


def test_a_run_says_what_it_came_to_and_what_the_change_costs(said: tuple[Path, str]) -> None:
    """Journey 2 of issue 6."""
    home, text = said
    assert text.startswith("us-equities v1 on us-equities-backtest v1, 11 sessions")
    assert "What spread_frac=3 costs" in text
    (folder,) = (home / "backtests").iterdir()
    names = {file.name for file in folder.iterdir()}
    assert {"tear-sheet.html", "sessions.parquet", "orders.csv", "positions.csv", "trips.csv", "result.json"} <= names
    assert (folder / "tear-sheet.html").read_text(encoding="utf-8").startswith("<!doctype html>")


def test_the_log_of_a_run_verifies(said: tuple[Path, str]) -> None:
    (folder,) = (said[0] / "backtests").iterdir()
    assert log_folder_to_read(folder).verification().is_intact


def test_a_table_can_be_had_again(said: tuple[Path, str]) -> None:
    table = answer("backtest", "table", "latest", "sessions", "--home", str(said[0]))
    assert table.splitlines()[0].startswith("session_on,equity_usd")
    assert len(table.splitlines()) == 12


def test_a_retraining_comes_with_the_study_that_it_names(tmp_path: Path) -> None:
    asked = asked_retraining(RETRAINING, None)
    assert (asked.file, asked.study_file) == ("v1.yaml", "v1.yaml")
    assert asked.study.startswith("policy: us-equities-research\nversion: 1\n")
    own = tmp_path / "own.yaml"
    own.write_text("policy: mine\n", encoding="utf-8")
    assert asked_retraining(RETRAINING, own).study == "policy: mine\n"
    lost = tmp_path / "lost.yaml"
    lost.write_text(retraining_text(study="nobodys v7"), encoding="utf-8")
    with pytest.raises(EdgeError, match="study 'nobodys v7' does not ship, only made-up-research v1, us-equities-res"):
        asked_retraining(lost, None)


def test_each_training_is_told_with_the_gates_word() -> None:
    day = date(2011, 12, 30)
    trained = (
        Trained(day, day, day, day, "m v1", "act", (), 9, "m v1"),
        Trained(day, day, day, day, "m v2", "deny", ("deflated Sharpe ratio is 0.352",), 18, "m v1"),
    )
    stream = StringIO()
    result = structs.replace(ran_backtest().result, retraining="yearly v1", trained=trained)
    print_backtest(Console(file=stream, theme=THEME, highlight=False, width=120), result, Path("x"))
    lines = [line.split() for line in stream.getvalue().splitlines()]
    assert ["Trained", "by", "yearly", "v1"] in lines
    assert ["2011-12-30", "2011-12-30", "v1", "act", "v1"] in lines
    assert ["2011-12-30", "2011-12-30", "v2", "deny", "v1", "deflated", "Sharpe", "ratio", "is", "0.352"] in lines


def test_settings_of_a_signal_are_swept_over_bars() -> None:
    span = ("--from", "2012-01-03", "--to", "2012-03-30")
    points = json_answer("backtest", "sweep", *span, "--vary", "n_selected=1,2", "--vary", "momentum_sessions=126")
    assert [point["setting"] for point in points] == [
        {"n_selected": 1, "momentum_sessions": 126},
        {"n_selected": 2, "momentum_sessions": 126},
    ]
    none = invoked("backtest", "sweep", "--vary", "n_selected=")
    assert "0 settings come of n_selected=" in none.stderr


def test_what_cannot_be_found_is_told_with_the_mend(said: tuple[Path, str], tmp_path: Path) -> None:
    lost = invoked("backtest", "table", "latest", "gaps", "--home", str(said[0]))
    assert lost.exit_code != 0
    assert "has no table 'gaps'" in lost.stderr
    none = invoked("backtest", "table", "latest", "orders", "--home", str(tmp_path))
    assert "no backtest was run here" in none.stderr
