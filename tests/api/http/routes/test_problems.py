"""The type of every problem is a page that says what to do."""

from __future__ import annotations

import base64
import hashlib

import pytest

from api.http.problem_kinds import KINDS
from tests.api.http.serving import Served, problem_slug

HTML = {"Accept": "text/html,application/xhtml+xml"}


def test_the_type_of_a_problem_leads_to_its_page(home: Served) -> None:
    told = home.client.get("/api/v1/plan").json()
    page = home.client.get(told["type"]).json()
    assert (page["type"], page["title"], page["status"]) == (told["type"], told["title"], 401)
    assert page["mend"] == told["mend"]


@pytest.mark.parametrize("slug", KINDS)
def test_each_kind_has_a_page_for_people(home: Served, slug: str) -> None:
    page = home.client.get(f"/problems/{slug}", headers=HTML)
    assert page.headers["content-type"].startswith("text/html")
    assert "Mend:" in page.text
    assert "<script" not in page.text


def test_all_kinds_are_listed_for_people_and_programs(home: Served) -> None:
    assert len(home.client.get("/problems").json()["problems"]) == len(KINDS)
    assert home.client.get("/problems", headers=HTML).text.count("<section") == len(KINDS)


def test_the_style_of_a_page_is_the_one_that_its_policy_lets_in(home: Served) -> None:
    page = home.client.get("/problems", headers=HTML)
    style = page.text.split("<style>")[1].split("</style>")[0]
    digest = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()
    assert f"'sha256-{digest}'" in page.headers["content-security-policy"]


def test_a_kind_that_is_not_there_is_a_problem_itself(home: Served) -> None:
    assert problem_slug(home.client.get("/problems/<script>")) == "not-found"


def test_a_page_for_people_says_its_title_once_and_code_as_code(home: Served) -> None:
    page = home.client.get("/problems/unauthenticated", headers=HTML).text
    assert page.count(f"{KINDS['unauthenticated'].title}</h") == 1
    assert "<code>assay token issue</code>" in page
    assert "`" not in page
    assert 'name="viewport"' in page
