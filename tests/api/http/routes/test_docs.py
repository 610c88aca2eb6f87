"""The documentation comes from this server alone."""

from __future__ import annotations

import re

import pytest

from tests.api.http.serving import Served, problem_slug


def test_the_console_loads_nothing_from_elsewhere(home: Served) -> None:
    page = home.client.get("/docs")
    policy = page.headers["content-security-policy"]
    assert "://" not in policy
    assert "'unsafe-eval'" not in policy
    assert not re.findall(r"(?:src|href)=\"(?!/docs/)", page.text)
    assert not re.search(r"<script>", page.text)


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("swagger-ui.css", "text/css"),
        ("swagger-ui-bundle.js", "text/javascript"),
        ("start.js", "text/javascript"),
        ("favicon-32x32.png", "image/png"),
    ],
)
def test_the_files_of_the_console_are_served(home: Served, name: str, kind: str) -> None:
    response = home.client.get(f"/docs/assets/{name}")
    assert response.status_code == 200
    assert response.headers["content-type"].startswith(kind)
    assert response.content


@pytest.mark.parametrize("name", ["index.html", "none.js", "..%2F..%2F__init__.py", "%2e%2e"])
def test_no_other_file_is(home: Served, name: str) -> None:
    response = home.client.get(f"/docs/assets/{name}")
    assert (response.status_code, problem_slug(response)) == (404, "not-found")
