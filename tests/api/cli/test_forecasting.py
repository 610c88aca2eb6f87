"""`assay model forecast`."""

from __future__ import annotations

from pathlib import Path

from tests.api.cli.invoking import answer, invoked, json_answer
from tests.api.sample_lake import AS_OF, LONG_SYMBOL


def test_a_forecast_is_told_with_its_evidence_in_words(sample_lake: Path) -> None:
    """API-ANL-05, SVC-ANL-04."""
    told = answer("model", "forecast", LONG_SYMBOL, "--lake", str(sample_lake), "--as-of", AS_OF)
    assert "RIVER after 2020-06-05" in told
    assert "the 90 % interval held" in " ".join(told.split())
    assert "seasonal" in told


def test_a_forecast_is_told_to_programs(sample_lake: Path) -> None:
    found = json_answer("model", "forecast", LONG_SYMBOL, "--lake", str(sample_lake), "--as-of", AS_OF, "--json")
    assert [row["horizon"] for row in found["rows"]] == ["1d"] * 5 + ["5d"] * 5 + ["21d"] * 5
    assert found["compared"] == []


def test_a_share_without_a_history_is_refused_with_the_mend(sample_lake: Path) -> None:
    ended = invoked("model", "forecast", "ACME", "--lake", str(sample_lake), "--as-of", AS_OF)
    assert ended.exit_code == 11
    assert "ask for a longer history" in " ".join(ended.output.split())
