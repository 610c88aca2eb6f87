"""What remains of a policy with faults of form: enough to look for faults of meaning in the same pass.

Whatever is sound stays as it is and where it is, so that places keep their paths; what is not is replaced by something
that says nothing, and `Gaps` tell the compiler what not to be surprised at. Nothing made here may ever decide.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from pydantic import TypeAdapter, ValidationError

from nodes.vocabulary.verdict import Verdict
from policies.grammar import tree_or_slips
from policies.schema import AppliesTo, Policy, Rule, Then, Value, ValueName, applies_to_of, then_of, wanted_keys
from policies.texts import text_or_slips

_WORD = re.compile("[a-z][a-z0-9_]*")
_NAME, _VALUE, _THEN = TypeAdapter(ValueName), TypeAdapter(Value), TypeAdapter(Then)
_KEYS = frozenset(wanted_keys(Policy))
_RULE_KEYS = frozenset(wanted_keys(Rule))


@dataclass(frozen=True)
class Gaps:
    """What could not be read of a policy.

    Attributes:
        names: parameters and limits that are there, their values not known.
        rules: positions of rules whose claim is not known.
        words: words in parts with faults: what is called so may be read there.
    """

    names: frozenset[str] = frozenset()
    rules: frozenset[int] = frozenset()
    words: frozenset[str] = frozenset()


NO_GAPS = Gaps()


@dataclass(frozen=True)
class Remains:
    """A policy with parts left out, and which those are."""

    policy: Policy
    gaps: Gaps


def remaining(content: Any, lost: frozenset[str]) -> Remains | None:  # noqa: ANN401  # what a document holds
    """What remains of a document's content; None when too little does to say anything of meaning.

    Args:
        content: values by key, None where a value was refused.
        lost: words of what was refused before it became a value.
    """
    if not isinstance(content, dict) or not isinstance(content.get("strategy"), str):
        return None
    sections = [content.get(key, {}) for key in ("params", "signal")]
    rules = content.get("rules", ())
    is_whole = isinstance(rules, tuple) and all(isinstance(rule, dict) for rule in rules)
    if not is_whole or not all(isinstance(part, dict) for part in (*sections, *(_limits(rule) for rule in rules))):
        return None
    params, signal = sections
    read = _read(rules)
    values = [item for part in (params, *map(_limits, rules)) for item in part.items()]
    names = {name for name, value in values if not _is_sound(name, value)}
    names |= {name for part in (content, *rules) for name in _misplaced(part)}
    faulty = [rule for rule, (_, is_sound, _) in zip(rules, read, strict=True) if not is_sound]
    words = {word for part in (faulty, [] if _is_signal(signal) else signal) for word in _words(part)}
    gaps = Gaps(
        names=frozenset(names | lost),
        rules=frozenset(position for position, (_, _, has_claim) in enumerate(read) if not has_claim),
        words=frozenset(words | lost),
    )
    return Remains(_policy(content, params, signal, tuple(rule for rule, _, _ in read)), gaps)


def _policy(content: dict[str, Any], params: dict[str, Any], signal: dict[str, Any], rules: tuple[Rule, ...]) -> Policy:
    return Policy.model_construct(
        family="",
        version=0,
        strategy=content["strategy"],
        supersedes=None,
        owner="",
        effective_from=datetime(2000, 1, 1, tzinfo=UTC),
        why="",
        sources=(),
        params=_sound(params),
        signal={name: value if isinstance(value, float) else 0.0 for name, value in signal.items()},
        rules=rules,
    )


def _limits(rule: dict[str, Any]) -> Any:  # noqa: ANN401
    return rule.get("limits", {})


def _sound(values: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in values.items() if _is_sound(name, value)}


def _is_sound(name: str, value: object) -> bool:
    return _fits(_NAME, name) and _fits(_VALUE, value)


def _is_signal(signal: dict[str, Any]) -> bool:
    return all(isinstance(value, float) for value in signal.values())


def _fits(adapter: TypeAdapter[Any], value: object) -> bool:
    try:
        adapter.validate_python(value)
    except ValidationError:
        return False
    return True


def _misplaced(part: dict[str, Any]) -> Iterator[str]:
    """Names under a key that is none: under a misspelt `limits`, most likely."""
    known = _RULE_KEYS if "require" in part or "then" in part else _KEYS
    for key, value in part.items():
        if key not in known and isinstance(value, dict):
            yield from (name for name in value if isinstance(name, str))


def _read(rules: tuple[dict[str, Any], ...]) -> tuple[tuple[Rule, bool, bool], ...]:
    """Each rule as far as it can be read, whether it is sound, and whether its claim is."""
    found, taken = [], set()
    for position, rule in enumerate(rules):
        node_name = str(rule.get("id")).replace("-", "_")
        found.append(_rule(position, rule, is_new=node_name not in taken))
        taken.add(node_name)
    return tuple(found)


def _rule(position: int, content: dict[str, Any], *, is_new: bool) -> tuple[Rule, bool, bool]:
    claim = content.get("require")
    has_claim = isinstance(claim, str) and tree_or_slips(claim)[0] is not None
    has_texts = all(_shown(content.get(key)) for key in ("because", "plain"))
    try:
        rule = Rule.model_validate(content)
    except ValidationError:
        return _placeholder(position, content, is_new=is_new), False, has_claim
    if has_claim and is_new and has_texts:
        return rule, True, True
    return _placeholder(position, content, is_new=is_new), False, has_claim


def _placeholder(position: int, content: dict[str, Any], *, is_new: bool) -> Rule:
    return Rule.model_construct(
        id=content["id"] if is_new and isinstance(content.get("id"), str) else f"unreadable-{position}",
        require=content.get("require") or "",
        then=_then(content.get("then")),
        on_unknown_warns=False,
        applies_to=_applies_to(content.get("applies_to")),
        limits=_sound(_limits(content)),
        because=_shown(content.get("because")),
        plain=_shown(content.get("plain")),
        source="",
    )


def _then(written: object) -> Then:
    try:
        return _THEN.validate_python(then_of(written))
    except (ValidationError, ValueError):
        return Then(verdict=Verdict.DENY)


def _applies_to(written: object) -> AppliesTo:
    try:
        found = applies_to_of(written)
    except ValueError:
        return AppliesTo.ALL
    return found if isinstance(found, AppliesTo) else AppliesTo.ALL


def _shown(text: object) -> str:
    """A text with slots as it is, or an empty one where it has faults."""
    return text if isinstance(text, str) and not text_or_slips(text)[1] else ""


def _words(part: object) -> Iterator[str]:
    if isinstance(part, str):
        yield from _WORD.findall(part)
    elif isinstance(part, Mapping):
        for key, value in part.items():
            yield from _words(key)
            yield from _words(value)
    elif isinstance(part, tuple | list):
        for item in part:
            yield from _words(item)
