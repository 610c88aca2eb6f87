"""A policy without one of its rules, or without any: what the market would have met without that guardrail.

Such a text is for comparisons in research. It keeps the family and version of what it was made from, so that no log
that runs the policy would take it for its next version.
"""

from __future__ import annotations

from nodes.vocabulary.errors import PolicyError
from policies.document import document as read_document
from policies.marks import Marks
from policies.parse import parsed_policy

_RULES = "rules"


def without_rules(text: bytes, file: str, rule_ids: frozenset[str]) -> bytes:
    """The text of a policy without some of its rules.

    Raises PolicyError when the rules are not written one below the other, or a rule is not there.
    """
    policy = parsed_policy(text, file).policy
    marks = Marks(read_document(text, file))
    unknown = sorted(rule_ids - {rule.id for rule in policy.rules})
    if unknown:
        what = f"{file} has no rule {', '.join(unknown)}"
        raise PolicyError([marks.fault((_RULES,), what, "name rules that it has")])
    lines = text.decode().splitlines(keepends=True)
    spans = [_lines(marks, place, len(policy.rules), len(lines)) for place in range(len(policy.rules))]
    gone = {
        line for rule, span in zip(policy.rules, spans, strict=True) if rule.id in rule_ids for line in range(*span)
    }
    kept = [line for at, line in enumerate(lines, start=1) if at not in gone]
    if len(rule_ids) == len(policy.rules):
        kept = [line.replace(f"{_RULES}:", f"{_RULES}: []") if line.startswith(f"{_RULES}:") else line for line in kept]
    made = "".join(kept).encode()
    left = parsed_policy(made, file).policy
    if {rule.id for rule in left.rules} != {rule.id for rule in policy.rules} - rule_ids:
        what = "rules share a line, so that one cannot be taken out"
        raise PolicyError([marks.fault((_RULES,), what, "write each rule on lines of its own")])
    return made


def _lines(marks: Marks, place: int, n_rules: int, n_lines: int) -> tuple[int, int]:
    """First line of a rule, and the one after its last: that on which the next rule or the next part begins."""
    first = marks.spot((_RULES, place))[0]
    if place + 1 < n_rules:
        return first, marks.spot((_RULES, place + 1))[0]
    later = [spot[0] for path, spot in marks.items() if len(path) == 1 and spot[0] > first]
    keys = [marks.key_spot(path)[0] for path in marks if len(path) == 1 and marks.key_spot(path)[0] > first]
    return first, min([*later, *keys], default=n_lines + 1)
