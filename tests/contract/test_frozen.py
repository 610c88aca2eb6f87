"""The served contract is the frozen one: it may grow, with the file, and breaks no client of before."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any

import jsonschema_rs
import pytest

from tests.contract.compatibility import breaks
from tests.contract.documents import Example, examples, operations
from tests.contract.freeze import COMMAND, FROZEN, contract, frozen, frozen_text

SHARED = "urn:contract"


def test_no_change_breaks_a_client_of_the_frozen_contract(document: dict[str, Any]) -> None:
    """TEST-05."""
    assert breaks(frozen(), contract(document)) == ()


def test_the_frozen_contract_is_the_served_one(document: dict[str, Any]) -> None:
    """TEST-05: growth is written down, so that it is seen in review and cannot be taken back unnoticed."""
    is_same = FROZEN.read_text(encoding="utf-8") == frozen_text(document)
    assert is_same, f"the contract changed; write it down with `{COMMAND}` and commit {FROZEN.name}"


def test_freezing_says_the_same_in_whatever_order_routes_come(document: dict[str, Any]) -> None:
    turned = {**document, "paths": dict(reversed(document["paths"].items()))}
    assert frozen_text(turned) == frozen_text(document)


def test_an_operation_that_goes_away_is_named(document: dict[str, Any]) -> None:
    """The check sees the document that is really served, not only the small one of its own tests."""
    gone = {**contract(document), "paths": {**contract(document)["paths"]}}
    del gone["paths"]["/api/v1/positions"]
    assert breaks(frozen(), gone) == ("GET /api/v1/positions: is gone",)


def test_every_example_is_what_its_schema_says(document: dict[str, Any]) -> None:
    """OPS-10, SCOPE-04: what people copy from the documentation works."""
    assert _faults(document, examples(document)) == {}


def test_an_example_that_its_schema_does_not_allow_is_named(document: dict[str, Any]) -> None:
    """The test above would pass if the parts that schemas refer to were not found."""
    some = next(each for each in examples(document) if set(each.schema) == {"$ref"} and isinstance(each.value, dict))
    assert list(_faults(document, [replace(some, value=[])])) == [some.place]


def _faults(document: dict[str, Any], found: Iterable[Example]) -> dict[str, list[str]]:
    """What is wrong with examples, by place. The parts that schemas share are read once, not for each example."""
    shared = jsonschema_rs.Registry([(SHARED, {"components": document["components"]})])
    faults = {
        each.place: [
            fault.message
            for fault in jsonschema_rs.Draft202012Validator(_placed(each.schema), registry=shared).iter_errors(
                each.value
            )
        ]
        for each in found
    }
    return {place: said for place, said in faults.items() if said}


def _placed(schema: Any) -> Any:
    """A schema that refers to the parts where the registry has them."""
    if isinstance(schema, Mapping):
        return {
            name: f"{SHARED}{part}" if name == "$ref" and isinstance(part, str) else _placed(part)
            for name, part in schema.items()
        }
    return [_placed(part) for part in schema] if isinstance(schema, list) else schema


@pytest.mark.parametrize("place", ["requestBody", "200"])
def test_examples_are_found_where_there_are_some(document: dict[str, Any], place: str) -> None:
    """The test above would pass on a document without examples, or if it looked in the wrong places."""
    assert sum(place in each.place for each in examples(document)) >= (6 if place == "requestBody" else 35)
    assert len(operations(document)) >= 45
