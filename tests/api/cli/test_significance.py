"""`assay significance`: files in, a sentence and tables out, and the same as data for programs."""

from __future__ import annotations

from pathlib import Path

import msgspec
import numpy as np
import polars as pl
import pytest

from api.bootstrap import open_models
from api.settings import Settings
from api.use_cases.model_registration import trial_ledger
from api.use_cases.significance_panels import SpaAsked, spa
from tests.api.cli.invoking import answer, invoked, json_answer
from tests.api.luck import ASKED, NAMES, ROWS, SERIES
from tests.nodes.kernels.significance.panels import trap


@pytest.fixture
def panel(tmp_path: Path) -> str:
    """The panel of the examples, with a column of days."""
    place = tmp_path / "panel.csv"
    frame = pl.DataFrame({name: [row[at] for row in ROWS] for at, name in enumerate(NAMES)})
    frame.insert_column(0, pl.Series("day", [f"d{place}" for place in range(60)])).write_csv(place)
    return str(place)


def test_superior_ability_is_what_http_answers(panel: str) -> None:
    """SIG-01."""
    told = json_answer("significance", "spa", panel, "--resamples", "500", "--seed", "1")
    asked = spa(msgspec.convert(ASKED["spa"], SpaAsked))
    assert told == msgspec.to_builtins(asked) | {"strategies": [msgspec.to_builtins(each) for each in asked.strategies]}
    shown = answer("significance", "spa", panel, "--resamples", "500", "--seed", "1")
    assert shown.startswith(asked.verdict)
    assert ["name", "mean", "lead", "t", "statistic"] in [line.split() for line in shown.splitlines()]


def test_strategy_is_found_among_noisy_ones_in_a_parquet_file(tmp_path: Path) -> None:
    """SIG-01: the trap of studentisation."""
    file = tmp_path / "trap.parquet"
    pl.DataFrame(trap(), schema=[f"s{place}" for place in range(21)]).write_parquet(file)
    told = json_answer("significance", "step-m", str(file), "--resamples", "300", "--level", "0.01")
    assert told["superior"] == ["s0"]
    plain = json_answer("significance", "reality-check", str(file), "--resamples", "300")
    assert plain["p_value"] > 0.2


def test_column_of_the_file_can_be_the_benchmark(panel: str) -> None:
    told = json_answer("significance", "spa", panel, "--benchmark", "carry", "--resamples", "100")
    assert {each["name"] for each in told["strategies"]} == {"momentum", "value", "size"}


def test_overfitting_is_told(panel: str) -> None:
    """SIG-03."""
    assert json_answer("significance", "pbo", panel, "--blocks", "6")["n_splits"] == 20
    assert "splits the best of one half was no better" in answer("significance", "pbo", panel, "--metric", "mean")


def test_moments_and_returns_are_told_apart(panel: str) -> None:
    """SIG-02: the published examples."""
    moments = ("--sharpe", "2.5", "--n-periods", "1250", "--skewness", "-3", "--kurtosis-raw", "10")
    unit = ("--periods-per-year", "250", "--trials", "100", "--trial-variance", "0.5")
    assert json_answer("significance", "dsr", *moments, *unit)["dsr"] == pytest.approx(0.9004, abs=5e-5)
    assert json_answer("significance", "psr", "--returns", f"{panel}:carry")["n_periods"] == 60
    years = ("--sharpe", "2", "--skewness", "-0.72", "--kurtosis-excess", "2.78", "--periods-per-year", "12")
    told = json_answer("significance", "min-track-record", *years, "--benchmark-sharpe", "1")
    assert told["min_years"] == pytest.approx(4.99, abs=0.005)
    assert json_answer("significance", "min-backtest-length", "--trials", "45")["min_years"] == pytest.approx(
        5, abs=0.005
    )
    series = ",".join(str(value) for value in SERIES)
    assert json_answer("significance", "sharpe", series)["sharpe"] == pytest.approx(
        np.mean(SERIES) / np.std(SERIES, ddof=1)
    )


def test_many_tests_are_adjusted_for() -> None:
    p_values = ",".join(str(value) for value in ASKED["multiple-testing"]["p_values"])
    assert "1 by bonferroni" in answer("significance", "multiple-testing", p_values)
    common = ("--sharpe", "0.75", "--n-periods", "240", "--periods-per-year", "12")
    told = json_answer("significance", "haircut", *common, "--tests", "200", "--draws", "50")
    assert told["haircuts"][0]["haircut_frac"] == pytest.approx(0.6, abs=0.01)
    known = json_answer("significance", "haircut", *common, "--other-p-values", p_values)
    assert known["haircuts"][0]["haircut_frac"] < 0.6


def test_events_and_scores_are_read_from_files(panel: str, tmp_path: Path) -> None:
    """SIG-04."""
    happened = tmp_path / "events.csv"
    happened.write_text("session,share\n45,0\n50,1\n55,2\n", encoding="utf-8")
    windows = ("--estimation", "-40", "-6", "--window", "-1", "1", "--min-sessions", "20")
    told = json_answer("significance", "car", panel, "--market", "size", "--events", str(happened), *windows)
    assert told["n_events"] == 3
    faded = json_answer(
        "significance", "decay", panel, panel, "--horizons", "1", "--delays", "0,1", "--min-shares", "3"
    )
    assert len(faded["coefficients"]) == 3


def test_value_at_risk_is_counted_or_read() -> None:
    """GOV-05."""
    assert "yellow" in answer("significance", "exceedances", "--exceedances", "9", "--sessions", "250")
    returns = ",".join(["-0.03", *["0.001"] * 99])
    told = json_answer("significance", "exceedances", "--returns", returns, "--value-at-risk", "0.02")
    assert (told["n_exceedances"], told["n_sessions"]) == (1, 100)


def test_size_is_told_and_kept(tmp_path: Path) -> None:
    asked = ("--periods", "40", "--strategies", "2", "--resamples", "20", "--repetitions", "5")
    kept = ("--keep", str(tmp_path / "kept.jsonl"))
    shown = answer("significance", "size", *asked, *kept)
    assert "5 panels; of a test of exactly 0.05, 0 to 1 are expected." in shown
    assert json_answer("significance", "size", *asked, *kept)["n_panels"] == 5


@pytest.mark.parametrize(
    ("arguments", "exit_code", "said"),
    [
        (("pbo", "{panel}", "--blocks", "7"), 14, "multiple of 2"),
        (("psr", "--sharpe", "1"), 11, "kurtosis_raw"),
        (("spa", "{panel}", "--benchmark", "none"), 14, "cannot read none"),
        (("spa", "{panel}", "--sense", "up"), 2, "gain"),
    ],
)
def test_question_that_cannot_be_is_refused_with_its_mend(
    panel: str, arguments: tuple[str, ...], exit_code: int, said: str
) -> None:
    result = invoked("significance", *(each.format(panel=panel) for each in arguments))
    assert result.exit_code == exit_code
    assert said in result.output


def test_the_ledger_of_a_home_counts_the_trials(tmp_path: Path) -> None:
    """SIG-02: a count that is typed beside the ledger is refused, and so is a family that nobody knows."""
    home = tmp_path / "home"
    with open_models(Settings(home=home)) as desk:
        trial_ledger(desk, "momentum").all_recorded("study", [{"depth": depth} for depth in range(7)])
    said = ("--returns", "0.01,-0.005,0.02,0.0,0.01,0.003", "--trial-variance", "0.01", "--home", str(home))
    told = json_answer("significance", "dsr", *said, "--family", "momentum")
    assert (told["n_trials"], told["counted_by"]) == (7.0, "ledger of momentum")
    assert "leave one out" in invoked("significance", "dsr", *said, "--family", "momentum", "--trials", "2").stderr
    assert "is not known here, only momentum" in invoked("significance", "dsr", *said, "--family", "nobodys").stderr
