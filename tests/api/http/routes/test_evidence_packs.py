"""What a period shows, over HTTP: as data, as a page, and for tokens of all accounts only."""

from __future__ import annotations

import pytest

from api.http.routes import evidence_packs
from tests.api.http.serving import Served, problem_slug

PATH = "/internal/evidence"


def test_a_pack_is_told_as_data_with_counts_for_each_control(home: Served) -> None:
    """GOVC-01."""
    told = home.get(PATH).json()
    log = home.get("/internal/log").json()
    assert (told["origin"], told["size"], told["root"]) == (log["origin"], log["size"], log["root"])
    kill = next(each for each in told["controls"] if each["control_id"] == "kill-functionality")
    assert [rule["rule_id"] for rule in kill["rules"]] == ["kill-switch"]
    assert told["policies"][-1]["policy"].startswith("us-equities")


def test_a_pack_is_a_page_for_who_reads_pages(home: Served) -> None:
    response = home.get(PATH, headers={"Accept": "text/html,*/*"})
    assert response.headers["content-type"] == "text/html; charset=utf-8"
    assert response.headers["content-security-policy"].startswith("default-src 'none'")
    assert "17 CFR 240.15c3-5(c)(1)(i): capital-thresholds" in response.text


def test_a_period_may_be_empty_but_not_upside_down(home: Served) -> None:
    empty = home.get(PATH, params={"since": "2001-01-01T00:00:00Z", "until": "2002-01-01T00:00:00Z"}).json()
    assert (empty["first_sequence"], empty["size"], empty["kinds"]) == (0, 0, {})
    upside_down = home.get(PATH, params={"since": "2002-01-01T00:00:00Z", "until": "2001-01-01T00:00:00Z"})
    assert problem_slug(upside_down) == "invalid"
    assert problem_slug(home.get(PATH, params={"since": "yesterday"})) == "bad-request"


def test_a_period_too_long_to_read_is_refused_with_what_to_do(home: Served, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(evidence_packs, "MOST_ENTRIES", 1)
    response = home.get(PATH)
    assert problem_slug(response) == "invalid"
    assert "ask for a shorter one" in response.json()["detail"]


def test_a_token_of_one_account_cannot_have_it(home: Served) -> None:
    response = home.client.get(PATH, headers=home.headers("audit:read", accounts=("paper",)))
    assert problem_slug(response) == "forbidden"
