"""Analyses over HTTP: asked for with 202, told by their own address."""

from __future__ import annotations

from pathlib import Path

from adapters.lake.lake import Lake
from tests.api.http.serving import paper_settings, problem_slug, served
from tests.api.research_samples import small_study

PATHS = ("/api/v1/features/analyze", "/api/v1/features/optimize", "/api/v1/models/evaluate")


def test_analyses_are_jobs_with_a_location_and_refused_where_they_cannot_be(tmp_path: Path, http_lake: Lake) -> None:
    """API-ANL-01, API-ANL-02, API-ANL-03, API-ANL-04."""
    body = {"policy": small_study(), "model": "linear", "settings": {"l2": 2.0}}
    with served(paper_settings(tmp_path / "home", accounts=("paper",)), http_lake) as home:
        for path in PATHS:
            asked = home.post(path, json=body)
            assert asked.status_code == 202, asked.text
            told = home.get(asked.headers["location"]).json()
            assert told.pop("job") == asked.json()
            assert set(told.values()) == {None}
        ranking = home.post("/api/v1/models/recommendation", json={"policy": small_study()})
        assert ranking.status_code == 202
        run = home.post("/api/v1/research/runs", json={"policy": small_study()}).json()
        other = home.get(f"/api/v1/analysis/{run['job_id']}")
        assert (other.status_code, problem_slug(other)) == (404, "not-found")
        refused = home.post(PATHS[0], json={**body, "model": "oracle"})
        assert refused.status_code == 400
        faulty = home.post(PATHS[2], json={**body, "policy": small_study(n_folds="0")})
        assert (faulty.status_code, problem_slug(faulty)) == (422, "policy-faults")
