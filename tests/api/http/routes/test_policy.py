"""Policies by HTTP: API-SIG-08 and SGN-09, each test on a home of its own so that versions do not meet."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import httpx
import pytest
from litestar.testing import TestClient

from adapters.lake.lake import Lake
from api.bootstrap import http_parts, open_service, token_keys
from api.http.app import app
from api.use_cases.activation import ActivationRequest, appended_activation
from api.use_cases.market import opened_market
from api.use_cases.policies import compiled_text
from api.use_cases.reloads import Reloads
from tests.api.http.serving import Served, paper_settings, problem_slug

CANDIDATES = "/internal/policy/candidates"


@pytest.fixture
def direct(tmp_path: Path, http_lake: Lake) -> Iterator[Served]:
    yield from _home(tmp_path, http_lake, is_approved_mode=False)


@pytest.fixture
def approved(tmp_path: Path, http_lake: Lake) -> Iterator[Served]:
    yield from _home(tmp_path, http_lake, is_approved_mode=True)


def _home(folder: Path, lake: Lake, *, is_approved_mode: bool) -> Iterator[Served]:
    settings = paper_settings(folder / "home", accounts=("paper",))
    with open_service(settings, lake) as opened:
        service = replace(opened, reloads=Reloads(is_approved_mode=is_approved_mode))
        opened_market(service, "assay")
        token_keys(settings).rotated()
        parts = http_parts(service, settings)
        with TestClient(app(parts), raise_server_exceptions=False) as client:
            yield Served(settings, service, parts, client.app, client)


def _etag(home: Served) -> str:
    return str(home.get("/internal/policy").headers["etag"])


def _active(home: Served) -> str:
    return str(home.get("/internal/policy").json()["active"]["policy_digest"])


def _second(home: Served, **changes: str) -> dict[str, str]:
    """Version 2 of the shipped policy with a tighter limit, as JSON."""
    text = home.settings.policy.read_text(encoding="utf-8")
    cases = home.settings.policy.with_name("v1.cases.yaml").read_text(encoding="utf-8")
    active = _active(home)
    swaps = {
        "version: 1": "version: 2",
        "supersedes: null": f"supersedes: {active}",
        "effective_from: 2020-01-01T00:00:00Z": "effective_from: 2096-01-01T00:00:00Z",
        **changes,
    }
    for old, new in swaps.items():
        assert old in text
        text = text.replace(old, new)
    return {"text": text, "cases": cases, "file": "v2.yaml"}


def _handed_in(home: Served, body: dict[str, str], if_match: str | None = None) -> httpx.Response:
    return home.post(CANDIDATES, json=body, headers={"If-Match": if_match or _etag(home)})


def test_the_status_names_what_runs_and_its_tag(direct: Served) -> None:
    response = direct.get("/internal/policy")
    told = response.json()
    assert (told["mode"], told["active"]["policy"], told["is_ready"]) == ("direct", "us-equities v1", True)
    assert response.headers["etag"] == f'"{told["active"]["policy_digest"]}-{told["active"]["sequence"]}"'


def test_a_change_without_a_condition_is_refused(direct: Served) -> None:
    response = direct.post(CANDIDATES, json=_second(direct))
    assert (response.status_code, problem_slug(response)) == (428, "missing-condition")
    assert response.headers["etag"] == _etag(direct)


@pytest.mark.parametrize("if_match", ['"sha256:00"', "*", "W/", ""])
def test_a_change_for_another_state_is_refused(direct: Served, if_match: str) -> None:
    response = direct.post(CANDIDATES, json=_second(direct), headers={"If-Match": if_match})
    assert (response.status_code, problem_slug(response)) == (412, "stale-condition")


def test_a_sound_candidate_is_taken_up_with_its_differences(direct: Served) -> None:
    """API-SIG-08: If-Match; returns diff and new version. This one is effective later, so it waits for its instant."""
    response = _handed_in(direct, _second(direct))
    told = response.json()
    assert (response.status_code, told["state"]) == (202, "scheduled")
    assert {change["part"] for change in told["changes"]} >= {"effective_from"}
    assert direct.get("/internal/policy").json()["proposals"][0]["state"] == "scheduled"


def test_the_same_candidate_twice_is_taken_up_once(direct: Served) -> None:
    first, second = _handed_in(direct, _second(direct)).json(), _handed_in(direct, _second(direct)).json()
    assert (first["sequence"], first["state"]) == (second["sequence"], second["state"])


def test_a_candidate_comes_as_a_form_too(direct: Served) -> None:
    body = _second(direct)
    files = {"policy": ("v2.yaml", body["text"].encode()), "cases": ("v2.cases.yaml", body["cases"].encode())}
    response = direct.post(CANDIDATES, files=files, headers={"If-Match": _etag(direct)})
    assert (response.status_code, response.json()["state"], response.json()["file"]) == (202, "scheduled", "v2.yaml")


def test_a_faulty_candidate_changes_nothing_and_every_fault_is_told(direct: Served) -> None:
    """SGN-09: a bad policy is refused; the last good one serves on, and the fault is visible."""
    before = _etag(direct)
    response = _handed_in(direct, _second(direct, **{"owner: ": "owner_of_it: "}))
    assert (response.status_code, problem_slug(response)) == (422, "policy-faults")
    assert all(fault["mend"] for fault in response.json()["faults"])
    assert _etag(direct) == before
    assert direct.get("/internal/policy").json()["refusals"][0]["principal"] == "trader"
    assert direct.ordered().json()["decision"]["policy_digest"] == _active(direct)


def test_a_candidate_without_cases_is_refused(direct: Served) -> None:
    body = _second(direct)
    del body["cases"]
    response = _handed_in(direct, body)
    assert (response.status_code, problem_slug(response)) == (422, "policy-faults")
    assert "cases" in response.json()["detail"]


@pytest.mark.parametrize(
    ("headers", "content", "slug"),
    [
        ({"Content-Type": "text/plain"}, b"policy: x", "unsupported-media-type"),
        ({"Content-Type": "application/json"}, b'{"text": ""}', "bad-request"),
        ({"Content-Type": "application/json"}, b'{"text": "x", "file": "../../etc/passwd"}', "bad-request"),
        ({"Content-Type": "multipart/form-data; boundary=b"}, b"--b--\r\n", "bad-request"),
        ({"Content-Type": "multipart/form-data"}, b"", "bad-request"),
    ],
)
def test_a_body_that_is_no_candidate_is_refused(
    direct: Served, headers: dict[str, str], content: bytes, slug: str
) -> None:
    response = direct.post(CANDIDATES, content=content, headers={"If-Match": _etag(direct), **headers})
    assert problem_slug(response) == slug


def test_nobody_approves_what_they_proposed_and_a_second_person_does(approved: Served) -> None:
    response = _handed_in(approved, _second(approved))
    assert (response.status_code, response.json()["state"]) == (202, "proposed")
    place = approved.get("/internal/policy").json()["proposals"][0]["links"]["approve"]
    alone = approved.post(place, headers={"If-Match": _etag(approved)})
    assert (alone.status_code, problem_slug(alone)) == (403, "self-approval")
    other = approved.headers("policy:approve", principal="second person") | {"If-Match": _etag(approved)}
    assert approved.client.post(place, headers=other).json()["state"] == "scheduled"


def test_a_proposal_is_withdrawn_for_a_reason(approved: Served) -> None:
    _handed_in(approved, _second(approved))
    place = approved.get("/internal/policy").json()["proposals"][0]["links"]["withdraw"]
    state, because = {"If-Match": _etag(approved)}, {"because": "second thoughts"}
    assert problem_slug(approved.post(place, json={}, headers=state)) == "bad-request"
    assert problem_slug(approved.post(place, json=because)) == "missing-condition"
    assert approved.post(place, json=because, headers=state).json()["state"] == "withdrawn"
    assert approved.get("/internal/policy").json()["proposals"] == []
    again = {"If-Match": _etag(approved)}
    assert problem_slug(approved.post(place, json=because, headers=again)) == "not-found"


def test_the_slower_of_two_officers_is_told_who_was_faster_and_what_changed(direct: Served) -> None:
    """ENG-12: 412 says who, when and what, so that nobody overwrites what he has not seen."""
    seen, mine = _etag(direct), _second(direct)
    now = {"2096-01-01T00:00:00Z": "2020-01-01T00:00:01Z", "max_gap_frac: 0.06": "max_gap_frac: 0.05"}
    faster = compiled_text(_second(direct, **now)["text"].encode(), "v2.yaml")
    request = ActivationRequest(faster, "ann", direct.service.environment, direct.service.clock())
    with direct.service.store.transaction() as transaction:
        supersedes = direct.service.generations.current.generation.policy_digest
        appended_activation(transaction, direct.service.store.origin, request, supersedes)
    response = _handed_in(direct, mine, seen)
    told = response.json()
    assert (response.status_code, problem_slug(response)) == (412, "stale-condition")
    assert "ann activated us-equities v2 at " in told["detail"]
    assert "max_gap_frac 0.06 -> 0.05" in told["detail"]
    assert [(each["principal"], each["policy"], each["stage"]) for each in told["since"]] == [
        ("ann", "us-equities v2", "active")
    ]
    assert "max_gap_frac" in {change["part"] for change in told["changes"]}


def test_what_waits_is_part_of_the_state_that_a_change_names(approved: Served) -> None:
    """ENG-12: nobody approves an instant, or a report, that came in the place of the one that was read."""
    seen, body = _etag(approved), _second(approved)
    _handed_in(approved, body, seen)
    read, place = _etag(approved), approved.get("/internal/policy").json()["proposals"][0]["links"]["approve"]
    later = body | {"effective_from": "2097-01-01T00:00:00Z"}
    assert _handed_in(approved, later, read).json()["state"] == "proposed"
    other = approved.headers("policy:approve", principal="second person")
    stale = approved.client.post(place, headers=other | {"If-Match": read})
    told = stale.json()
    assert (stale.status_code, told["since"][0]["stage"], told["changes"]) == (412, "proposed", [])
    assert "trader proposed us-equities v2 at " in told["detail"]
    assert approved.client.post(place, headers=other | {"If-Match": _etag(approved)}).status_code == 202


def test_going_back_to_what_was_never_active_is_refused(direct: Served) -> None:
    body = {"policy_digest": f"sha256:{'0' * 64}", "because": "drill"}
    response = direct.post("/internal/policy/rollback", json=body, headers={"If-Match": _etag(direct)})
    assert (response.status_code, problem_slug(response)) == (404, "not-found")


def test_going_back_to_what_runs_is_nothing(direct: Served) -> None:
    body = {"policy_digest": _active(direct), "because": "drill"}
    response = direct.post("/internal/policy/rollback", json=body, headers={"If-Match": _etag(direct)})
    assert (response.status_code, response.json()["state"]) == (200, "unchanged")


def test_the_text_of_a_version_is_the_archived_one(direct: Served) -> None:
    (version,) = direct.get("/internal/policy/versions").json()["versions"]
    response = direct.get(version["links"]["text"])
    assert response.json()["text"] == direct.settings.policy.read_text(encoding="utf-8")
    assert response.json()["cases"] == direct.settings.policy.with_name("v1.cases.yaml").read_text(encoding="utf-8")
    known = direct.get(version["links"]["text"], headers={"If-None-Match": response.headers["etag"]})
    assert known.status_code == 304
    assert problem_slug(direct.get(f"/internal/policy/versions/{'0' * 64}")) == "not-found"
    assert problem_slug(direct.get("/internal/policy/versions/none")) == "bad-request"


def test_each_word_about_policies_needs_its_scope(direct: Served) -> None:
    """SEC-17: who may propose may not approve."""
    proposer = direct.headers("policy:propose") | {"If-Match": _etag(direct)}
    place = f"/internal/policy/proposals/{'0' * 64}/approve"
    assert problem_slug(direct.client.post(place, headers=proposer)) == "forbidden"
    approver = direct.headers("policy:approve") | {"If-Match": _etag(direct)}
    assert problem_slug(direct.client.post(CANDIDATES, json=_second(direct), headers=approver)) == "forbidden"
