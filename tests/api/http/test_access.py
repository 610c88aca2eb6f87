"""Every route names who may use it; whoever is not let in is told why, and nothing else."""

from __future__ import annotations

import re

import pytest
from litestar import Litestar, get

from api.http.access import PUBLIC, require_declared
from api.http.app import ROUTERS
from api.http.openapi import document
from nodes.vocabulary.errors import PlanError
from tests.api.http.serving import Served, problem_slug

_NUMBERED = r"\{(sequence|version|delivery_id|fiscal_\w+)\}"
OPERATIONS = [
    (method.upper(), re.sub(_NUMBERED, "1", path), operation["security"][0]["token"][0])
    for path, item in document(ROUTERS)["paths"].items()
    for method, operation in item.items()
    if operation["security"]
]


@pytest.mark.parametrize(("method", "path", "scope"), OPERATIONS)
def test_a_guarded_route_refuses_no_token_and_a_token_of_another_scope(
    home: Served, method: str, path: str, scope: str
) -> None:
    """SEC-17, over every route that there is."""
    bare = home.client.request(method, path)
    assert (bare.status_code, problem_slug(bare)) == (401, "unauthenticated")
    assert bare.headers["www-authenticate"].startswith("Bearer")
    other = home.headers("plan:read" if scope == "model:promote" else "model:promote", principal="other")
    wrong = home.client.request(method, path, headers=other)
    assert (wrong.status_code, problem_slug(wrong)) == (403, "forbidden")
    assert f'scope="{scope}"' in wrong.headers["www-authenticate"]


@pytest.mark.parametrize(
    "header", ["Basic dTpw", "Bearer", "bearer ", "Bearer x y", "x" * 9000, "Bearer " + "x" * 9000]
)
def test_a_header_that_holds_no_token_is_refused(home: Served, header: str) -> None:
    response = home.client.get("/api/v1/plan", headers={"Authorization": header})
    assert (response.status_code, problem_slug(response)) == (401, "unauthenticated")


def test_the_scheme_is_known_however_it_is_written(home: Served) -> None:
    headers = {"Authorization": f"bEARER {home.token()}"}
    assert home.client.get("/api/v1/plan", headers=headers).status_code == 200


def test_asking_for_the_methods_of_a_path_needs_no_token(home: Served) -> None:
    assert home.client.options("/api/v1/plan").status_code == 204


def test_a_route_that_does_not_say_who_may_use_it_keeps_a_server_from_starting() -> None:
    @get("/forgotten", sync_to_thread=False)
    def forgotten() -> str:
        return ""

    @get("/open", opt={"scope": PUBLIC}, sync_to_thread=False)
    def wanted() -> str:
        return ""

    with pytest.raises(PlanError, match="GET /forgotten names the scope None"):
        require_declared(Litestar([forgotten, wanted], openapi_config=None))
