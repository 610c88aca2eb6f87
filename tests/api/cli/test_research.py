from __future__ import annotations

from pathlib import Path

import pytest

from api.cli.job_text import research_pairs
from api.use_cases.research_jobs import ResearchResult
from tests.api.cli.invoking import answer, invoked, json_answer
from tests.dataflows.research.small import small_policy


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A home in which a small study of the bundled bars was run."""
    place = tmp_path_factory.mktemp("research")
    policy = place / "small.yaml"
    policy.write_text(small_policy(sample_step_sessions="20"), encoding="utf-8")
    said = answer("research", "run", str(policy), "--home", str(place / "home"), "--workers", "1")
    (place / "said.txt").write_text(said, encoding="utf-8")
    return place


def test_a_study_ends_with_its_verdict_its_figures_and_its_report(home: Path) -> None:
    """Journey 1 of issue 5."""
    said = (home / "said.txt").read_text(encoding="utf-8")
    assert said.splitlines()[0] in {"This is luck", "Not distinguishable from luck"}
    assert "spa p frac" in said
    report = Path(said.split()[-1])
    assert report.read_text(encoding="utf-8").startswith("<!doctype html>")


def test_jobs_are_listed_with_how_far_they_are(home: Path) -> None:
    (job,) = json_answer("research", "jobs", "--home", str(home / "home"))
    assert (job["kind"], job["state"], job["what"]) == ("research", "done", "evidence")
    table = answer("research", "jobs", "--home", str(home / "home"))
    assert job["job_id"] in table


def test_the_report_of_a_job_can_be_had_again(home: Path) -> None:
    target = home / "again.html"
    answer("research", "report", "latest", "--output", str(target), "--home", str(home / "home"))
    assert target.read_bytes() == next((home / "home" / "research").glob("*.html")).read_bytes()


def test_a_job_that_is_done_cannot_be_cancelled(home: Path) -> None:
    result = invoked("research", "cancel", "latest", "--home", str(home / "home"))
    assert result.exit_code == 14
    assert "is done already" in result.stderr


def test_what_was_registered_is_a_candidate_that_the_gate_kept_out(home: Path) -> None:
    """GOV-01, INF-03."""
    models = answer("model", "list", "--home", str(home / "home"))
    assert "small-study" in models
    assert "candidate" in models


def test_a_home_without_jobs_says_so(tmp_path: Path) -> None:
    result = invoked("research", "report", "latest", "--home", str(tmp_path))
    assert result.exit_code == 14
    assert "no job was ever asked for here" in result.stderr


def test_a_policy_with_faults_is_told_with_its_lines(tmp_path: Path) -> None:
    policy = tmp_path / "wrong.yaml"
    policy.write_text(small_policy(n_folds="0", label="sign"), encoding="utf-8")
    result = invoked("research", "run", str(policy), "--home", str(tmp_path / "home"))
    assert result.exit_code == 10
    assert "wrong.yaml:" in result.stderr
    assert "n_folds was 0" in result.stderr


def test_the_table_of_the_demo_says_whether_the_model_is_traded() -> None:
    result = ResearchResult(
        "luck", "This is luck", "It is.", "small v1", "sha256:00", "deny", {"spa_p_frac": 0.5}, 9, 45
    )
    pairs = dict(research_pairs(result, Path("report.html")))
    assert pairs["verdict"] == "This is luck: SPA p-value 0.500, deflated Sharpe not known, overfitting not known"
    assert pairs["traded"] == "no: the gates keep it out"
    assert pairs["report"] == "report.html"
