"""A query parameter that nothing reads is refused, and its name mended: HTTP answers what was asked."""

from __future__ import annotations

import httpx
import pytest

from tests.api.http.serving import EXECUTE, ORDER, Served, new_key, problem_slug


def complaints(answer: httpx.Response) -> dict[str, str]:
    return {each["where"]: each["what"] for each in answer.json()["errors"]}


def n_entries(home: Served) -> int:
    with home.service.store.reader() as reader:
        return reader.head().size


def test_a_misspelt_filter_is_refused_and_the_right_one_named(home: Served) -> None:
    """API-SIG: a filter that is not heard would widen the answer."""
    answer = home.get("/internal/decisions", params={"acount_id": "second"})
    assert answer.status_code == 400
    assert problem_slug(answer) == "bad-request"
    assert complaints(answer) == {"query acount_id": "is not read; did you mean account_id?"}


def test_a_name_like_no_other_is_told_what_the_path_reads(home: Served) -> None:
    answer = home.get("/api/v1/explain/AAPL", params={"zzz": "1"})
    assert complaints(answer) == {"query zzz": "is not read; name one of account_id, as_of, view"}


def test_a_path_without_parameters_says_so(home: Served) -> None:
    answer = home.get("/internal/policy", params={"family": "x", "family2": ""})
    assert list(complaints(answer)) == ["query family", "query family2"]
    assert "takes no query parameters" in complaints(answer)["query family"]


def test_an_order_with_a_parameter_is_refused_before_it_is_judged(home: Served) -> None:
    """The fast lane reads no query, so an order that comes with one takes the ordinary way, which refuses it."""
    before = n_entries(home)
    answer = home.post(f"{EXECUTE}?dry_run=true", json=ORDER, headers={"Idempotency-Key": new_key()})
    assert answer.status_code == 400
    assert "query dry_run" in complaints(answer)
    assert n_entries(home) == before


@pytest.mark.parametrize("path", ["/health", "/livez", "/readyz"])
def test_probes_may_carry_any_parameter(home: Served, path: str) -> None:
    """Load balancers add what they like against caches."""
    assert home.client.get(path, params={"nocache": "1"}).status_code == 200


def test_a_token_is_asked_for_before_the_query_is_judged(home: Served) -> None:
    assert home.client.get("/internal/decisions", params={"zzz": "1"}).status_code == 401


def test_a_long_name_is_cut_in_the_answer(home: Served) -> None:
    answer = home.get("/internal/decisions", params={"x" * 5_000: "1"})
    assert answer.status_code == 400
    assert len(answer.content) < 2_000


def test_a_parameter_that_is_read_once_may_not_come_twice(home: Served) -> None:
    answer = home.get("/internal/decisions?limit=2&limit=3")
    assert complaints(answer) == {"query limit": "is given more than once; give it once"}
    assert home.get("/internal/log/entries?kind=genesis&kind=plan").status_code == 200


def test_of_many_names_the_first_are_told(home: Served) -> None:
    answer = home.get("/internal/decisions?" + "&".join(f"p{n}=1" for n in range(500)))
    assert len(complaints(answer)) == 16


@pytest.mark.parametrize("query", ["%FF=1", "%00=1", "a=1&&b", "=", "symbol=AAPL&%ff%fe"])
def test_odd_bytes_are_refused_and_not_a_failure(home: Served, query: str) -> None:
    assert home.get(f"/internal/decisions?{query}").status_code == 400


def test_a_head_is_judged_like_its_get(home: Served) -> None:
    headers = home.headers()
    assert home.client.head("/internal/decisions?zzz=1", headers=headers).status_code == 400
    assert home.client.head("/internal/decisions?limit=1", headers=headers).status_code == 200
