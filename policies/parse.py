"""Bytes to Policy, or all faults: nothing here stops at the first.

Steps: YAML to nodes with places (`policies.document`); nodes to values, typed by the suffix of their
names (`policies.values`); values to the frozen document (`policies.schema`); rule texts, text slots and
names across the document. Whether names exist and units agree is for `dataflows.engine`.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from pydantic import ValidationError

from nodes.vocabulary import canonical
from nodes.vocabulary.errors import Fault, PolicyError
from nodes.vocabulary.verdict import Verdict
from policies.document import Broken, Mapping, Node, Scalar, Sequence, document
from policies.grammar import printed, rule_tree, tree_or_slips
from policies.marks import Marks, Path
from policies.schema import Policy, Rule, plain_content, wanted_keys
from policies.slips import Slip, quoted, suggestion
from policies.texts import text_or_slips
from policies.values import SlipError, core_value, instant, named_value


@dataclass(frozen=True)
class ParsedPolicy:
    """A policy and where its parts stand in the file."""

    policy: Policy
    marks: Marks


def parsed_policy(text: bytes, file: str) -> ParsedPolicy:
    """The policy that the bytes of a file hold. Raises PolicyError with every fault."""
    read = document(text, file)
    if read.root is None:
        raise PolicyError(read.faults)
    marks = Marks(read)
    reading = _Reading(marks)
    content = reading.content(read.root)
    faults = [*read.faults, *reading.faults, *_text_faults(content, marks), *_name_faults(content, marks)]
    try:
        policy = Policy.model_validate(content)
    except ValidationError as error:
        known = {(fault.line, fault.column) for fault in faults}
        faults += [fault for fault in schema_faults(error, marks) if (fault.line, fault.column) not in known]
        raise PolicyError(faults) from error
    if faults:
        raise PolicyError(faults)
    return ParsedPolicy(policy, marks)


def policy_digest(policy: Policy) -> bytes:
    """The identity of a policy: a digest of what it says, whatever its white space, comments and order of keys."""
    return canonical.digest("policy", canonical.encode(_content(policy)))


def _content(policy: Policy) -> dict[str, Any]:
    content: dict[str, Any] = plain_content(policy)
    rules = [{**plain_content(rule), "require": printed(rule_tree(rule.require))} for rule in policy.rules]
    return {**content, "rules": sorted(rules, key=lambda rule: str(rule["id"]))}


class _Reading:
    """Nodes to values: the path of a node says how it is typed."""

    def __init__(self, marks: Marks) -> None:
        self.marks = marks
        self.faults: list[Fault] = []

    def content(self, node: Node, path: Path = ()) -> Any:  # noqa: ANN401  # what a document holds
        """The value of a node; None where a fault was recorded."""
        if isinstance(node, Mapping):
            return {key.text: self.content(value, (*path, key.text)) for key, value in node.entries}
        if isinstance(node, Sequence):
            return tuple(self.content(item, (*path, index)) for index, item in enumerate(node.items))
        if isinstance(node, Broken):
            return None
        try:
            return self._scalar(node, path)
        except SlipError as error:
            self.faults.append(self.marks.slip_fault(path, error.slip))
            return None

    def _scalar(self, scalar: Scalar, path: Path) -> Any:  # noqa: ANN401
        match path:
            case ("effective_from",):
                return instant(scalar)
            case ("params", str(name)) | ("rules", int(), "limits", str(name)):
                return self._named(name, scalar)
            case ("signal", str(name)) | ("params", _, str(name)) | ("rules", int(), "limits", _, str(name)):
                return self._named(f"{name}_score", scalar)
            case _:
                return core_value(scalar)

    def _named(self, name: str, scalar: Scalar) -> Any:  # noqa: ANN401
        value = named_value(name, scalar)
        if value is None:
            raise SlipError(f"{name} has no value", "write its value")
        return value


def schema_faults(error: ValidationError, marks: Marks) -> Iterator[Fault]:
    """What a document's types complain of, placed, each with its mend."""
    seen = set()
    for problem in error.errors(include_url=False):
        path = tuple(part for part in problem["loc"] if part != "[key]")
        while path and path not in marks and path[:-1] not in marks:
            path = path[:-1]
        if marks.is_broken(path) or path in seen:
            continue
        seen.add(path)
        yield _schema_fault(problem, path, marks)


def _schema_fault(problem: Any, path: Path, marks: Marks) -> Fault:  # noqa: ANN401  # pydantic's ErrorDetails
    key = str(path[-1]) if path else "the document"
    kind, given = problem["type"], problem["input"]
    context = problem.get("ctx", {})
    if kind == "missing":
        return marks.fault(path[:-1], f"{quoted(key)} is missing", f"add {key}:")
    if kind == "extra_forbidden":
        known = set(_keys_at(path)) - {str(other[-1]) for other in marks if other and other[:-1] == path[:-1]}
        return marks.key_fault(path, f"{quoted(key)} is no key of a {_place(path)}", suggestion(key, known))
    if "mend" in context:
        what = problem["msg"]
        is_key = "[key]" in problem["loc"]
        return (marks.key_fault if is_key else marks.fault)(path, what, context["mend"])
    return marks.fault(path, f"{key} was {_shown(given)}, expected {_wanted(problem)}", _mend(kind, given))


def _keys_at(path: Path) -> tuple[str, ...]:
    return wanted_keys(Rule if path[:1] == ("rules",) else Policy)


def _place(path: Path) -> str:
    return "rule" if path[:1] == ("rules",) else "policy"


def _shown(given: object) -> str:
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
    return _WANTED.get(problem["type"], problem["msg"])


def _mend(kind: str, given: object) -> str:
    if kind == "string_type" and isinstance(given, bool | int | float):
        return "put it in quotes"
    return {
        "string_type": "write a text",
        "tuple_type": "begin each item with a dash",
        "greater_than_equal": "count versions from 1",
        "model_type": "write keys and values",
    }.get(kind, "correct it")


def _text_faults(content: Any, marks: Marks) -> Iterator[Fault]:  # noqa: ANN401
    """Rule texts and text slots, and the keys of a rule that only go together."""
    for index, rule in _rules(content):
        place = ("rules", index)
        for key, reader in (("require", tree_or_slips), ("because", text_or_slips), ("plain", text_or_slips)):
            if isinstance(rule.get(key), str) and rule[key].strip():
                yield from _slip_faults(reader(rule[key])[1], (*place, key), marks)
        if "on_unknown" in rule and rule.get("then") not in (Verdict.WARN.label, None):
            what = f"on_unknown belongs to a warn rule, then was {_shown(rule['then'])}"
            yield marks.key_fault((*place, "on_unknown"), what, "remove it: unknown denies")


def _slip_faults(slips: tuple[Slip, ...], path: Path, marks: Marks) -> Iterator[Fault]:
    return (marks.slip_fault(path, slip) for slip in slips)


def _rules(content: Any) -> Iterator[tuple[int, dict[str, Any]]]:  # noqa: ANN401
    rules = content.get("rules") if isinstance(content, dict) else None
    for index, rule in enumerate(rules if isinstance(rules, tuple) else ()):
        if isinstance(rule, dict):
            yield index, rule


def _name_faults(content: Any, marks: Marks) -> Iterator[Fault]:  # noqa: ANN401
    """Rule ids that are there twice, and names that have two places; the first place is the one that stays."""
    ids: dict[str, list[Path]] = defaultdict(list)
    values: dict[str, list[Path]] = defaultdict(list)
    for section in ("params", "signal"):
        for name in _mapping(content, section):
            values[name].append((section, name))
    for index, rule in _rules(content):
        if isinstance(rule.get("id"), str):
            ids[rule["id"].replace("-", "_")].append(("rules", index, "id"))
        for name in _mapping(rule, "limits"):
            values[name].append(("rules", index, "limits", name))
    for rule_id, paths in ids.items():
        for path in paths[1:]:
            what = f"rule id {quoted(rule_id)} is taken in line {marks[paths[0]][0]}"
            yield marks.fault(path, what, "name each rule once (- and _ count as one)")
    for name, paths in values.items():
        for path in paths[1:]:
            what = f"name {quoted(name)} is taken in line {marks.key_spot(paths[0])[0]}"
            yield marks.key_fault(path, what, "give each parameter, limit and feature its own name")


def _mapping(content: Any, key: str) -> dict[str, Any]:  # noqa: ANN401
    part = content.get(key) if isinstance(content, dict) else None
    return part if isinstance(part, dict) else {}
