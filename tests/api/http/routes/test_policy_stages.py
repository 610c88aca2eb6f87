"""Stages of policies by HTTP (ENG-11, ENG-12), on a home of their own whose texts are tried in this process."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import httpx
import pytest
from litestar.testing import TestClient

from adapters.lake.lake import Lake
from api.bootstrap import http_parts, open_service, token_keys
from api.http.app import app
from api.use_cases.market import opened_market
from api.use_cases.reloads import Reloads
from tests.api.http.serving import Served, paper_settings, problem_slug
from tests.api.use_cases.policy_stage_calls import TIGHT, tried_without_cases

STAGES, SHADOWS, CANARIES = (f"/internal/policy/{name}" for name in ("stages", "shadows", "canaries"))


@pytest.fixture(scope="module")
def own(tmp_path_factory: pytest.TempPathFactory, http_lake: Lake) -> Iterator[Served]:
    settings = paper_settings(tmp_path_factory.mktemp("stages") / "home", accounts=("paper",))
    with open_service(settings, http_lake) as opened:
        service = replace(opened, reloads=Reloads(tried=tried_without_cases))
        opened_market(service, "assay")
        token_keys(settings).rotated()
        parts = http_parts(service, settings)
        with TestClient(app(parts), raise_server_exceptions=False) as client:
            yield Served(settings, service, parts, client.app, client)


def state(home: Served) -> dict[str, str]:
    return {"If-Match": str(home.get("/internal/policy").headers["etag"])}


def candidate(home: Served) -> dict[str, str]:
    active = home.get("/internal/policy").json()["active"]["policy_digest"]
    text = home.settings.policy.read_text(encoding="utf-8")
    now = ("effective_from: 2020-01-01T00:00:00Z", "effective_from: 2096-01-01T00:00:00Z")
    for old, new in (("version: 1", "version: 2"), ("supersedes: null", f"supersedes: {active}"), TIGHT, now):
        assert old in text
        text = text.replace(old, new)
    return {"text": text, "cases": "cases: []", "file": "v2.yaml", "because": "to see"}


@pytest.fixture(scope="module")
def shadowed(own: Served) -> str:
    """A version in the shadow, and an order since."""
    told = own.post(SHADOWS, json=candidate(own), headers=state(own)).json()
    assert told["state"] == "shadow", told
    assert own.ordered(qty="10").json()["decision"]["verdict"] == "pass"
    return str(told["policy_digest"])


def version(home: Served, policy_digest: str) -> dict[str, object]:
    found: list[dict[str, object]] = home.get(STAGES).json()["versions"]
    return next(each for each in found if each["policy_digest"] == policy_digest)


def test_a_version_in_the_shadow_tells_what_it_would_have_done(own: Served, shadowed: str) -> None:
    found = version(own, shadowed)
    shadow = found["shadow"]
    assert isinstance(shadow, dict)
    assert (found["stage"], shadow["n_compared"], shadow["n_diverged"]) == ("shadow", 1, 1)
    assert shadow["flips"] == {"pass>clip": 1}
    (row,) = own.get(f"{STAGES}/{shadowed}/divergences").json()["divergences"]
    assert (row["symbol"], row["live_order_shares"], row["order_shares"]) == ("AAPL", 10, 5)
    assert row["rules_added"] == ["notional"]
    assert own.get(row["links"]["decision"]).status_code == 200
    assert own.get(f"{STAGES}/{shadowed}/divergences?symbol=IBM").json() == {"divergences": [], "next_cursor": None}


def test_the_text_of_a_version_in_the_shadow_can_be_read(own: Served, shadowed: str) -> None:
    told = own.get(f"/internal/policy/versions/{shadowed}").json()
    assert (told["is_active"], told["cases"]) == (False, "cases: []")
    assert "version: 2" in told["text"]


def test_pages_of_divergences_follow_each_other(own: Served, shadowed: str) -> None:
    first = own.get(f"{STAGES}/{shadowed}/divergences?limit=1").json()
    assert first["next_cursor"]
    second = own.get(f"{STAGES}/{shadowed}/divergences?limit=1&cursor={first['next_cursor']}").json()
    assert second == {"divergences": [], "next_cursor": None}


def test_a_canary_that_is_not_effective_yet_is_refused_in_words(own: Served, shadowed: str) -> None:
    body = {"policy_digest": shadowed, "symbols": ["IBM"], "because": "calm"}
    response = own.post(CANARIES, json=body, headers=state(own))
    assert (response.status_code, problem_slug(response)) == (422, "policy-faults")
    assert "begin the canary then" in response.json()["detail"]


def test_each_change_needs_its_condition_and_its_scope(own: Served, shadowed: str) -> None:
    """SEC-17: who may propose puts into the shadow, and only who may approve lets decide."""
    bodies = {
        SHADOWS: candidate(own),
        CANARIES: {"policy_digest": shadowed, "symbols": ["IBM"], "because": "calm"},
        f"{STAGES}/{shadowed}/end": {"because": "seen enough"},
    }
    for path, body in bodies.items():
        assert problem_slug(own.post(path, json=body)) == "missing-condition"
        stale = own.post(path, json=body, headers={"If-Match": f'"sha256:{"0" * 64}"'})
        assert problem_slug(stale) == "stale-condition"
    proposer = own.headers("policy:propose") | state(own)
    assert problem_slug(own.client.post(CANARIES, json=bodies[CANARIES], headers=proposer)) == "forbidden"
    reader = own.headers("plan:read") | state(own)
    assert problem_slug(own.client.post(SHADOWS, json=bodies[SHADOWS], headers=reader)) == "forbidden"
    of_one = own.headers("audit:read", accounts=("paper",))
    assert problem_slug(own.client.get(f"{STAGES}/{shadowed}/divergences", headers=of_one)) == "forbidden"


@pytest.mark.parametrize(
    "body",
    [
        {"policy_digest": "sha256:00", "because": "x"},
        {"policy_digest": "0" * 64, "because": ""},
        {"policy_digest": "0" * 64, "because": "x", "share_frac": 1},
        {"policy_digest": "0" * 64, "because": "x", "share_frac": -0.1},
        {"policy_digest": "0" * 64, "because": "x", "symbols": [""]},
        {"policy_digest": "0" * 64, "because": "x", "more": 1},
    ],
)
def test_a_canary_that_is_none_is_refused(own: Served, body: dict[str, object]) -> None:
    assert problem_slug(own.post(CANARIES, json=body, headers=state(own))) == "bad-request"


def test_what_is_not_in_the_shadow_is_not_found(own: Served) -> None:
    place, because = f"{STAGES}/{'0' * 64}", {"because": "x"}
    answers: list[httpx.Response] = [
        own.get(f"{place}/divergences"),
        own.post(f"{place}/end", json=because, headers=state(own)),
        own.post(CANARIES, json={"policy_digest": "0" * 64, "symbols": ["IBM"], **because}, headers=state(own)),
    ]
    assert {problem_slug(each) for each in answers} == {"not-found"}


def test_a_faulty_version_is_refused_with_every_fault(own: Served) -> None:
    body = candidate(own)
    response = own.post(SHADOWS, json=body | {"text": body["text"].replace("owner: ", "ownr: ")}, headers=state(own))
    assert (response.status_code, problem_slug(response)) == (422, "policy-faults")


def test_a_stage_that_another_began_or_ended_is_told_to_who_did_not_see_it(own: Served, shadowed: str) -> None:
    """ENG-12: the same policy runs, but not beside what the officer saw."""
    seen = state(own)
    other = {**candidate(own), "text": candidate(own)["text"].replace("owner: risk", "owner: other")}
    second = own.post(SHADOWS, json=other, headers=seen).json()["policy_digest"]
    stale = own.post(f"{STAGES}/{shadowed}/end", json={"because": "x"}, headers=seen)
    assert (stale.status_code, stale.json()["since"][0]["stage"]) == (412, "shadow")
    assert "put us-equities v2 into the shadow at " in stale.json()["detail"]
    seen = state(own)
    assert own.post(f"{STAGES}/{second}/end", json={"because": "x"}, headers=seen).headers["etag"] != seen["If-Match"]
    stale = own.post(CANARIES, json={"policy_digest": shadowed, "symbols": ["IBM"], "because": "x"}, headers=seen)
    assert (stale.status_code, [each["stage"] for each in stale.json()["since"]]) == (412, ["ended"])


def test_a_shadow_is_ended_for_a_reason(own: Served, shadowed: str) -> None:
    """The last test of this module: nothing is in the shadow afterwards."""
    told = own.post(f"{STAGES}/{shadowed}/end", json={"because": "seen enough"}, headers=state(own)).json()
    assert told["state"] == "ended"
    found = version(own, shadowed)
    assert (found["stage"], found["shadow"]) == ("ended", None)
