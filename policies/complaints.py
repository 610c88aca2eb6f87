"""What the types of a policy document complain of, as faults: placed, with the value and the mend."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any, TypeAlias

from pydantic import ValidationError

from nodes.vocabulary.errors import Fault
from policies.marks import Marks, Path
from policies.schema import Policy, Rule, wanted_keys
from policies.slips import quoted, suggestion

Keys: TypeAlias = Callable[[Path], tuple[tuple[str, ...], str]]
"""Of a place in a document, the keys that it may have and what it is called."""


def _policy_keys(path: Path) -> tuple[tuple[str, ...], str]:
    is_rule = path[:1] == ("rules",)
    return wanted_keys(Rule if is_rule else Policy), "rule" if is_rule else "policy"


def schema_faults(
    error: ValidationError, marks: Marks, refused: frozenset[Path], keys: Keys = _policy_keys
) -> Iterator[Fault]:
    """What a document's types complain of, placed, each with its mend.

    Args:
        error: pydantic's.
        marks: the places of the document.
        refused: values that were refused before; a complaint about one, or about what holds it, says nothing new.
        keys: what the places of the document are; those of a policy by default.
    """
    told = {path[:end] for path in refused for end in range(len(path) + 1)}
    for problem in error.errors(include_url=False):
        path = tuple(part for part in problem["loc"] if part != "[key]")
        if path in told or marks.is_broken(path):
            continue
        told.add(path)
        yield _schema_fault(problem, path, marks, keys)


def _schema_fault(problem: Any, path: Path, marks: Marks, keys: Keys) -> Fault:  # noqa: ANN401  # pydantic's ErrorDetails
    key = str(path[-1]) if path else "the document"
    kind, given = problem["type"], problem["input"]
    context = problem.get("ctx", {})
    if kind == "missing":
        return marks.fault(path[:-1], f"{quoted(key)} is missing", f"add {key}:")
    if kind == "extra_forbidden":
        wanted, place = keys(path)
        known = set(wanted) - marks.keys_at(path[:-1])
        return marks.key_fault(path, f"{quoted(key)} is no key of a {place}", suggestion(key, known))
    if "mend" in context:
        what = problem["msg"]
        is_key = "[key]" in problem["loc"]
        return (marks.key_fault if is_key else marks.fault)(path, what, context["mend"])
    return marks.fault(path, f"{key} was {shown(given)}, expected {_wanted(problem)}", _mend(kind, given))


def shown(given: object) -> str:
    """What an author wrote, in a few words."""
    if given is None:
        return "null"
    if isinstance(given, dict):
        return "a mapping"
    if isinstance(given, tuple):
        return "a list"
    return quoted(given) if isinstance(given, str) else str(given)


_WANTED = {
    "string_type": "a text",
    "int_type": "a whole number",
    "float_type": "a number",
    "tuple_type": "a list",
    "mapping_type": "a mapping",
    "dict_type": "a mapping",
    "model_type": "a mapping",
    "greater_than_equal": "at least 1",
}


def _wanted(problem: Any) -> str:  # noqa: ANN401
    key = problem["loc"][-1] if problem["loc"] else ""
    if problem["type"] == "string_pattern_mismatch":
        return "sha256: and 64 digits" if key == "supersedes" else "lower-case words joined by -"
    return _WANTED.get(problem["type"], str(problem["msg"]))


def _mend(kind: str, given: object) -> str:
    if kind == "string_type" and isinstance(given, bool | int | float):
        return "put it in quotes"
    mends = {
        "string_type": "write a text",
        "tuple_type": "begin each item with a dash",
        "greater_than_equal": "count versions from 1",
        "model_type": "write keys and values",
    }
    return mends.get(kind, "correct it")
