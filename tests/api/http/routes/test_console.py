"""The console as it is served: deep links, caching, compression, and a policy that lets nothing else in."""

from __future__ import annotations

import gzip
import hashlib
import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from litestar import Litestar
from litestar.testing import TestClient

from api.http.app import app
from api.http.console_files import BUILD
from api.http.routes.console import CSP
from tests.api.http.serving import Served, problem_slug

PAGE = b"<!doctype html><title>Assay</title>" + b" " * 400
SCRIPT = b"export const answer = 42;" * 40


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    found = tmp_path_factory.mktemp("console")
    said = {}
    (found / "assets").mkdir()
    for name, content in {"index.html": PAGE, "assets/main-abc.js": SCRIPT}.items():
        (found / name).write_bytes(content)
        (found / f"{name}.gz").write_bytes(gzip.compress(content))
        said[name] = {"bytes": len(content), "sha256": hashlib.sha256(content).hexdigest(), "gzip": 1}
    (found / BUILD).write_text(json.dumps({"files": said}), encoding="utf-8")
    return found


def client_of(home: Served, folder: Path) -> TestClient[Litestar]:
    return TestClient(app(replace(home.parts, settings=replace(home.settings, console=folder))))


@pytest.fixture(scope="module")
def client(home: Served, folder: Path) -> Iterator[TestClient[Litestar]]:
    with client_of(home, folder) as found:
        yield found


@pytest.mark.parametrize("path", ["/console", "/console/auditor/decisions/abc?view=proof", "/console/officer"])
def test_every_place_begins_with_the_first_page(client: TestClient[Litestar], path: str) -> None:
    """UI-01: deep links."""
    answer = client.get(path)
    assert (answer.status_code, answer.content) == (200, PAGE)
    assert answer.headers["content-type"] == "text/html; charset=utf-8"
    assert answer.headers["cache-control"] == "no-cache"


def test_the_page_may_load_from_this_server_alone(client: TestClient[Litestar]) -> None:
    """UI-01: no CDN, nothing inline, no eval."""
    policy = client.get("/console").headers["content-security-policy"]
    assert policy == CSP
    assert "unsafe" not in policy
    assert "://" not in policy
    assert "default-src 'none'" in policy
    assert client.get("/console").headers["x-content-type-options"] == "nosniff"


def test_a_hashed_file_is_kept_for_ever_and_sent_compressed(client: TestClient[Litestar]) -> None:
    answer = client.get("/console/assets/main-abc.js", headers={"accept-encoding": "br, gzip;q=0.5"})
    assert answer.content == SCRIPT
    assert answer.headers["content-encoding"] == "gzip"
    assert answer.headers["vary"] == "accept-encoding"
    assert answer.headers["cache-control"] == "public, max-age=31536000, immutable"
    assert int(answer.headers["content-length"]) < len(SCRIPT)


@pytest.mark.parametrize("accepted", ["identity", "gzip;q=0", "br"])
def test_who_takes_no_gzip_is_sent_none(client: TestClient[Litestar], accepted: str) -> None:
    answer = client.get("/console/assets/main-abc.js", headers={"accept-encoding": accepted})
    assert "content-encoding" not in answer.headers
    assert answer.content == SCRIPT


def test_a_page_that_is_known_is_not_sent_again(client: TestClient[Litestar]) -> None:
    tag = client.get("/console").headers["etag"]
    answer = client.get("/console", headers={"if-none-match": tag})
    assert (answer.status_code, answer.content) == (304, b"")


def test_a_file_of_an_older_build_is_not_found(client: TestClient[Litestar]) -> None:
    """Else a script would be answered with a page, and fail without saying why."""
    answer = client.get("/console/assets/main-old.js")
    assert problem_slug(answer) == "not-found"


def test_without_a_build_a_person_gets_a_page_and_a_program_a_problem(home: Served, tmp_path: Path) -> None:
    with client_of(home, tmp_path / "absent") as client:
        answer = client.get("/console", headers={"accept": "text/html"})
        assert answer.status_code == 503
        assert "The web console is not built" in answer.text
        assert "make console" in answer.text
        assert problem_slug(client.get("/console")) == "console-not-built"
