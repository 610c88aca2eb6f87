"""What changed between two versions of a policy, in words and numbers, for the person who must approve it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from enum import Enum
from typing import Any

from nodes.vocabulary.instants import instant_text
from policies.grammar import (
    And,
    Between,
    Comparison,
    Expression,
    In,
    IsNull,
    Name,
    Not,
    Operand,
    Or,
    leaves,
    printed,
    rule_tree,
)
from policies.schema import Policy, Rule, Then

_HEAD = ("family", "strategy", "owner", "effective_from", "why", "sources")
_RULE_TEXTS = ("because", "plain", "source")


class ChangeKind(Enum):
    """What happened to a part of a policy."""

    ADDED = "added"
    REMOVED = "removed"
    CHANGED = "changed"


class Direction(Enum):
    """What a change of a limit does to the orders that pass its rule."""

    TIGHTER = "tighter"
    LOOSER = "looser"


@dataclass(frozen=True)
class Change:
    """One change.

    Attributes:
        subject: a rule's id, or "params", "signal" or "policy".
        part: what of it: a name, "require", "then", ...; "" for the whole rule.
        kind: added, removed or changed.
        old: the value before; None when added.
        new: the value now; None when removed.
        direction: for the limit of a rule, whether fewer or more orders pass; None where that cannot be told.
    """

    subject: str
    part: str
    kind: ChangeKind
    old: Any
    new: Any
    direction: Direction | None = None

    def __str__(self) -> str:
        words = [f"{self.subject}:", self.part, *self._values(), self._aside()]
        return " ".join(word for word in words if word)

    @property
    def relative(self) -> float | None:
        """The change of a number as a fraction of the old one; None when it is no number or was zero."""
        numbers = (self.old, self.new)
        if any(isinstance(n, bool) or not isinstance(n, int | float | Decimal) for n in numbers) or not self.old:
            return None
        return (float(self.new) - float(self.old)) / abs(float(self.old))

    def _values(self) -> tuple[str, ...]:
        match self.kind:
            case ChangeKind.ADDED:
                return ("added", value_text(self.new))
            case ChangeKind.REMOVED:
                return ("removed, was", value_text(self.old))
            case ChangeKind.CHANGED:
                return (value_text(self.old), "->", value_text(self.new))

    def _aside(self) -> str:
        notes = [] if self.relative is None or self.part == "version" else [f"{100 * self.relative:+.3g} %"]
        notes += [] if self.direction is None else [self.direction.value]
        return f"({', '.join(notes)})" if notes else ""


def differences(old: Policy, new: Policy) -> tuple[Change, ...]:
    """Every change from `old` to `new`: head, parameters, signal, then rules by id. Order of rules is no change."""
    return (
        *_head_changes(old, new),
        *_mapping_changes("params", old.params, new.params),
        *_mapping_changes("signal", old.signal, new.signal),
        *_rules_changes(old, new),
    )


def value_text(value: Any) -> str:  # noqa: ANN401  # any value of a policy
    """A value of a policy as its author would write it."""
    if isinstance(value, tuple):
        return f"[{', '.join(value_text(item) for item in value)}]"
    if isinstance(value, Mapping):
        return f"{{{', '.join(f'{key}: {value_text(item)}' for key, item in sorted(value.items()))}}}"
    if isinstance(value, Rule):
        return f"(require {value.require}; then {value_text(value.then)}{_limits_text(value)})"
    if isinstance(value, Then):
        return value.verdict.label if value.cap is None else f"{{clip: {value.cap}}}"
    return _scalar_text(value)


def _scalar_text(value: Any) -> str:  # noqa: ANN401  # any scalar of a policy
    match value:
        case bool():
            text = "true" if value else "false"
        case float():
            text = f"{value:.12g}"
        case Decimal():
            text = format(value, "f")
        case datetime():
            text = instant_text(value)
        case Enum():
            text = str(value.value)
        case _:
            text = str(value)
    return text


def _limits_text(rule: Rule) -> str:
    return "".join(f"; {name} {value_text(value)}" for name, value in sorted(rule.limits.items()))


def _head_changes(old: Policy, new: Policy) -> Iterator[Change]:
    for part in ("version", *_HEAD):
        before, after = getattr(old, part), getattr(new, part)
        if before != after:
            yield Change("policy", part, ChangeKind.CHANGED, _quoted(before), _quoted(after))


def _mapping_changes(subject: str, old: Mapping[str, Any], new: Mapping[str, Any]) -> Iterator[Change]:
    for name in sorted({*old, *new}):
        if name not in new:
            yield Change(subject, name, ChangeKind.REMOVED, old[name], None)
        elif name not in old:
            yield Change(subject, name, ChangeKind.ADDED, None, new[name])
        elif _is_changed(old[name], new[name]):
            yield Change(subject, name, ChangeKind.CHANGED, old[name], new[name])


def _is_changed(old: object, new: object) -> bool:
    return (type(old), old) != (type(new), new)


def _rules_changes(old: Policy, new: Policy) -> Iterator[Change]:
    for rule_id in sorted({rule.id for rule in (*old.rules, *new.rules)}):
        before, after = old.rule(rule_id), new.rule(rule_id)
        if before is None:
            yield Change(rule_id, "", ChangeKind.ADDED, None, after)
        elif after is None:
            yield Change(rule_id, "", ChangeKind.REMOVED, before, None)
        else:
            yield from _rule_changes(before, after)


def _rule_changes(old: Rule, new: Rule) -> Iterator[Change]:
    old_tree, new_tree = rule_tree(old.require), rule_tree(new.require)
    if old_tree != new_tree:
        yield Change(new.id, "require", ChangeKind.CHANGED, printed(old_tree), printed(new_tree))
    for change in _mapping_changes(new.id, old.limits, new.limits):
        is_same_claim = change.kind is ChangeKind.CHANGED and old_tree == new_tree
        direction = _direction(new_tree, change) if is_same_claim else None
        yield Change(new.id, change.part, change.kind, change.old, change.new, direction)
    for part in ("then", "on_unknown_warns", "applies_to"):
        if getattr(old, part) != getattr(new, part):
            yield Change(new.id, part, ChangeKind.CHANGED, getattr(old, part), getattr(new, part))
    for part in _RULE_TEXTS:
        if getattr(old, part) != getattr(new, part):
            yield Change(new.id, part, ChangeKind.CHANGED, _quoted(getattr(old, part)), _quoted(getattr(new, part)))


def _quoted(value: object) -> object:
    return f'"{value}"' if isinstance(value, str) else value


def _direction(tree: Expression, change: Change) -> Direction | None:
    """Whether a limit's change lets fewer or more orders pass; None when the limit stands on both sides."""
    slopes = set(_slopes(tree, change.part, 1))
    if len(slopes) != 1 or 0 in slopes or isinstance(change.new, bool | str | tuple | Mapping):
        return None
    (slope,) = slopes
    return Direction.LOOSER if (change.new > change.old) == (slope > 0) else Direction.TIGHTER


def _slopes(tree: Expression, limit: str, sign: int) -> Iterator[int]:
    """For each place of a limit: 1 when more orders pass as it grows, -1 when fewer do, 0 when neither is sure."""
    match tree:
        case Not(item):
            yield from _slopes(item, limit, -sign)
        case And(items) | Or(items):
            for item in items:
                yield from _slopes(item, limit, sign)
        case Comparison(op, left, right):
            upper = {"<": 1, "<=": 1, ">": -1, ">=": -1}.get(op, 0)
            yield from _slope(left, limit, -upper * sign)
            yield from _slope(right, limit, upper * sign)
        case Between(operand, low, high, negated):
            inner = -sign if negated else sign
            yield from _slope(operand, limit, 0)
            yield from _slope(low, limit, -inner)
            yield from _slope(high, limit, inner)
        case In() | IsNull() | Name():
            for leaf in leaves(tree):
                yield from _slope(leaf, limit, 0)


def _slope(operand: Operand, limit: str, slope: int) -> Iterator[int]:
    if operand == Name(limit):
        yield slope
