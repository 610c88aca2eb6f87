"""Whether cases cover a policy: every rule seen to hold, to fail and to be unknown; every limit under, at and over.

Works on what the engine answered (`policies.cases.CaseResult`), so a case that no longer reaches its limit is found.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from nodes.vocabulary.errors import Fault
from policies.cases import CaseResult, RuleWant
from policies.grammar import And, Between, Comparison, Expression, In, IsNull, Name, Not, Or, leaves, rule_tree
from policies.parse import ParsedPolicy
from policies.schema import Policy, Rule

_SIDES = {-1: "under", 0: "at", 1: "over"}
_WANTED_OUTCOMES = (RuleWant.HOLDS, RuleWant.FAILS, RuleWant.UNKNOWN)


@dataclass(frozen=True, order=True)
class Gap:
    """Something that no case shows.

    Attributes:
        rule_id: the rule.
        limit: the limit that is not reached; "" when the gap is an outcome of the rule.
        missing: what no case shows: holds, fails, unknown; or under, at, over.
        operand: the name compared with the limit; "" when the gap is an outcome.
    """

    rule_id: str
    limit: str
    missing: str
    operand: str = ""

    def __str__(self) -> str:
        if self.limit:
            return f"no case of {self.rule_id} has {self.operand} {self.missing} {self.limit}"
        return f"in no case {self.rule_id} {'is ' if self.missing == 'unknown' else ''}{self.missing}"

    @property
    def mend(self) -> str:
        """What case to add, in the imperative."""
        if self.limit:
            return f"add a case with {self.operand} {self.missing} {self.limit}"
        if self.missing == RuleWant.UNKNOWN.value:
            return "add a case that gives null for one of its inputs"
        return f"add a case that wants {self.rule_id}: {self.missing}"


def coverage(policy: Policy, results: Iterable[CaseResult]) -> tuple[Gap, ...]:
    """Every gap that the results of a policy's cases leave."""
    seen = tuple(results)
    return tuple(sorted(gap for rule in policy.rules for gap in _gaps(rule, seen)))


def coverage_faults(parsed: ParsedPolicy, results: Iterable[CaseResult]) -> tuple[Fault, ...]:
    """The gaps as faults, each at its rule or limit in the policy's file."""
    index = {rule.id: at for at, rule in enumerate(parsed.policy.rules)}
    faults = []
    for gap in coverage(parsed.policy, results):
        place = ("rules", index[gap.rule_id])
        path = (*place, "limits", gap.limit) if gap.limit else (*place, "id")
        faults.append(parsed.marks.fault(path, str(gap), gap.mend))
    return tuple(sorted(faults))


def compared_limits(rule: Rule) -> tuple[tuple[str, str], ...]:
    """Pairs of a name and the rule's limit that it is compared with, in the order of the text."""
    return tuple(dict.fromkeys(_pairs(rule_tree(rule.require), frozenset(rule.limits))))


def _gaps(rule: Rule, results: tuple[CaseResult, ...]) -> Iterator[Gap]:
    tree = rule_tree(rule.require)
    outcomes = {result.rules.get(rule.id) for result in results}
    for wanted in _WANTED_OUTCOMES:
        if wanted not in outcomes and not (wanted is RuleWant.UNKNOWN and _is_always_known(tree)):
            yield Gap(rule.id, "", wanted.value)
    for name, limit in compared_limits(rule):
        value = rule.limits[limit]
        sides = {_side(result, rule.id, name, value) for result in results}
        for side, word in _SIDES.items():
            if side not in sides and not (isinstance(value, bool | str) and side):
                yield Gap(rule.id, limit, word, name)


def _side(result: CaseResult, rule_id: str, name: str, limit: Any) -> int | None:  # noqa: ANN401  # any value of a node
    """-1 under the limit, 0 at it, 1 over it, None when the operand is absent or the rule is skipped."""
    value = result.operands.get(rule_id, {}).get(name)
    if value is None or result.rules.get(rule_id) in (None, RuleWant.SKIPPED, RuleWant.UNKNOWN):
        return None
    return int(value > limit) - int(value < limit)


def _is_always_known(tree: Expression) -> bool:
    """Whether a claim is only about what is there and what is not."""
    match tree:
        case IsNull():
            return True
        case Not(item):
            return _is_always_known(item)
        case And(items) | Or(items):
            return all(_is_always_known(item) for item in items)
        case _:
            return False


def _pairs(tree: Expression, limits: frozenset[str]) -> Iterator[tuple[str, str]]:
    match tree:
        case Not(item):
            yield from _pairs(item, limits)
        case And(items) | Or(items):
            for item in items:
                yield from _pairs(item, limits)
        case Comparison() | Between() | In():
            first, *others = (operand.name if isinstance(operand, Name) else "" for operand in leaves(tree))
            for other in others:
                yield from _pair(first, other, limits)


def _pair(left: str, right: str, limits: frozenset[str]) -> Iterator[tuple[str, str]]:
    if left and right and (left in limits) != (right in limits):
        yield (right, left) if left in limits else (left, right)
