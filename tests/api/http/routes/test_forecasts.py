"""Forecasts over HTTP."""

from __future__ import annotations

from pathlib import Path

from adapters.lake.lake import Lake
from tests.api.http.serving import paper_settings, problem_slug, served
from tests.api.sample_lake import AS_OF, LONG_SYMBOL


def test_a_forecast_is_answered_as_of_an_instant_and_is_refused_without_a_history(
    tmp_path: Path, http_lake: Lake, sample_lake: Path
) -> None:
    """API-ANL-05: quantiles by HTTP, from what was known."""
    with served(paper_settings(tmp_path / "home", accounts=("paper",), lake=sample_lake), http_lake) as desk:
        told = desk.get(f"/api/v1/forecasts/{LONG_SYMBOL}", params={"as_of": AS_OF}).json()
        refused = desk.get("/api/v1/forecasts/ACME", params={"as_of": AS_OF})
    assert told["as_of"] == AS_OF
    assert len(told["rows"]) == 15
    assert {row["model"] for row in told["rows"]} == {"volatility-scaled"}
    assert (refused.status_code, problem_slug(refused)) == (404, "not-known")
