"""Portfolios over HTTP: allocation, the conflict as a problem, and the check of a borrow."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from adapters.lake.lake import Lake
from tests.api.http.serving import Served, paper_settings, problem_slug, served
from tests.api.portfolios import BORROW, ERC, EXACT, TARGET
from tests.api.sample_lake import sample_store

ALLOCATE, CHECK = "/api/v1/portfolio/allocate", "/api/v1/borrow/check"


@pytest.fixture(scope="module")
def lent(tmp_path_factory: pytest.TempPathFactory, http_lake: Lake) -> Iterator[Served]:
    """A server beside a lake with a list of shares to borrow."""
    folder = tmp_path_factory.mktemp("lent")
    sample_store(folder / "lake")
    with served(paper_settings(folder / "home", lake=folder / "lake"), http_lake) as found:
        yield found


def test_a_posted_target_is_answered_with_orders_under_every_cap(home: Served) -> None:
    """API-STR-05, PF-02."""
    response = home.post(ALLOCATE, json=TARGET)
    assert response.status_code == 200, response.text
    told = response.json()
    assert all(abs(each["weight_frac"]) <= 0.41 for each in told["holdings"])
    assert {cap["rule"] for cap in told["caps"] if cap["binds"]} == {"single-name", "locate"}
    assert told["policy_digest"].startswith("sha256:")
    assert told["trace_digest"].startswith("sha256:")


def test_caps_that_conflict_are_a_problem_that_names_them(home: Served) -> None:
    """PF-01: infeasible is problem+json with the binding constraints."""
    response = home.post(ALLOCATE, json=EXACT)
    assert (response.status_code, problem_slug(response)) == (422, "limits-conflict")
    assert [(each["rule"], each["loosened_limit"]) for each in response.json()["conflict"]] == [
        ("single-name", pytest.approx(0.55)),
        ("max-deviation", pytest.approx(0.19)),
    ]


def test_an_account_is_allocated_by_what_it_holds(home: Served) -> None:
    told = home.post(ALLOCATE, json={"method": "erc", "account_id": "paper"}).json()
    assert told["equity_usd"] == pytest.approx(1_000_000, rel=0.01)
    assert told["session_on"] == "2013-01-02"


def test_another_ones_account_and_one_that_is_not_served_are_refused(home: Served) -> None:
    own = home.headers("plan:read", accounts=("second",))
    strange = home.client.post(ALLOCATE, json={**ERC, "account_id": "paper"}, headers=own)
    assert (strange.status_code, problem_slug(strange)) == (403, "forbidden")
    unknown = home.post(ALLOCATE, json={**ERC, "account_id": "nobody"})
    assert (unknown.status_code, problem_slug(unknown)) == (403, "unknown-account")


def test_it_needs_its_scope(home: Served) -> None:
    for path, body in ((ALLOCATE, ERC), (CHECK, BORROW)):
        response = home.client.post(path, json=body, headers=home.headers("audit:read"))
        assert (response.status_code, problem_slug(response)) == (403, "forbidden")


@pytest.mark.parametrize(
    ("body", "status", "slug", "detail"),
    [
        ({"method": "luck"}, 400, "bad-request", "1 of the request's fields"),
        ({**TARGET, "limits": {"single-name": 0.9}}, 422, "invalid", "is looser than the policy's 0.41"),
        ({"method": "erc"}, 422, "invalid", "equity_usd is missing"),
        ({**ERC, "assets": [{"symbol": "ZZZ", "position_shares": 5}]}, 422, "invalid", "5 shares of ZZZ are held"),
        ({**ERC, "as_of": "1970-01-01T00:00:00Z"}, 422, "invalid", "no XNYS session had closed"),
        ({**ERC, "as_of": "2500-01-01T00:00:00Z"}, 422, "invalid", "is not from 1900 to 2200"),
    ],
)
def test_what_cannot_be_allocated_is_the_clients_to_mend(
    home: Served, body: dict[str, Any], status: int, slug: str, detail: str
) -> None:
    response = home.post(ALLOCATE, json=body)
    assert (response.status_code, problem_slug(response)) == (status, slug)
    assert detail in response.json()["detail"]


def test_a_borrow_is_checked_by_the_newest_list(lent: Served) -> None:
    """API-STR-06, PF-03."""
    told = lent.post(CHECK, json=BORROW).json()
    assert (told["is_located"], told["short_shares"], told["available_shares"]) == (True, 1000, 9000)
    assert told["fee_usd_per_day"] == "1.39"
    refused = lent.post(CHECK, json={**BORROW, "shares": 9001}).json()
    assert (refused["is_located"], refused["reasons"][0]["rule"]) == (False, "available")


def test_without_a_list_there_is_no_answer(home: Served) -> None:
    response = home.post(CHECK, json=BORROW)
    assert response.status_code in {404, 503}
    assert problem_slug(response) in {"no-table", "unavailable"}


def test_a_server_of_the_strategy_domain_answers_both(lent: Served) -> None:
    assert {"/api/v1/portfolio/allocate", "/api/v1/borrow/check"} <= set(lent.get("/openapi.json").json()["paths"])
