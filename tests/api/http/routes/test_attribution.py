"""Attribution by HTTP: the same numbers as the use case, for accounts that the token covers."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal

import pytest

from adapters.lake.lake import Lake
from tests.api.http.serving import Served, paper_settings, problem_slug, served

JOURNAL, ANALYTICS = "/api/v1/journal", "/api/v1/analytics/attribution"


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory, http_lake: Lake) -> Iterator[Served]:
    settings = paper_settings(tmp_path_factory.mktemp("attribution") / "home", accounts=("paper", "second"))
    with served(settings, http_lake) as found:
        yield found


def test_both_paths_give_the_same_attribution(home: Served) -> None:
    """JRN-02, API-STR-07."""
    found = home.get(f"{JOURNAL}/attribution").json()
    assert found == home.get(ANALYTICS).json()
    assert (found["account_id"], found["n_sessions"], Decimal(found["unbooked_usd"])) == ("paper", 1, Decimal(0))
    assert sum(Decimal(line["usd"]) for line in found["lines"]) == Decimal(found["total_usd"])


def test_a_line_leads_to_its_decisions_and_one_that_is_none_is_refused(home: Served) -> None:
    """JRN-02."""
    found = home.get(f"{JOURNAL}/attribution/decisions?line=market&limit=5").json()
    assert (found["line"], found["n_decisions"], found["decisions"]) == ("market", 0, [])
    refused = home.get(f"{JOURNAL}/attribution/decisions?line=luck")
    assert (refused.status_code, problem_slug(refused)) == (422, "invalid")
    assert "ask for one of market, timing" in refused.json()["detail"]


def test_a_period_without_sessions_is_refused(home: Served) -> None:
    refused = home.get(f"{JOURNAL}/attribution?from=1999-01-01&to=1999-02-01")
    assert (refused.status_code, problem_slug(refused)) == (422, "invalid")


@pytest.mark.parametrize("query", ["from=yesterday", "to=2005-13-01"])
def test_a_day_that_is_none_is_refused(home: Served, query: str) -> None:
    assert home.get(f"{JOURNAL}/attribution?{query}").status_code == 400


@pytest.mark.parametrize(
    ("query", "status"),
    [
        ("line=%00", 422),
        ("line=", 400),
        ("line=" + "%C3%9F" * 128, 422),
        ("line=market&symbol=%00", 200),
        ("line=market&limit=99999999999999999999", 400),
        ("line=market&from=0001-01-01&to=9999-12-31", 200),
        ("line=market&account_id=%00", 403),
    ],
)
def test_odd_text_is_refused_or_finds_nothing(home: Served, query: str, status: int) -> None:
    assert home.get(f"{JOURNAL}/attribution/decisions?{query}").status_code == status


def test_the_page_comes_as_html_that_runs_nothing(home: Served) -> None:
    page = home.get(f"{JOURNAL}/attribution/page")
    assert page.headers["content-type"].startswith("text/html")
    assert "default-src 'none'" in page.headers["content-security-policy"]
    assert "Attribution of gains" in page.text


def test_alpha_decay_of_one_session_is_not_known(home: Served) -> None:
    """MON-01."""
    found = home.get(f"{JOURNAL}/alpha-decay").json()
    assert (found["n_sessions"], found["has_changed"], found["changes"]) == (1, False, [])
    assert {each["value"] for each in found["by_delay"]} == {None}


def test_an_account_that_the_token_does_not_cover_is_refused(home: Served) -> None:
    headers = home.headers("plan:read", accounts=("second",))
    for path in (f"{JOURNAL}/attribution", f"{JOURNAL}/alpha-decay", ANALYTICS):
        assert home.client.get(f"{path}?account_id=paper", headers=headers).status_code == 403
