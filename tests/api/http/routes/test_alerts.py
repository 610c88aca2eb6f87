"""Alerts over HTTP: armed, raised, taken on, and their deliveries (API-SIG-02, API-SIG-06, SGN-10)."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from adapters.lake.lake import Lake
from api.use_cases.arming import ConditionWatch
from api.use_cases.telling import Teller
from policies.alerting import shipped_alert_policy
from tests.api.http.serving import Served, paper_settings, problem_slug, served
from tests.api.use_cases.boards import ears

ALERTS = "/api/v1/alerts"


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory, http_lake: Lake) -> Iterator[Served]:
    settings = paper_settings(tmp_path_factory.mktemp("alerts") / "home", accounts=("paper", "second"))
    with served(settings, http_lake) as found:
        yield found


def armed(home: Served, **changes: Any) -> Any:
    body = {"condition": "close_price_usd > 100", "symbol": "AAPL", "account_id": "paper", **changes}
    return home.post(f"{ALERTS}/arm", json=body)


def watched(home: Served) -> Teller:
    teller = Teller(home.parts.alert_board, shipped_alert_policy(), ears(), home.service.clock)
    ConditionWatch(home.service, home.parts.alert_board, teller).look()
    return teller


def test_a_condition_is_armed_fires_once_and_is_taken_on(home: Served) -> None:
    """API-SIG-06: persisted; fires once per condition."""
    answer = armed(home, title="dear", severity="page")
    assert answer.status_code == 201
    place = answer.headers["location"]
    assert armed(home, title="dear", severity="page").status_code == 200, "it is armed already"
    teller = watched(home)
    assert not teller.fired(answer.json()["armed_id"], home.parts.alert_board.alerts()[0].notice)
    assert home.get(place).json()["state"] == "fired"
    (alert,) = home.get(ALERTS).json()["alerts"]
    assert (alert["title"], alert["severity"], alert["is_active"]) == ("dear", "page", True)
    taken = home.post(f"{ALERTS}/{alert['alert_id']}/ack", json={"note": "selling"}).json()
    assert (taken["acknowledged_by"], taken["acknowledged_why"]) == ("trader", "selling")
    assert home.get(ALERTS).json()["alerts"] == []
    assert home.get(f"{ALERTS}/{alert['alert_id']}").json() == taken
    assert [each["alert_id"] for each in home.get(f"{ALERTS}?state=all").json()["alerts"]] == [alert["alert_id"]]


def test_what_is_no_condition_is_told_with_every_fault(home: Served) -> None:
    answer = armed(home, condition="colour = 1 AND close_price_usd > 'x'")
    assert problem_slug(answer) == "policy-faults"
    assert len(answer.json()["faults"]) == 2


@pytest.mark.parametrize(
    ("changes", "slug"),
    [
        ({"symbol": "XYZ"}, "unknown-symbol"),
        ({"account_id": "nobody"}, "unknown-account"),
        ({"expires_at": "2001-01-01T00:00:00Z"}, "invalid"),
        ({"expires_at": "soon"}, "invalid"),
        ({"severity": "loud"}, "bad-request"),
        ({"condition": "a" * 2001}, "bad-request"),
        ({"condition": "close_price_usd > 1\x00"}, "policy-faults"),
        ({"title": "\x00"}, "invalid"),
    ],
)
def test_what_cannot_be_armed_is_refused(home: Served, changes: dict[str, Any], slug: str) -> None:
    assert problem_slug(armed(home, **changes)) == slug


def test_a_condition_is_disarmed(home: Served) -> None:
    armed_id = armed(home, condition="close_price_usd > 1000000").json()["armed_id"]
    assert home.post(f"{ALERTS}/armed/{armed_id}/disarm").json()["state"] == "disarmed"
    assert armed_id in {each["armed_id"] for each in home.get(f"{ALERTS}/armed?state=disarmed").json()["conditions"]}
    assert problem_slug(home.get(f"{ALERTS}/armed/arm-000000000000")) == "not-found"


def test_pages_of_conditions_follow_one_another(home: Served) -> None:
    names = {armed(home, condition=f"close_price_usd > {number}000000").json()["armed_id"] for number in range(2, 5)}
    found, cursor = [], ""
    while cursor is not None:
        page = home.get(f"{ALERTS}/armed?state=armed&limit=2{cursor and f'&cursor={cursor}'}").json()
        found += [each["armed_id"] for each in page["conditions"]]
        cursor = page["next_cursor"]
    assert names <= set(found)
    assert len(set(found)) == len(found)


def test_a_token_hears_only_of_its_accounts(home: Served) -> None:
    armed_id = armed(home, condition="close_price_usd > 7000000").json()["armed_id"]
    other = home.headers(accounts=("second",))
    assert home.client.get(f"{ALERTS}/armed/{armed_id}", headers=other).status_code == 403
    assert home.client.get(f"{ALERTS}/armed", headers=other).json()["conditions"] == []
    assert home.client.get(ALERTS, headers=other, params={"state": "all"}).json()["alerts"] == []
    assert home.client.get(f"{ALERTS}/deliveries", headers=other).status_code == 403


def test_a_dead_letter_is_seen_and_tried_again(home: Served) -> None:
    armed(home, condition="close_price_usd > 2", severity="page", title="dead letter")
    teller = watched(home)
    (waiting,) = [each for each in teller.board.deliveries(count=4) if each.channel == "desk-hook"]
    teller.board.claimed("desk-hook", "me", 30.0)
    claimed = teller.board.deliveries(count=9)
    for each in claimed:
        teller.board.failed(each.delivery_id, "me", "no answer", None)
    dead = home.get(f"{ALERTS}/deliveries?state=dead").json()["deliveries"]
    assert [each["because"] for each in dead] == ["no answer"]
    place = f"{ALERTS}/deliveries/{dead[0]['delivery_id']}/retry"
    assert home.post(place).json()["state"] == "waiting"
    assert problem_slug(home.post(place)) == "stale-condition"
    assert waiting.channel == "desk-hook"


def test_names_are_those_of_the_policy_in_force(home: Served) -> None:
    found = home.get(f"{ALERTS}/names").json()
    names = {each["name"]: each for each in found["names"]}
    assert found["policy"] == "us-equities"
    assert names["composite_score"] == {"name": "composite_score", "unit": "Score", "kind": "input", "summary": None}
    assert names["account_drawdown_frac"]["unit"] == "Frac"
    assert names["max_account_drawdown_frac"]["kind"] == "limit"


def test_a_note_that_cannot_be_shown_is_refused(home: Served) -> None:
    answer = home.post(f"{ALERTS}/alert-{'0' * 24}/ack", json={"note": "\x1b[2J"})
    assert problem_slug(answer) == "invalid"
