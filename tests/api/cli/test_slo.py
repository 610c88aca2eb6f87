"""Error budgets from the command line."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from adapters.lake.lake import bundled_lake
from adapters.sql.slo_samples import SLO_SAMPLES, Counted, SloSamples
from tests.api.cli.invoking import answer, json_answer
from tests.api.use_cases.services import service_at
from tests.api.use_cases.test_slo_rules import FILE


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> str:
    folder = tmp_path_factory.mktemp("slo") / "home"
    with service_at(folder, bundled_lake()):
        pass
    now = datetime.now(UTC)
    with SloSamples(folder / SLO_SAMPLES) as samples:
        for number in range(3):
            at = now - timedelta(seconds=60 * (3 - number))
            samples.keep(at, [Counted("orders-answered", 100.0 * number, 10.0 * number)], now - timedelta(days=1))
    return str(folder)


def test_the_status_shows_every_objective_and_what_is_unknown(home: str) -> None:
    text = answer("slo", "status", "--home", home)
    (line,) = [each for each in text.splitlines() if each.strip().startswith("orders-answered")]
    assert "100.00" in line
    assert "unknown" in text
    found = {each["objective"]: each for each in json_answer("slo", "status", "--home", home)["objectives"]}
    assert found["orders-answered"]["windows"][0]["long_ratio"] == pytest.approx(100.0)
    assert found["log-readable"]["budget_left_frac"] is None


def test_the_rules_are_printed_as_prometheus_reads_them() -> None:
    assert answer("slo", "rules") == FILE.read_text(encoding="utf-8")


def test_a_home_that_is_none_is_said(tmp_path: Path) -> None:
    answer("slo", "status", "--home", str(tmp_path / "none"), exit_code=14)
