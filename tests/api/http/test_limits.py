"""Rate limits in the words of HTTP: SEC-16."""

from __future__ import annotations

from pathlib import Path

import pytest

from adapters.lake.lake import Lake
from adapters.rate_limits import Allowance
from api.http.limits import limit_headers, require_allowed
from api.http.problems import RequestError
from tests.api.http.serving import paper_settings, problem_slug, served


def test_what_is_left_is_told_in_two_headers() -> None:
    told = dict(limit_headers(Allowance(True, 10, 7, 3, 0)))  # noqa: FBT003  # a field of a tuple
    assert told == {b"ratelimit-policy": b'"principal";q=10', b"ratelimit": b'"principal";r=7;t=3'}


def test_a_principal_over_its_rate_is_told_how_long_to_wait() -> None:
    with pytest.raises(RequestError, match="'ann' has used its 10 requests; wait 2 s") as caught:
        require_allowed("ann", Allowance(False, 10, 0, 5, 2))  # noqa: FBT003
    assert (caught.value.reason, caught.value.headers["retry-after"]) == ("rate-limited", "2")


def test_each_principal_has_a_rate_of_its_own_over_all_routes(tmp_path: Path, http_lake: Lake) -> None:
    with served(paper_settings(tmp_path / "home", accounts=("paper",), rate_limit="3/hour"), http_lake) as home:
        paths = ["/api/v1/plan", "/api/v1/positions", "/api/v1/orders", "/api/v1/plan"]
        ann = [home.client.get(path, headers=home.headers(principal="ann")) for path in paths]
        ordered = home.ordered()
        ben = home.client.get("/api/v1/plan", headers=home.headers(principal="ben"))
    assert [response.status_code for response in ann] == [200, 200, 200, 429]
    assert problem_slug(ann[-1]) == "rate-limited"
    assert int(ann[-1].headers["retry-after"]) > 1000
    assert (ordered.status_code, ben.status_code) == (200, 200)
