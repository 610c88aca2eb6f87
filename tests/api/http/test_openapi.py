"""The OpenAPI document is whole: every operation says who may use it, what goes in, what comes out, with examples."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import msgspec
import pytest

from api.http.app import ROUTERS
from api.http.openapi import document, examples, older
from api.http.tokens import SCOPES
from tests.api.http.serving import Served


@pytest.fixture(scope="module")
def found() -> dict[str, Any]:
    return document(ROUTERS)


def _operations(found: dict[str, Any]) -> Iterator[tuple[str, str, dict[str, Any]]]:
    for path, item in found["paths"].items():
        for method, operation in item.items():
            yield path, method, operation


def test_every_operation_has_an_id_of_its_own_and_words_for_people(found: dict[str, Any]) -> None:
    ids = [operation["operationId"] for _, _, operation in _operations(found)]
    assert len(ids) == len(set(ids))
    assert not [place for *place, operation in _operations(found) if not operation.get("description")]
    assert not [
        place for *place, operation in _operations(found) if not (operation.get("summary") and operation["tags"])
    ]


def test_every_operation_says_which_scope_it_needs(found: dict[str, Any]) -> None:
    """SEC-17: and the only open ones are those that must be."""
    open_ones = {path for path, _, operation in _operations(found) if operation["security"] == []}
    assert open_ones <= {
        "/livez",
        "/readyz",
        "/health",
        "/metrics",
        "/problems",
        "/problems/{slug}",
        "/.well-known/jwks.json",
    }
    for _, _, operation in _operations(found):
        assert all(set(each["token"]) <= SCOPES.keys() for each in operation["security"])


def test_every_operation_tells_its_problems(found: dict[str, Any]) -> None:
    for path, method, operation in _operations(found):
        told = {status for status, each in operation["responses"].items() if "application/problem+json" in str(each)}
        guarded = {"401", "403", "429"} if operation["security"] else set()
        assert told >= {"400", "500"} | guarded, (path, method)


def test_every_reference_leads_somewhere(found: dict[str, Any]) -> None:
    schemas = found["components"]["schemas"]
    missing = {name for name in _references(found) if name not in schemas}
    assert not missing


def _references(part: Any) -> Iterator[str]:
    if isinstance(part, dict):
        for name, each in part.items():
            if name == "$ref":
                yield str(each).removeprefix("#/components/schemas/")
            else:
                yield from _references(each)
    elif isinstance(part, list):
        for each in part:
            yield from _references(each)


def test_an_order_is_documented_with_its_key_and_its_body(found: dict[str, Any]) -> None:
    operation = found["paths"]["/api/v1/actions/execute"]["post"]
    assert {"Idempotency-Key", "traceparent"} <= {each["name"] for each in operation["parameters"]}
    schema = operation["requestBody"]["content"]["application/json"]["schema"]
    assert schema == {"$ref": "#/components/schemas/OrderBody"}
    assert {"409", "413", "415", "422", "503"} <= operation["responses"].keys()


def test_every_body_and_every_json_answer_has_a_recorded_example(found: dict[str, Any]) -> None:
    bare = [
        f"{method} {path} {where}"
        for path, method, operation in _operations(found)
        for where, content in _contents(operation)
        if "examples" not in content
    ]
    assert not bare


def _contents(operation: dict[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    body = operation.get("requestBody", {}).get("content", {})
    if "application/json" in body:
        yield "body", body["application/json"]
    for status, response in operation["responses"].items():
        if status == "200" and "application/json" in response.get("content", {}):
            later = operation["responses"].get("202", response)["content"]["application/json"]
            yield status, response["content"]["application/json"] | later


def test_examples_are_of_operations_that_there_are(found: dict[str, Any]) -> None:
    assert examples().keys() <= {operation["operationId"] for _, _, operation in _operations(found)}


def test_a_parameter_that_may_be_left_out_is_never_null(found: dict[str, Any]) -> None:
    parameters = [each for _, _, operation in _operations(found) for each in operation.get("parameters", ())]
    assert not [each["name"] for each in parameters if "null" in str(each["schema"])]


def test_a_change_must_name_the_state_that_it_is_made_for(found: dict[str, Any]) -> None:
    """API-SIG-08: the route tells it in its own words; the document says it to whoever generates a client."""
    parameters = [each for _, _, operation in _operations(found) for each in operation.get("parameters", ())]
    assert {each["required"] for each in parameters if each["name"] == "If-Match"} == {True}
    assert {each["required"] for each in parameters if each["name"] == "If-None-Match"} == {False}


def test_what_can_be_asked_on_condition_may_be_unchanged(found: dict[str, Any]) -> None:
    """API-SIG-01."""
    conditional = {
        operation["operationId"]: operation["responses"].keys()
        for _, _, operation in _operations(found)
        if "If-None-Match" in {each["name"] for each in operation.get("parameters", ())}
    }
    assert conditional.keys() >= {"plan", "get_decision", "get_trace", "policy_version"}
    assert all("304" in statuses for statuses in conditional.values())


def test_every_link_leads_to_an_operation_that_takes_what_it_gives(found: dict[str, Any]) -> None:
    takes = {
        operation["operationId"]: {each["name"] for each in operation.get("parameters", ())}
        for _, _, operation in _operations(found)
    }
    links = [
        each
        for _, _, operation in _operations(found)
        for each in operation["responses"].get("200", {}).get("links", {}).values()
    ]
    assert {"why_not", "get_decision", "order"} <= {each["operationId"] for each in links}
    assert not [each for each in links if not each["parameters"].keys() <= takes[each["operationId"]]]


def test_the_older_form_uses_no_word_of_the_newer(found: dict[str, Any]) -> None:
    old = older(found)
    assert old["openapi"] == "3.0.3"
    assert not [each for each in _dicts(old) if isinstance(each.get("type"), list)]
    assert not [each for each in _dicts(old) if {"type": "null"} in (each.get("anyOf") or each.get("oneOf") or [])]
    assert old["paths"].keys() == found["paths"].keys()


def _dicts(part: Any) -> Iterator[dict[str, Any]]:
    if isinstance(part, dict):
        yield part
        for each in part.values():
            yield from _dicts(each)
    elif isinstance(part, list):
        for each in part:
            yield from _dicts(each)


def test_the_document_is_served_to_anybody(home: Served, found: dict[str, Any]) -> None:
    """OPS-10."""
    response = home.client.get("/openapi.json")
    assert response.json() == json.loads(msgspec.json.encode(found))
    assert home.client.get("/docs/openapi-3.0.json").json() == json.loads(msgspec.json.encode(older(found)))
