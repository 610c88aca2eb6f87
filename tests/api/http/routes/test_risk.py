"""Risk by HTTP, in a home of its own."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from decimal import Decimal

import pytest

from adapters.lake.lake import Lake
from api.use_cases.risk_watch import watched_breach
from governance.entries import Entry, EntryKind
from governance.ports import Transaction
from nodes.journal.account import after_throttle
from tests.api.http.serving import Served, paper_settings, problem_slug, served

RISK = "/api/v1/risk"


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
