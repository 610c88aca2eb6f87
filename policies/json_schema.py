"""JSON Schema of policies, cases and feature contracts, generated from their types, for editors to complete and check.

It knows shapes and units, not the rule language nor what exists: `assay policy check` is the authority.
"""

from __future__ import annotations

import inspect
import json
import re
from collections.abc import Mapping
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from pydantic import BaseModel

from nodes.vocabulary.verdict import Action, Verdict
from policies.cases import RuleWant
from policies.contracts import UNBOUNDED, FeatureTerms, MissingLaw, Sheet, SourceTerms
from policies.schema import NAME_PATTERN, RULE_ID_PATTERN, AppliesTo, Policy, Rule
from policies.values import base_of_name

DIALECT = "https://json-schema.org/draft/2020-12/schema"
SUFFIXES = (
    "_usd",
    "_shares",
    "_frac",
    "_bps",
    "_score",
    "_sessions",
    "_s",
    "_days",
    "_count",
    "_weights",
    "_at",
    "_utc",
    "_on",
)
"""The unit suffixes that names may carry; a longer one of the same type is left to the shorter."""

Schema = dict[str, Any]
_NUMBER: Schema = {"type": "number"}
_TEXT: Schema = {"type": "string"}
_SCALAR: Schema = {"type": ["boolean", "number", "string"]}
_TYPES: Mapping[type, Schema] = {
    int: {"type": "integer"},
    float: _NUMBER,
    Decimal: _NUMBER,
    dict: {"type": "object", "additionalProperties": _NUMBER},
    datetime: {"type": "string", "format": "date-time"},
    date: {"type": "string", "format": "date"},
}
_DURATION: Schema = {"type": "string", "pattern": "^[0-9]{1,6}[smhd]$"}
_WINDOW: Schema = {
    "type": "string",
    "pattern": r"^\s*([a-z][a-z0-9_]*|\d{1,5})\s*(\+\s*([a-z][a-z0-9_]*|\d{1,5})\s*)*$",
}
_THEN: Schema = {
    "oneOf": [
        {"enum": [verdict.label for verdict in (Verdict.DENY, Verdict.REVIEW, Verdict.WARN)]},
        {
            "type": "object",
            "required": ["clip"],
            "properties": {"clip": {"type": "string", "pattern": NAME_PATTERN}},
            "additionalProperties": False,
        },
    ]
}


def policy_schema() -> Schema:
    """The schema of `v<N>.yaml`."""
    schema = Policy.model_json_schema(by_alias=True)
    rule = schema["$defs"]["Rule"]
    _describe(schema, Policy)
    _describe(rule, Rule)
    _replace(rule["properties"], "then", _THEN)
    _replace(rule["properties"], "applies_to", {"enum": [member.value for member in AppliesTo]})
    _replace(rule["properties"], "on_unknown", {"const": "warn"})
    _replace(rule["properties"], "id", {"type": "string", "pattern": RULE_ID_PATTERN})
    _replace(rule["properties"], "limits", _values(is_case=False))
    _replace(schema["properties"], "params", _values(is_case=False))
    signal = {"type": "object", "propertyNames": {"pattern": NAME_PATTERN}, "additionalProperties": _NUMBER}
    _replace(schema["properties"], "signal", signal)
    return {"$schema": DIALECT, **schema, "title": "Assay policy", "$defs": {"Rule": rule}}


def cases_schema() -> Schema:
    """The schema of `v<N>.cases.yaml`."""
    want: Schema = {
        "type": "object",
        "minProperties": 1,
        "properties": {
            "action": {"enum": [action.value for action in Action]},
            "decision": {"enum": [action.value for action in Action]},
            "verdict": {"enum": [verdict.label for verdict in Verdict]},
            "order_shares": {"type": "integer"},
            "reasons": {"type": "array", "items": _TEXT},
        },
        "additionalProperties": {"enum": [want.value for want in RuleWant]},
    }
    given = {"oneOf": [{"type": "null"}, _values(is_case=True)]}
    case = _closed({"note": _TEXT, "given": given, "want": want}, ["note", "given", "want"])
    cases = {"type": "array", "minItems": 1, "items": {"$ref": "#/$defs/Case"}}
    based = _closed({"base": given, "cases": cases}, ["cases"])
    return {"$schema": DIALECT, "title": "Assay cases", "oneOf": [cases, based], "$defs": {"Case": case}}


def contracts_schema() -> Schema:
    """The schema of `<family>.contracts.yaml`, the contracts of a module of features."""
    schema = Sheet.model_json_schema()
    terms, source = schema["$defs"]["FeatureTerms"], schema["$defs"]["SourceTerms"]
    for part, model in ((schema, Sheet), (terms, FeatureTerms), (source, SourceTerms)):
        _describe(part, model)
    _replace(source["properties"], "lag", _DURATION)
    _replace(source["properties"], "max_staleness", {"anyOf": [{"const": UNBOUNDED}, _DURATION]})
    bound = _nullable(_NUMBER)
    pair = {"type": "array", "prefixItems": [bound, bound], "items": False, "minItems": 2, "maxItems": 2}
    _replace(terms["properties"], "range", pair)
    _replace(terms["properties"], "window", {"anyOf": [{"type": "integer", "minimum": 0}, _WINDOW], "default": "1"})
    _replace(terms["properties"], "missing", {"enum": [law.value for law in MissingLaw], "default": "unknown"})
    _replace(terms["properties"], "owner", _TEXT)
    for key, named in (("sources", "SourceTerms"), ("features", "FeatureTerms")):
        names = {"propertyNames": {"pattern": NAME_PATTERN}, "additionalProperties": {"$ref": f"#/$defs/{named}"}}
        _replace(schema["properties"], key, {"type": "object", **names})
    parts = {"FeatureTerms": terms, "SourceTerms": source}
    return {"$schema": DIALECT, **schema, "title": "Assay feature contracts", "$defs": parts}


def schema_texts() -> dict[str, str]:
    """The text of each schema by the name of its file."""
    schemas = {
        "policy.schema.json": policy_schema(),
        "cases.schema.json": cases_schema(),
        "contracts.schema.json": contracts_schema(),
    }
    return {name: json.dumps(schema, indent=2, sort_keys=True) + "\n" for name, schema in schemas.items()}


def _closed(properties: Schema, required: list[str]) -> Schema:
    return {"type": "object", "properties": properties, "required": required, "additionalProperties": False}


def _values(*, is_case: bool) -> Schema:
    """Named values, each typed by the suffix of its name; in a case any may be null."""
    patterns = {rf"{suffix}$": _of_suffix(suffix, is_case=is_case) for suffix in SUFFIXES}
    other = _nullable(_SCALAR) if is_case else _one_or_many(_SCALAR)
    names = {"pattern": NAME_PATTERN}
    return {"type": "object", "propertyNames": names, "patternProperties": patterns, "additionalProperties": other}


def _of_suffix(suffix: str, *, is_case: bool) -> Schema:
    base = base_of_name(f"x{suffix}")
    one = _TYPES[base] if base is not None else _SCALAR
    if is_case:
        return _nullable(one)
    return one if base is dict else _one_or_many(one)


def _one_or_many(schema: Schema) -> Schema:
    return {"anyOf": [schema, {"type": "array", "items": schema}]}


def _nullable(schema: Schema) -> Schema:
    return {"anyOf": [schema, {"type": "null"}]}


def _replace(properties: Schema, key: str, schema: Schema) -> None:
    """Puts a schema in the place of pydantic's, whose types are those after reading; keeps the description."""
    kept = {name: properties[key][name] for name in ("description",) if name in properties[key]}
    properties[key] = {**kept, **schema}


def _describe(schema: Schema, model: type[BaseModel]) -> None:
    """Moves the lines of the docstring's Attributes to the properties, under the names an author writes."""
    lines = dict(re.findall(r"^ {4}(\w+): (.+(?:\n {6,}.+)*)", inspect.getdoc(model) or "", re.MULTILINE))
    schema["description"] = (inspect.getdoc(model) or "").partition("\n")[0]
    for name, described in model.model_fields.items():
        text = " ".join(str(lines[name]).split())
        schema["properties"][described.alias or name]["description"] = text[0].upper() + text[1:]
