"""JSON Schema: generated, committed as generated, and of the same shape as the documents."""

from __future__ import annotations

from pathlib import Path

import pytest

from nodes.vocabulary import units
from policies.json_schema import SUFFIXES, Schema, cases_schema, policy_schema, schema_texts
from policies.schema import Policy, Rule, wanted_keys

FOLDER = Path(__file__).resolve().parents[2] / "policies"


@pytest.mark.parametrize("name", sorted(schema_texts()))
def test_committed_schema_is_the_generated_one(name: str) -> None:
    assert (FOLDER / name).read_text() == schema_texts()[name]


def test_keys_are_those_that_authors_write_and_no_others() -> None:
    schema = policy_schema()
    rule = schema["$defs"]["Rule"]
    assert set(schema["properties"]) == set(wanted_keys(Policy))
    assert set(rule["properties"]) == set(wanted_keys(Rule))
    assert schema["additionalProperties"] is rule["additionalProperties"] is False
    assert set(rule["required"]) == {"id", "require", "then", "because", "plain", "source"}
    assert "rules" in schema["required"]


def test_every_key_of_a_policy_is_described() -> None:
    schema = policy_schema()
    described = [*schema["properties"].values(), *schema["$defs"]["Rule"]["properties"].values()]
    assert all(len(part["description"]) > 10 for part in described)


def test_every_unit_suffix_is_typed() -> None:
    known = [suffix for suffix in units._SUFFIXES if not any(suffix.endswith(shorter) for shorter in SUFFIXES)]
    assert known == []


def test_then_offers_the_words_and_clip() -> None:
    then = policy_schema()["$defs"]["Rule"]["properties"]["then"]
    assert then["oneOf"][0] == {"enum": ["deny", "review", "warn"]}
    assert then["oneOf"][1]["required"] == ["clip"]


def test_values_are_typed_by_suffix() -> None:
    patterns: Schema = policy_schema()["properties"]["params"]["patternProperties"]
    assert patterns["_shares$"]["anyOf"][0] == {"type": "integer"}
    assert patterns["_frac$"]["anyOf"][0] == {"type": "number"}
    assert patterns["_weights$"]["additionalProperties"] == {"type": "number"}


def test_cases_are_a_list_or_have_a_base() -> None:
    listed, based = cases_schema()["oneOf"]
    assert listed["items"] == {"$ref": "#/$defs/Case"}
    assert set(based["properties"]) == {"base", "cases"}
    want = cases_schema()["$defs"]["Case"]["properties"]["want"]
    assert want["additionalProperties"]["enum"] == ["holds", "fails", "unknown", "skipped"]
    assert want["properties"]["verdict"]["enum"] == ["pass", "warn", "clip", "review", "deny"]
