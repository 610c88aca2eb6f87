"""The check that a change breaks no earlier client: each kind of break is named with its place, growth is none."""

from __future__ import annotations

import copy
from typing import Any

import pytest

from tests.contract.compatibility import breaks

CONTRACT: dict[str, Any] = {
    "openapi": "3.1.0",
    "components": {
        "schemas": {
            "Order": {
                "type": "object",
                "required": ["symbol"],
                "properties": {
                    "symbol": {"type": "string", "maxLength": 12},
                    "side": {"enum": ["buy", "sell"]},
                    "legs": {"type": "array", "items": {"$ref": "#/components/schemas/Order"}},
                },
            },
            "Decision": {
                "type": "object",
                "required": ["id", "verdict"],
                "properties": {
                    "id": {"type": "string"},
                    "verdict": {"enum": ["pass", "deny"]},
                    "note": {"type": "string"},
                },
            },
        },
    },
    "paths": {
        "/orders": {
            "post": {
                "security": [{"token": ["orders:write"]}],
                "parameters": [
                    {"in": "header", "name": "Idempotency-Key", "required": True, "schema": {"type": "string"}}
                ],
                "requestBody": {"content": {"application/json": {"schema": {"$ref": "#/components/schemas/Order"}}}},
                "responses": {
                    "200": {"content": {"application/json": {"schema": {"$ref": "#/components/schemas/Decision"}}}},
                },
            },
        },
    },
}


def altered(path: str, value: Any) -> dict[str, Any]:
    """The contract with one place set, or taken away when the value is None."""
    document = copy.deepcopy(CONTRACT)
    steps = path.split(" ")
    node: Any = document
    for step in steps[:-1]:
        node = node[int(step)] if isinstance(node, list) else node[step]
    if value is None:
        del node[steps[-1]]
    else:
        node[steps[-1]] = value
    return document


ORDER = "components schemas Order"
DECISION = "components schemas Decision"
POST = "paths /orders post"


def test_unchanged_contract_breaks_nobody() -> None:
    assert breaks(CONTRACT, copy.deepcopy(CONTRACT)) == ()


@pytest.mark.parametrize(
    ("path", "value", "want"),
    [
        (POST, None, "POST /orders: is gone"),
        (f"{ORDER} required", ["symbol", "side"], "POST /orders body.side: is now required"),
        (f"{ORDER} properties side", None, "POST /orders body.side: is gone"),
        (f"{ORDER} properties side enum", ["buy"], "POST /orders body.side: takes only ['buy'], took ['buy', 'sell']"),
        (f"{ORDER} properties symbol maxLength", 6, "POST /orders body.symbol: maxLength was 12, is 6"),
        (f"{ORDER} properties symbol pattern", "A+", "POST /orders body.symbol: pattern was 'free', is 'A+'"),
        (f"{ORDER} properties symbol type", "integer", "POST /orders body.symbol: type was ['string'], is ['integer']"),
        (f"{DECISION} properties note", None, "POST /orders 200.note: is gone"),
        (f"{DECISION} required", ["id"], "POST /orders 200.verdict: may now be left out"),
        (
            f"{DECISION} properties verdict enum",
            ["pass", "deny", "hold"],
            "POST /orders 200.verdict: may say ['deny', 'hold', 'pass'], said only ['deny', 'pass']",
        ),
        (
            f"{DECISION} properties id type",
            ["string", "null"],
            "POST /orders 200.id: type was ['string'], is ['null', 'string']",
        ),
        (f"{POST} responses", {}, "POST /orders 200: is gone"),
        (f"{POST} parameters", [], "POST /orders header Idempotency-Key: is gone"),
        (f"{POST} requestBody required", True, "POST /orders body: is now required"),
        (f"{POST} security 0 token", ["orders:write", "operate"], "POST /orders: asks for token operate"),
        (
            f"{POST} parameters",
            [*CONTRACT["paths"]["/orders"]["post"]["parameters"], {"in": "query", "name": "venue", "required": True}],
            "POST /orders query venue: is now required",
        ),
    ],
)
def test_change_that_trips_a_client_is_named_with_its_place(path: str, value: Any, want: str) -> None:
    assert want in breaks(CONTRACT, altered(path, value))


@pytest.mark.parametrize(
    ("path", "value"),
    [
        (f"{ORDER} properties note", {"type": "string"}),
        (f"{ORDER} properties side enum", ["buy", "sell", "sell_short"]),
        (f"{ORDER} properties symbol maxLength", 20),
        (f"{ORDER} required", []),
        (f"{DECISION} properties since", {"type": "string"}),
        (f"{DECISION} properties verdict enum", ["pass"]),
        ("paths /plan", {"get": {"responses": {}}}),
        (f"{POST} responses 409", {"description": "in flight"}),
        (f"{POST} security", []),
    ],
)
def test_growth_breaks_nobody(path: str, value: Any) -> None:
    assert breaks(CONTRACT, altered(path, value)) == ()
