"""Impacts over HTTP: asked for with 202, followed, told with what flips, drilled down to each decision."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from adapters.lake.lake import Lake
from api.impact_parts import impact_work
from api.use_cases.jobs import done_job
from tests.api.http.serving import Served, paper_settings, problem_slug, served

PATH = "/internal/policy/impacts"


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory, http_lake: Lake) -> Iterator[Served]:
    """A served home with two decisions."""
    home = tmp_path_factory.mktemp("impacts") / "home"
    with served(paper_settings(home, accounts=("one", "paper")), http_lake) as found:
        assert found.ordered(account_id="one", qty="250").is_success
        assert found.ordered(account_id="one", symbol="MSFT", qty="100").is_success
        yield found


def _text(desk: Served, *changes: tuple[str, str]) -> str:
    text = desk.settings.policy.read_text(encoding="utf-8")
    for old, new in changes:
        assert old in text
        text = text.replace(old, new)
    return text


STRICT = ("max_order_shares: 5000", "max_order_shares: 200")


@pytest.fixture(scope="module")
def impact(desk: Served) -> str:
    """Where an impact is that was done."""
    asked = desk.post(PATH, json={"text": _text(desk, STRICT)})
    assert asked.status_code == 202, asked.text
    place = asked.headers["location"]
    waiting = desk.get(place).json()
    assert (waiting["summary"], waiting["report"], waiting["decisions"]) == (None, None, None)
    early = desk.get(f"{place}/decisions")
    assert (early.status_code, problem_slug(early)) == (404, "not-found")
    done_job(desk.parts.jobs, desk.parts.jobs.job(asked.json()["job_id"]), impact_work(desk.settings, 1))
    return str(place)


def test_an_impact_tells_what_would_have_flipped(desk: Served, impact: str) -> None:
    """ENG-06: a live log, whose traces are salted, is judged as well."""
    told = desk.get(impact).json()
    assert told["job"]["state"] == "done"
    report = told["report"]
    assert (report["n_decisions"], report["n_flipped"]) == (2, 1)
    assert report["verdicts"] == {"pass>clip": 1, "pass>pass": 1}
    assert told["summary"]["impact_digest"].startswith("sha256:")
    assert (report["unread"], report["lacking"]) == ({}, {})


def test_each_changed_decision_is_found_by_rule_symbol_and_flip(desk: Served, impact: str) -> None:
    """ENG-06."""
    (found,) = desk.get(f"{impact}/decisions").json()["decisions"]
    assert (found["symbol"], found["shares_before"], found["shares"]) == ("AAPL", 250, 200)
    assert found["rules_added"] == ["shares"]
    assert desk.get(f"/internal/decisions/{found['decision_id']}").is_success
    for query, count in (("rule=shares", 1), ("symbol=MSFT", 0), ("flip=pass>clip", 1), ("flip=deny>pass", 0)):
        assert len(desk.get(f"{impact}/decisions?{query}").json()["decisions"]) == count


def test_pages_go_on_where_the_cursor_says_and_only_for_the_same_question(desk: Served) -> None:
    text = _text(desk, ("max_order_shares: 5000", "max_order_shares: 50"))
    asked = desk.post(PATH, json={"text": text}).json()
    done_job(desk.parts.jobs, desk.parts.jobs.job(asked["job_id"]), impact_work(desk.settings, 1))
    place = f"{PATH}/{asked['job_id']}/decisions"
    first = desk.get(f"{place}?limit=1").json()
    second = desk.get(f"{place}?limit=1&cursor={first['next_cursor']}").json()
    assert [page["decisions"][0]["symbol"] for page in (first, second)] == ["AAPL", "MSFT"]
    assert second["next_cursor"] is None
    other = desk.get(f"{place}?limit=1&symbol=AAPL&cursor={first['next_cursor']}")
    assert problem_slug(other) == "invalid"


def test_progress_is_followed_to_the_end(desk: Served, impact: str) -> None:
    """ENG-06: over SSE."""
    lines = desk.get(f"{impact}/events").text.splitlines()
    data = [line.removeprefix("data: ") for line in lines if line.startswith("data: {")]
    told: list[dict[str, Any]] = [each for each in map(json.loads, data) if "total" in each]
    assert told[-1]["state"] == "done"
    assert any(each["what"] == "decisions" and each["done"] == each["total"] == 2 for each in told)
    assert "event: end" in lines


@pytest.mark.parametrize(
    ("body", "slug"),
    [
        ({"text": "policy: x"}, "policy-faults"),
        ({"text": "\x00"}, "policy-faults"),
        ({"text": "x", "last": 0}, "bad-request"),
        ({"text": "x", "horizon_sessions": 10**30}, "bad-request"),
        ({}, "bad-request"),
    ],
)
def test_what_is_no_candidate_is_refused(desk: Served, body: dict[str, Any], slug: str) -> None:
    assert problem_slug(desk.post(PATH, json=body)) == slug


def test_days_in_the_wrong_order_are_refused(desk: Served) -> None:
    body = {"text": _text(desk), "since": "2013-02-01", "until": "2013-01-01"}
    assert problem_slug(desk.post(PATH, json=body)) == "invalid"


def test_another_job_is_no_impact(desk: Served) -> None:
    job = desk.parts.jobs.asked("backtest", b"{}", "quant")
    for path in ("", "/decisions", "/events"):
        assert problem_slug(desk.get(f"{PATH}/{job.job_id}{path}")) == "not-found"


def test_asking_needs_the_scope_of_proposing(desk: Served, impact: str) -> None:
    reader = desk.headers("plan:read")
    assert desk.client.get(impact, headers=reader).is_success
    assert desk.client.post(PATH, json={"text": _text(desk)}, headers=reader).status_code == 403


@pytest.mark.parametrize("place", ["", "/decisions", "/events"])
def test_an_impact_needs_a_token_that_covers_every_account(desk: Served, impact: str, place: str) -> None:
    """It is of all accounts: who covers another one would read orders that are none of his, or their sums."""
    other = desk.headers("plan:read", accounts=("paper",))
    refused = desk.client.get(f"{impact}{place}", headers=other)
    assert (refused.status_code, problem_slug(refused)) == (403, "forbidden")


def test_asking_for_an_impact_needs_a_token_that_covers_every_account(desk: Served) -> None:
    """A job whose answer he may not read is not begun for him."""
    other = desk.headers("policy:propose", accounts=("paper",))
    refused = desk.client.post(PATH, json={"text": _text(desk)}, headers=other)
    assert (refused.status_code, problem_slug(refused)) == (403, "forbidden")


def test_the_home_keeps_the_impact(desk: Served, impact: str) -> None:
    """A server that was restarted still tells it."""
    assert Path(desk.settings.home, "jobs.db").exists()
    assert desk.get(impact).json() == desk.get(impact).json()
