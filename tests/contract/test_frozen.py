"""The served contract is the frozen one: it may grow, with the file, and breaks no client of before."""

from __future__ import annotations

from typing import Any

import jsonschema_rs
import pytest

from tests.contract.compatibility import breaks
from tests.contract.documents import Example, examples, operations
from tests.contract.freeze import COMMAND, FROZEN, contract, frozen, frozen_text


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
    wrong = {
        each.place: [fault.message for fault in _validator(document, each).iter_errors(each.value)]
        for each in examples(document)
    }
    assert {place: faults for place, faults in wrong.items() if faults} == {}


def _validator(document: dict[str, Any], example: Example) -> Any:
    schema = {**example.schema, "components": document["components"]}
    return jsonschema_rs.Draft202012Validator(schema)


@pytest.mark.parametrize("place", ["requestBody", "200"])
def test_examples_are_found_where_there_are_some(document: dict[str, Any], place: str) -> None:
    """The test above would pass on a document without examples, or if it looked in the wrong places."""
    assert sum(place in each.place for each in examples(document)) >= (6 if place == "requestBody" else 35)
    assert len(operations(document)) >= 45
