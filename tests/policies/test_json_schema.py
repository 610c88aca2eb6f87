"""JSON Schema: generated, committed as generated, and of the same shape as the documents."""

from __future__ import annotations

from pathlib import Path

import jsonschema_rs
import pytest
import yaml

from nodes.vocabulary import units
from nodes.vocabulary.errors import PolicyError
from policies.contracts import parsed_sheet
from policies.json_schema import SUFFIXES, Schema, cases_schema, contracts_schema, policy_schema, schema_texts
from policies.schema import Policy, Rule, wanted_keys

SHEETS = sorted((Path(__file__).resolve().parents[2] / "nodes" / "features").glob("*.contracts.yaml"))
CONTRACTS = jsonschema_rs.validator_for(contracts_schema())
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


@pytest.mark.parametrize("sheet", SHEETS, ids=lambda sheet: sheet.name)
def test_every_shipped_sheet_of_contracts_has_the_shape(sheet: Path) -> None:
    """PIT-01."""
    assert list(CONTRACTS.iter_errors(yaml.safe_load(sheet.read_text(encoding="utf-8")))) == []


GOOD = {
    "family": "demo",
    "owner": "research",
    "sources": {"bars_daily": {"lag": "0s", "max_staleness": "unbounded"}},
    "features": {
        "mood_score": {"sources": ["bars_daily"], "unit": "score", "range": [None, 1], "window": "a_count + 1"}
    },
}
MOOD = GOOD["features"]["mood_score"]  # type: ignore[index]  # a sheet is a tree of many kinds


@pytest.mark.parametrize(
    "wrong",
    [
        {"owners": "x"},
        {"sources": {"bars_daily": {"lag": "soon", "max_staleness": "7d"}}},
        {"sources": {"bars_daily": {"lag": "1h"}}},
        {"features": {"mood_score": {**MOOD, "range": [1]}}},
        {"features": {"mood_score": {**MOOD, "missing": "zero"}}},
        {"features": {"mood_score": {**MOOD, "window": "a * 2"}}},
        {"features": {"mood_score": {**MOOD, "dtype": "float16"}}},
        {"features": {"Mood": MOOD}},
    ],
    ids=str,
)
def test_the_schema_of_contracts_refuses_what_the_reader_refuses(wrong: Schema) -> None:
    """PIT-01: an editor shows what `assay` would refuse."""
    assert CONTRACTS.is_valid(GOOD)
    assert parsed_sheet(yaml.safe_dump(GOOD).encode(), "demo").contracts
    assert not CONTRACTS.is_valid({**GOOD, **wrong})
    with pytest.raises(PolicyError, match="demo"):
        parsed_sheet(yaml.safe_dump({**GOOD, **wrong}).encode(), "demo")


def test_every_key_of_a_sheet_is_described() -> None:
    schema = contracts_schema()
    parts = [schema, *schema["$defs"].values()]
    assert all(len(key["description"]) > 10 for part in parts for key in part["properties"].values())
