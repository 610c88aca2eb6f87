"""Errors become problem details, each by its reason, else by its family."""

from __future__ import annotations

import json

import pytest

from api.http.problems import kind_of, problem, problem_of_status, refused_fields
from nodes.vocabulary.errors import AssayError, DataError, EdgeError, Fault, LogError, PlanError, PolicyError


@pytest.mark.parametrize(
    ("error", "slug", "status"),
    [
        (EdgeError("x", reason="key-reused"), "key-reused", 422),
        (EdgeError("x", reason="queue-full"), "queue-full", 503),
        (EdgeError("x"), "unavailable", 503),
        (EdgeError("x", reason="never heard of"), "unavailable", 503),
        (LogError("x"), "log-fault", 500),
        (DataError("x"), "data-fault", 500),
        (PlanError("x"), "plan-fault", 500),
        (PolicyError([]), "policy-faults", 422),
        (AssayError("x"), "unavailable", 503),
    ],
)
def test_an_error_is_told_by_its_reason_or_its_family(error: AssayError, slug: str, status: int) -> None:
    assert (kind_of(error).slug, kind_of(error).status) == (slug, status)


def test_what_passes_by_itself_says_when_to_come_again() -> None:
    for reason in ("key-in-flight", "queue-full", "generation-changed", "draining", "log-unavailable"):
        assert int(problem(EdgeError("x", reason=reason)).headers["retry-after"]) >= 1


def test_every_fault_of_a_policy_is_told_with_its_place() -> None:
    found = problem(PolicyError([Fault("v2.yaml", 3, 7, "version was one", "write a number")]))
    assert found.members["faults"] == [
        {
            "file": "v2.yaml",
            "line": 3,
            "column": 7,
            "what": "version was one",
            "mend": "write a number",
            "text": "v2.yaml:3:7: version was one; write a number",
        }
    ]


def test_the_content_has_the_members_of_the_rfc_and_ours() -> None:
    content = json.loads(problem(refused_fields([("qty", "is missing")])).content("/path", "abc"))
    assert content["type"] == "/problems/bad-request"
    assert (content["status"], content["instance"], content["trace_id"]) == (400, "/path", "abc")
    assert content["errors"] == [{"where": "qty", "what": "is missing"}]


@pytest.mark.parametrize(
    ("status", "slug"), [(404, "not-found"), (418, "bad-request"), (500, "internal"), (507, "internal")]
)
def test_a_status_of_the_framework_has_a_kind(status: int, slug: str) -> None:
    assert problem_of_status(status, "x").kind.slug == slug


@pytest.mark.parametrize(
    ("status", "phrase", "said"),
    [
        (404, "Not Found", "GET /nope: nothing is there; see /docs"),
        (405, "Method Not Allowed", "GET /nope: the path does not take this method"),
        (413, "Request Entity Too Large", "more than 1048576 bytes; send less"),
    ],
)
def test_a_status_without_words_is_told_with_what_was_asked(status: int, phrase: str, said: str) -> None:
    assert said in problem_of_status(status, phrase, asked="GET /nope").detail
