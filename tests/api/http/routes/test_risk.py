"""Risk and scenarios by HTTP, in a home of their own."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from decimal import Decimal

import msgspec
import pytest

from adapters.lake.lake import Lake
from api.pages.scenario_page import scenario_page
from api.use_cases.jobs import done_job
from api.use_cases.risk_watch import watched_breach
from api.use_cases.scenario_jobs import REPORT
from governance.entries import Entry, EntryKind
from governance.ports import Transaction
from nodes.journal.account import after_throttle
from tests.api.http.serving import Served, paper_settings, problem_slug, served
from tests.api.made_report import made_report

RISK, SCENARIOS = "/api/v1/risk", "/api/v1/scenarios"


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory, http_lake: Lake) -> Iterator[Served]:
    settings = paper_settings(tmp_path_factory.mktemp("risk") / "home", accounts=("paper",))
    with served(settings, http_lake) as found:
        yield found


def throttled(home: Served) -> None:
    """Disable the automation of the account, as the append of a decision would."""
    desk = home.service.desk("paper", "trader")

    def work(transaction: Transaction) -> None:
        digest = desk.save_account(transaction, after_throttle(desk.account(transaction)))
        facts = {"account_id": "paper", "account_digest": digest, "is_disabled": True, "principal": "x", "reason": "y"}
        at = desk.clock()
        transaction.append(Entry(EntryKind.THROTTLE, desk.store.origin, at, at, facts))

    home.service.writer.submit(work).result()


def test_the_report_counts_an_order_that_has_not_traded(home: Served) -> None:
    home.ordered()
    found = home.get(f"{RISK}/report").json()
    (exposure,) = found["exposures"]
    assert (exposure["symbol"], exposure["position_shares"], exposure["pending_buy_shares"]) == ("AAPL", 0, 10)
    assert Decimal(exposure["worst_usd"]) > 0
    assert {each["method"] for each in found["measures"]} >= {"historical", "filtered-ewma"}


def test_limits_name_every_rule_with_one_and_where_the_account_stands(home: Served) -> None:
    limits = {each["limit"]: each for each in home.get(f"{RISK}/limits").json()["limits"]}
    assert limits["max_gross_frac"]["value"] == 1.0
    assert 0.0 <= limits["max_gross_frac"]["used_frac"] < 1.0


def test_a_throttled_account_is_let_go_on_by_a_named_person_alone(home: Served) -> None:
    """EXE-16."""
    throttled(home)
    assert home.get(f"{RISK}/throttles").json()["is_disabled"]
    body = {"reason": "orders read, all meant"}
    headers = home.headers(principal="assay")
    refused = home.client.post(f"{RISK}/throttles/release", json=body, headers=headers)
    assert problem_slug(refused) == "bad-request"
    found = home.post(f"{RISK}/throttles/release", json=body).json()
    assert (found["is_disabled"], found["has_changed"]) == (False, True)
    assert [use["is_disabled"] for use in found["uses"]] == [False, True]
    assert not home.post(f"{RISK}/throttles/release", json=body).json()["has_changed"]


def test_reading_risk_lets_nobody_release_a_throttle(home: Served) -> None:
    headers = home.headers("plan:read")
    refused = home.client.post(f"{RISK}/throttles/release", json={"reason": "please"}, headers=headers)
    assert (refused.status_code, problem_slug(refused)) == (403, "forbidden")


def test_value_at_risk_is_held_against_sessions_and_breaches_become_incidents_as_they_happen(home: Served) -> None:
    """GOV-05: with a level of nearly a half, any loss in one of a few sessions is a breach."""
    for _ in range(3):
        home.post("/internal/session/advance")
    found = home.get(f"{RISK}/var").json()
    assert [each["n_sessions"] for each in found["methods"]] == [2] * len(found["methods"])
    loose = home.service.risk_terms.model_copy(update={"value_at_risk_level_frac": 0.49})
    service = replace(home.service, risk_terms=loose)
    opened = watched_breach(service, "paper")
    assert opened is None or opened.title.startswith("VaR breach of account paper on 2013-")
    assert home.post(f"{RISK}/breaches", json={}).json()["account_id"] == "paper"
    assert home.post(f"{RISK}/breaches", json={}).json()["opened"] == []


def test_scenarios_are_listed_with_their_basis(home: Served) -> None:
    found = {each["name"]: each for each in home.get(SCENARIOS).json()["scenarios"]}
    assert found["lehman-2008"]["basis"] == "real"
    assert found["covid-2020-path"]["basis"] == "calibrated"


def test_a_scenario_is_a_job_whose_report_and_page_are_there_when_it_is_done(home: Served) -> None:
    """SCN-01."""
    asked = home.post(SCENARIOS, json={"name": "lehman-2008"})
    assert asked.status_code == 202
    place = asked.headers["location"]
    assert home.get(place).json()["result"] is None
    assert problem_slug(home.get(f"{place}/report")) == "not-found"
    report = made_report()

    def work(desk: object) -> bytes:
        desk.keep(REPORT, scenario_page(report).encode())  # type: ignore[attr-defined]
        return msgspec.json.encode(report)

    done_job(home.parts.jobs, home.parts.jobs.job(place.rpartition("/")[2]), work)
    found = home.get(place).json()
    assert found["result"]["paths"][0]["guardrails"][0]["saved_usd"] == "120"
    page = home.get(found["report"])
    assert page.headers["content-type"].startswith("text/html")
    assert "crisis" in page.text


@pytest.mark.parametrize(
    ("body", "slug"),
    [
        ({"name": "tulips-1637"}, "not-found"),
        ({}, "bad-request"),
        ({"name": "lehman-2008", "text": "scenario: x"}, "bad-request"),
        ({"text": "scenario: x"}, "policy-faults"),
    ],
)
def test_what_is_no_scenario_is_refused(home: Served, body: dict[str, str], slug: str) -> None:
    assert problem_slug(home.post(SCENARIOS, json=body)) == slug
