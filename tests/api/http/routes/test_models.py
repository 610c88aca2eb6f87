"""Models over HTTP: read with their papers, proposed and approved under If-Match, rolled back at once."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import httpx
import pytest

from adapters.lake.lake import Lake
from api.settings import PolicyMode
from api.use_cases.model_desk import serving_desk
from tests.api.http.serving import Served, paper_settings, problem_slug, served
from tests.api.use_cases.model_desks import challenger
from tests.governance.model_examples import FAMILY

PLACE = f"/api/v1/models/{FAMILY}"
WHY = {"because": "it was tested"}


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory, http_lake: Lake) -> Iterator[Served]:
    """A served log in which version 1 is champion after two persons said so, and version 2 waits to be proposed."""
    settings = paper_settings(tmp_path_factory.mktemp("models") / "home", policy_mode=PolicyMode.APPROVED)
    with served(settings, http_lake) as found:
        desk = serving_desk(found.service)
        for number in (1, 2):
            challenger(desk, number)
        assert _changed(found, "versions/1/promotion").status_code == 202
        assert _changed(found, "versions/1/approval", principal="bob").json()["state"] == "champion"
        yield found


def _tag(home: Served) -> str:
    return str(home.get(PLACE).headers["etag"])


def _changed(
    home: Served, path: str, body: Mapping[str, Any] | None = None, principal: str = "ada", tag: str | None = None
) -> httpx.Response:
    said = home.headers(principal=principal) | {"If-Match": tag or _tag(home)}
    return home.client.post(f"{PLACE}/{path}", json=body or WHY, headers=said)


def test_a_version_is_read_with_its_figures_and_the_digests_behind_it(home: Served) -> None:
    found = home.get(f"{PLACE}/versions/1").json()
    assert (found["stage"], found["n_trials"], found["evidence"]["dsr_frac"]) == ("champion", 3, 0.97)
    assert all(found[f"{name}_digest"].startswith("sha256:") for name in ("data", "code", "policy", "trials", "model"))
    listed = home.get("/api/v1/models").json()["families"]
    assert [(each["family"], each["champion"], len(each["versions"])) for each in listed] == [(FAMILY, 1, 2)]


def test_the_ledger_is_read_in_pages(home: Served) -> None:
    first = home.get(f"{PLACE}/trials?limit=2").json()
    rest = home.get(f"{PLACE}/trials?after={first['next_after']}").json()
    assert [each["number"] for each in (*first["trials"], *rest["trials"])] == [1, 2, 3]
    assert rest["next_after"] is None


def test_card_memo_and_history_are_papers_of_the_registry(home: Served) -> None:
    """GOV-01, GOV-02."""
    card = home.get(f"{PLACE}/versions/1/card").json()
    assert "| dsr_frac | 0.97 |" in card["markdown"]
    assert card["html"].startswith("<!doctype html>")
    assert "— paper " in home.get(f"{PLACE}/versions/1/memo").json()["note"]
    kinds = [each["kind"] for each in home.get(f"{PLACE}/versions/1/history").json()["events"]]
    assert kinds == ["model", "model-stage", "model-stage", "gate", "promotion-proposal", "gate", "promotion"]


def test_a_change_names_the_champion_that_it_was_made_for(home: Served) -> None:
    without = home.post(f"{PLACE}/versions/2/promotion", json=WHY)
    assert (without.status_code, problem_slug(without)) == (428, "missing-condition")
    stale = _changed(home, "versions/2/promotion", tag='"none"')
    assert (stale.status_code, problem_slug(stale)) == (412, "stale-condition")


def test_who_proposed_cannot_approve_and_a_rollback_takes_one_person(home: Served) -> None:
    """ENG-12, INF-04."""
    assert _changed(home, "versions/2/promotion").headers["location"] == f"{PLACE}/versions/2"
    alone = _changed(home, "versions/2/approval")
    assert (alone.status_code, problem_slug(alone)) == (403, "self-approval")
    assert _changed(home, "versions/2/approval", principal="bob").json()["champion"] == 2
    back = _changed(home, "rollback", {"version": 1, "because": "it trades on bad data"}, principal="oncall")
    assert (back.status_code, back.json()["champion"]) == (200, 1)
    assert home.get(f"{PLACE}/versions/2").json()["stage"] == "retired"


def test_a_version_that_is_kept_out_is_told_why_and_is_no_error(home: Served) -> None:
    row = challenger(serving_desk(home.service), 3, {"pbo_frac": 0.6})
    found = _changed(home, f"versions/{row.version}/promotion")
    assert (found.status_code, found.json()["state"]) == (200, "denied")
    assert "probability of backtest overfitting" in found.json()["reasons"][0]
    withdrawn = _changed(home, f"versions/{row.version}/withdrawal")
    assert problem_slug(withdrawn) == "not-found"


def test_a_stage_that_cannot_be_is_refused(home: Served) -> None:
    row = challenger(serving_desk(home.service), 4)
    assert _changed(home, f"versions/{row.version}/stage", {"stage": "shadow", **WHY}).json()["state"] == "shadow"
    again = _changed(home, f"versions/{row.version}/stage", {"stage": "shadow", **WHY})
    assert (again.status_code, problem_slug(again)) == (409, "wrong-stage")


@pytest.mark.parametrize("path", ["nobody", "nobody/trials", f"{FAMILY}/versions/99", f"{FAMILY}/versions/99/card"])
def test_what_is_not_registered_is_not_found(home: Served, path: str) -> None:
    assert problem_slug(home.get(f"/api/v1/models/{path}")) == "not-found"


def test_reading_models_does_not_let_change_them(home: Served) -> None:
    headers = home.headers("audit:read") | {"If-Match": _tag(home)}
    refused = home.client.post(f"{PLACE}/versions/2/promotion", json=WHY, headers=headers)
    assert (refused.status_code, problem_slug(refused)) == (403, "forbidden")


def test_the_deflated_sharpe_ratio_reads_its_trials_from_the_ledger(home: Served) -> None:
    """SIG-02: over HTTP the count is the registry's."""
    record = {"returns": [0.01, -0.005, 0.02, 0.0, 0.01, 0.003], "trial_sharpe_variance": 0.01}
    told = home.post("/api/v1/significance/dsr", json={**record, "family": FAMILY}).json()
    assert (told["n_trials"], told["counted_by"]) == (3.0, f"ledger of {FAMILY}")
    unknown = home.post("/api/v1/significance/dsr", json={**record, "family": "nobodys"})
    assert (unknown.status_code, problem_slug(unknown)) == (404, "not-found")


def test_a_version_that_scored_nothing_in_the_shadow_has_no_sessions(home: Served) -> None:
    assert home.get(f"{PLACE}/versions/2/shadow").json() == {"sessions": []}
    missing = home.get(f"{PLACE}/versions/99/shadow")
    assert (missing.status_code, problem_slug(missing)) == (404, "not-found")


def test_a_family_without_a_rollback_has_no_postmortem(home: Served) -> None:
    response = home.get("/api/v1/models/nobodys/postmortem")
    assert (response.status_code, problem_slug(response)) == (404, "not-found")
