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
from policies.complaints import schema_faults, shown
from policies.document import Broken, Mapping, Node, Scalar, Sequence, document
from policies.grammar import printed, rule_tree, tree_or_slips
from policies.marks import Marks, Path
from policies.remains import NO_GAPS, Gaps, remaining
from policies.schema import Policy, plain_content
from policies.slips import Slip, quoted
from policies.texts import text_or_slips
from policies.values import ScalarValue, SlipError, base_of_name, core_value, instant, named_value


@dataclass(frozen=True)
class ParsedPolicy:
    """A policy and where its parts stand in the file."""

    policy: Policy
    marks: Marks
    gaps: Gaps = NO_GAPS

    @property
    def file(self) -> str:
        """The name of the file."""
        return self.marks.file

    def mark(self, path: Path, offset: int = 0) -> tuple[int, int]:
        """Line and column of the value at a path, or of its character at `offset` when it is a text."""
        return self.marks.spot(path, offset)


@dataclass(frozen=True)
class PolicyReading:
    """What was made of a text.

    Attributes:
        faults: everything wrong with its form.
        parsed: the policy; where there are faults, what of it is sound enough to look for more, or None.
    """

    faults: tuple[Fault, ...]
    parsed: ParsedPolicy | None


def policy_reading(text: bytes, file: str) -> PolicyReading:
    """The policy that the bytes of a file hold, as far as it can be read, and every fault of its form."""
    read = document(text, file)
    if read.root is None:
        return PolicyReading(read.faults, None)
    marks = Marks(read)
    reading = _Reading(marks)
    content = reading.content(read.root)
    faults = [*read.faults, *reading.faults, *_text_faults(content, marks), *_name_faults(content, marks)]
    try:
        policy = Policy.model_validate(content)
    except ValidationError as error:
        faults += schema_faults(error, marks, frozenset(reading.refused))
        faults = faults or [marks.fault((), "the policy cannot be read", "compare it with the schema")]
    if not faults:
        return PolicyReading((), ParsedPolicy(policy, marks))
    remains = remaining(content, read.lost)
    parsed = None if remains is None else ParsedPolicy(remains.policy, marks, remains.gaps)
    return PolicyReading(tuple(faults), parsed)


def parsed_policy(text: bytes, file: str) -> ParsedPolicy:
    """The policy that the bytes of a file hold. Raises PolicyError with every fault."""
    reading = policy_reading(text, file)
    if reading.faults or reading.parsed is None:
        raise PolicyError(reading.faults)
    return reading.parsed


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
        self.refused: set[Path] = set()

    def content(self, node: Node, path: Path = ()) -> Any:  # noqa: ANN401  # what a document holds
        """The value of a node; None where a fault was recorded."""
        if isinstance(node, Mapping):
            self._refuse_mapping(path)
            return {key.text: self.content(value, (*path, key.text)) for key, value in node.entries}
        if isinstance(node, Sequence):
            return tuple(self.content(item, (*path, index)) for index, item in enumerate(node.items))
        if isinstance(node, Broken):
            return None
        try:
            return self._scalar(node, path)
        except SlipError as error:
            self._refuse(path, error.slip)
            return None

    def _refuse_mapping(self, path: Path) -> None:
        match path:
            case ("params", str(name)) | ("rules", int(), "limits", str(name)):
                if base_of_name(name) is not dict:
                    mend = "write one value or a list, or end the name in _weights"
                    self._refuse(path, Slip(0, f"{name} was a mapping, expected one value", mend))

    def _refuse(self, path: Path, slip: Slip) -> None:
        self.faults.append(self.marks.slip_fault(path, slip))
        self.refused.add(path)

    def _scalar(self, scalar: Scalar, path: Path) -> Any:  # noqa: ANN401
        match path:
            case ("effective_from",):
                return instant(scalar)
            case ("params", str(name), *inner) | ("rules", int(), "limits", str(name), *inner):
                return self._valued(name, inner, scalar)
            case ("signal", str(name)):
                return _weight(name, scalar)
            case _:
                return core_value(scalar)

    def _valued(self, name: str, inner: list[str | int], scalar: Scalar) -> ScalarValue:
        """The value of a parameter or a limit, of an item of its list, or of a weight in its mapping."""
        match inner:
            case [] | [int()]:
                return _given(name, named_value(name, scalar))
            case [str(key)]:
                return _weight(key, scalar)
            case _:
                raise SlipError(f"{name} is nested too deep", "write a scalar, a list or a mapping of weights")


def _given(name: str, value: ScalarValue | None) -> ScalarValue:
    if value is None:
        raise SlipError(f"{name} has no value", "write its value")
    return value


def _weight(name: str, scalar: Scalar) -> float:
    weight = _given(name, core_value(scalar))
    if isinstance(weight, bool) or not isinstance(weight, int | float):
        raise SlipError(f"{name} was {quoted(scalar.text)}, expected a weight", "write a number like 1.0")
    return float(weight)


def _text_faults(content: Any, marks: Marks) -> Iterator[Fault]:  # noqa: ANN401
    """Rule texts and text slots, and the keys of a rule that only go together."""
    for index, rule in _rules(content):
        place = ("rules", index)
        for key, reader in (("require", tree_or_slips), ("because", text_or_slips), ("plain", text_or_slips)):
            if isinstance(rule.get(key), str) and rule[key].strip():
                yield from _slip_faults(reader(rule[key])[1], (*place, key), marks)
        if "on_unknown" in rule and rule.get("then") not in (Verdict.WARN.label, None):
            what = f"on_unknown belongs to a warn rule, then was {shown(rule['then'])}"
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
