"""Cases: what a policy must say of given orders, beside each version (`v3.cases.yaml`).

A list of cases, or a mapping of `base` (what every case is given unless it says otherwise) and `cases`.
An absent input is written null. What the engine answered comes back as `CaseResult`; `unmet` compares.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from enum import Enum
from typing import Any, TypeAlias

from nodes.vocabulary.errors import Fault, PolicyError
from nodes.vocabulary.verdict import Action, Outcome, Verdict
from policies.document import Broken, Document, Node, Scalar, Sequence, document
from policies.document import Mapping as MappingNode
from policies.marks import Marks, Path, Spot
from policies.schema import RULE_ID_PATTERN, Policy
from policies.slips import quoted, suggestion
from policies.values import ScalarValue, SlipError, core_value, named_value


class RuleWant(Enum):
    """What a case may want of a rule: an outcome, or that the order skips it."""

    HOLDS = Outcome.HOLDS.value
    FAILS = Outcome.FAILS.value
    UNKNOWN = Outcome.UNKNOWN.value
    SKIPPED = "skipped"


@dataclass(frozen=True)
class Want:
    """What a case wants; what it leaves out (None, or a rule not named) it does not mind.

    Attributes:
        rules: outcome by rule id, on the proposed size.
        action: of the decision.
        verdict: of the decision.
        order_shares: final size.
        reasons: the expert texts of the rules that failed, in any order, all of them.
    """

    rules: Mapping[str, RuleWant] = field(default_factory=dict)
    action: Action | None = None
    verdict: Verdict | None = None
    order_shares: int | None = None
    reasons: tuple[str, ...] | None = None


@dataclass(frozen=True)
class Case:
    """One case.

    Attributes:
        note: what it shows, in words; its name.
        given: input values by name, base included; None where the input is absent.
        want: what the decision must be.
        file: the file it stands in.
        mark: line and column where it begins.
        wants_at: line and column of each thing wanted, by its key.
        givens_at: line and column of each thing it is given, by its name.
    """

    note: str
    given: Mapping[str, ScalarValue | None]
    want: Want
    file: str
    mark: Spot
    wants_at: Mapping[str, Spot] = field(default_factory=dict)
    givens_at: Mapping[str, Spot] = field(default_factory=dict)


@dataclass(frozen=True)
class CaseResult:
    """What the engine answered to a case.

    Attributes:
        rules: outcome of every rule on the proposed size; SKIPPED where the order skips it.
        operands: value of every name that a rule read, by rule id; None where it is absent.
        action: of the decision.
        verdict: of the decision.
        order_shares: final size.
        reasons: expert texts of the rules that failed.
    """

    rules: Mapping[str, RuleWant]
    operands: Mapping[str, Mapping[str, Any]]
    action: Action
    verdict: Verdict
    order_shares: int
    reasons: tuple[str, ...]


def parsed_cases(text: bytes, file: str) -> tuple[Case, ...]:
    """The cases that the bytes of a file hold. Raises PolicyError with every fault."""
    read = document(text, file)
    reading = _Reading(read)
    cases = tuple(reading.cases(read.root)) if read.root is not None else ()
    faults = [*read.faults, *reading.faults, *_repeated_notes(cases)]
    if faults:
        raise PolicyError(faults)
    return cases


def unknown_names(cases: Iterable[Case], policy: Policy, inputs: Iterable[str]) -> tuple[Fault, ...]:
    """A fault for every rule wanted that the policy has not, and every value given that is no input of the run."""
    rule_ids = [rule.id for rule in policy.rules]
    known = frozenset(inputs)
    faults = []
    for case in cases:
        for rule_id in set(case.want.rules) - set(rule_ids):
            what = f"{quoted(rule_id)} is no rule of {policy.family} version {policy.version}"
            faults.append(Fault(case.file, *case.wants_at[rule_id], what, suggestion(rule_id, [*rule_ids, *_WANTS])))
        for name in set(case.givens_at) - known:
            what = f"{quoted(name)} is no input of the run"
            faults.append(Fault(case.file, *case.givens_at[name], what, suggestion(name, known)))
    return tuple(sorted(set(faults)))


def unmet(case: Case, result: CaseResult) -> tuple[Fault, ...]:
    """A fault for everything that a case wants and the result is not."""
    pairs: list[tuple[str, object, object]] = [
        (rule_id, wanted, result.rules.get(rule_id)) for rule_id, wanted in case.want.rules.items()
    ]
    wanted_parts = ((key, getattr(case.want, key)) for key in ("action", "verdict", "order_shares"))
    pairs += [(key, wanted, getattr(result, key)) for key, wanted in wanted_parts if wanted is not None]
    if case.want.reasons is not None:
        pairs.append(("reasons", sorted(case.want.reasons), sorted(result.reasons)))
    return tuple(_unmet_fault(case, *pair) for pair in pairs if pair[1] != pair[2])


def _unmet_fault(case: Case, key: str, wanted: object, seen: object) -> Fault:
    what = f"{key} was {_word(seen)}, expected {_word(wanted)} ({case.note})"
    return Fault(case.file, *case.wants_at.get(key, case.mark), what, "correct the rule or the case")


def _word(value: object) -> str:
    if value is None:
        return "not there"
    if isinstance(value, Verdict):
        return value.label
    return str(value.value if isinstance(value, Enum) else value)


def _repeated_notes(cases: tuple[Case, ...]) -> Iterator[Fault]:
    first: dict[str, int] = {}
    for case in cases:
        if case.note in first:
            what = f"note {quoted(case.note)} is taken in line {first[case.note]}"
            yield Fault(case.file, *case.mark, what, "say what this case shows that the other does not")
        first.setdefault(case.note, case.mark[0])


_WANTS = ("action", "decision", "verdict", "order_shares", "reasons")
_MemberOf: TypeAlias = Mapping[str, Any]
_RULE_WANTS: _MemberOf = {want.value: want for want in RuleWant}
_ACTIONS: _MemberOf = {action.value: action for action in Action}
_VERDICTS: _MemberOf = {verdict.label: verdict for verdict in Verdict}


class _Reading:
    """Nodes to cases; every fault is kept, a broken part becomes None."""

    def __init__(self, read: Document) -> None:
        self.marks = Marks(read)
        self.faults: list[Fault] = []

    def cases(self, root: Node | None) -> Iterator[Case]:
        """The cases of a document."""
        base: dict[str, ScalarValue | None] = {}
        path: Path = ()
        if isinstance(root, MappingNode):
            parts = self._mapping(root, (), required=("cases",), optional=("base",))
            base = self._given(parts.get("base"), ("base",))
            root, path = parts.get("cases"), ("cases",)
        if not isinstance(root, Sequence) or not root.items:
            self._fault(path, "there are no cases", "write a list of {note, given, want}, or {base, cases}")
            return
        for index, node in enumerate(root.items):
            yield self._case(node, (*path, index), base)

    def _case(self, node: Node, path: Path, base: Mapping[str, ScalarValue | None]) -> Case:
        parts = self._mapping(node, path, required=("note", "given", "want"))
        note = self._text(parts.get("note"), (*path, "note"))
        given = self._given(parts.get("given"), (*path, "given"))
        want = self._want(parts.get("want"), (*path, "want"))
        wants_at = {_renamed(key): self.marks[(*path, "want", key)] for key in _keys(parts.get("want"))}
        givens_at = {key: self.marks.key_spot(("base", key)) for key in base}
        givens_at |= {key: self.marks.key_spot((*path, "given", key)) for key in given}
        return Case(note, {**base, **given}, want, self.marks.file, self.marks[path], wants_at, givens_at)

    def _given(self, node: Node | None, path: Path) -> dict[str, ScalarValue | None]:
        if node is None or _is_null(node):
            return {}
        return {key: self._value(key, value, (*path, key)) for key, value in self._mapping(node, path).items()}

    def _want(self, node: Node | None, path: Path) -> Want:
        parts = self._mapping(node, path) if node is not None else {}
        if node is not None and not parts:
            self._fault(path, "the case wants nothing", "say what it wants, like {action: deny}")
        if "decision" in parts and "action" in parts:
            self._fault((*path, "decision"), "decision and action are one", "keep action")
        action = self._word("action", _ACTIONS, parts, path) or self._word("decision", _ACTIONS, parts, path)
        verdict = self._word("verdict", _VERDICTS, parts, path)
        rules = {
            key: self._word(key, _RULE_WANTS, parts, path)
            for key in parts
            if key not in _WANTS and self._is_rule_id(key, path)
        }
        return Want(rules, action, verdict, self._shares(parts, path), self._reasons(parts, path))

    def _is_rule_id(self, key: str, path: Path) -> bool:
        if re.fullmatch(RULE_ID_PATTERN, key):
            return True
        what = f"{quoted(key)} is no rule id"
        self.faults.append(self.marks.key_fault((*path, key), what, f"name a rule or one of {', '.join(_WANTS)}"))
        return False

    def _word(self, key: str, words: _MemberOf, parts: Mapping[str, Node], path: Path) -> Any:  # noqa: ANN401
        if key not in parts:
            return None
        text = self._text(parts[key], (*path, key))
        if text and text not in words:
            self._fault((*path, key), f"{key} was {quoted(text)}", suggestion(text, words))
        return words.get(text)

    def _shares(self, parts: Mapping[str, Node], path: Path) -> int | None:
        if "order_shares" not in parts:
            return None
        value = self._value("order_shares", parts["order_shares"], (*path, "order_shares"))
        return value if isinstance(value, int) else None

    def _reasons(self, parts: Mapping[str, Node], path: Path) -> tuple[str, ...] | None:
        node = parts.get("reasons")
        if node is None:
            return None
        if isinstance(node, Sequence):
            return tuple(self._text(item, (*path, "reasons", at)) for at, item in enumerate(node.items))
        self._fault((*path, "reasons"), "reasons was not a list", "begin each reason with a dash")
        return None

    def _text(self, node: Node | None, path: Path) -> str:
        if isinstance(node, Scalar) and node.text.strip():
            return node.text
        if node is not None and not isinstance(node, Broken):
            self._fault(path, f"{path[-1]} was no text", "write a text")
        return ""

    def _value(self, name: str, node: Node, path: Path) -> ScalarValue | None:
        if isinstance(node, Broken):
            return None
        if not isinstance(node, Scalar):
            self._fault(path, f"{name} was a collection, expected one value", "write one value, or null for absent")
            return None
        try:
            return named_value(name, node)
        except SlipError as error:
            self.faults.append(self.marks.slip_fault(path, error.slip))
            return None

    def _mapping(
        self, node: Node | None, path: Path, required: tuple[str, ...] = (), optional: tuple[str, ...] = ()
    ) -> dict[str, Node]:
        """The entries of a mapping; with `required`, no other keys than these and the optional ones."""
        if not isinstance(node, MappingNode):
            if not isinstance(node, Broken):
                self._fault(path, f"{path[-1] if path else 'the document'} was no mapping", "write keys and values")
            return {}
        entries = {key.text: value for key, value in node.entries}
        for key in required:
            if key not in entries:
                self._fault(path, f"{quoted(key)} is missing", f"add {key}:")
        known = {*required, *optional}
        for key in set(entries) - known if required else ():
            what = f"{quoted(key)} is no key of a case" if path else f"{quoted(key)} is no key of the cases"
            self.faults.append(self.marks.key_fault((*path, key), what, suggestion(key, known - set(entries))))
        return entries

    def _fault(self, path: Path, what: str, mend: str) -> None:
        self.faults.append(self.marks.fault(path, what, mend))


def _keys(node: Node | None) -> tuple[str, ...]:
    return tuple(key.text for key, _ in node.entries) if isinstance(node, MappingNode) else ()


def _renamed(key: str) -> str:
    return "action" if key == "decision" else key


def _is_null(node: Node) -> bool:
    return isinstance(node, Scalar) and not node.style and core_value(node) is None
