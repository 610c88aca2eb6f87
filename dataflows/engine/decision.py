"""From the outcomes of rules to a decision: gravest verdict wins, a clip sets the size, unknown denies.

Pass 1 judges the proposed size. When the gravest verdict is a clip, pass 2 judges the clipped size, and there every
rule but a warning must hold; an order under review is held as it was proposed (docs/adr/0007).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal
from typing import Any

import msgspec

from dataflows.engine.plan import REDUCES_RISK, Plan, PlanRule
from nodes.vocabulary.absent import Absent
from nodes.vocabulary.verdict import Action, Outcome, Verdict, action, gravest
from policies.texts import Slot, format_fits, parsed_text, rendered

_PASS, _CLIP = Verdict.PASS, Verdict.CLIP  # looking a member up in its enum takes longer than comparing with it
_UNKNOWN = Outcome.UNKNOWN
_OUTCOMES = {True: Outcome.HOLDS, False: Outcome.FAILS, None: Outcome.UNKNOWN}
_SHOWN = frozenset({int, float, Decimal, str})
Values = Mapping[str, Any]


class RuleOutcome(msgspec.Struct, frozen=True):
    """What one rule said of an order.

    Attributes:
        rule_id: the rule.
        outcome: holds, fails or unknown.
        applies: whether it was asked to judge this order (rules for increasing orders skip reducing ones).
        verdict: what it contributes: PASS when it holds or does not apply.
        because: the reason for experts, filled in, when it contributes more than PASS; else "".
        plain: the reason for beginners, likewise.
    """

    rule_id: str
    outcome: Outcome
    applies: bool
    verdict: Verdict
    because: str
    plain: str


class Decision(msgspec.Struct, frozen=True):
    """The outcome of an order run.

    Attributes:
        verdict: the gravest of the rules' verdicts.
        action: act, hold or deny.
        order_shares: the final size, signed; 0 when denied.
        rules: outcomes at the final size (pass 2), by rule id.
        proposed_rules: outcomes at the proposed size (pass 1).
        size_reason: why a clip left nothing to send, or "".
    """

    verdict: Verdict
    action: Action
    order_shares: int
    rules: tuple[RuleOutcome, ...]
    proposed_rules: tuple[RuleOutcome, ...]
    size_reason: str = ""

    @property
    def failed(self) -> tuple[RuleOutcome, ...]:
        """The rules that contributed more than PASS in either pass, gravest first."""
        if self.verdict is _PASS:
            return ()
        found = {rule.rule_id: rule for rule in self.rules if rule.verdict is not _PASS}
        if self.proposed_rules is not self.rules:
            found = {rule.rule_id: rule for rule in self.proposed_rules if rule.verdict is not _PASS} | found
        return tuple(sorted(found.values(), key=lambda rule: (-rule.verdict, rule.rule_id)))


class TruthTable:
    """Judges the rules of one plan.

    What does not depend on the order is made once: outcomes that need no words, and texts cut at their slots.

    Args:
        plan: the plan.
        is_worded: whether outcomes give their reasons in words.

    Attributes:
        plan: the plan.
        held: outcomes when every rule holds, of an order that does not reduce risk and of one that does.
    """

    def __init__(self, plan: Plan, *, is_worded: bool = True) -> None:
        self.plan = plan
        bases = {node.name: node.unit.base for node in plan.nodes}
        self._rules = tuple((_JudgedRule if is_worded else _QuietRule)(rule, bases) for rule in plan.rules)
        self._by_id = {rule.rule.rule_id: rule for rule in self._rules}
        applying = tuple(rule.quiet[Outcome.HOLDS, True] for rule in self._rules)
        reducing = tuple(rule.quiet[Outcome.HOLDS, not rule.skips_reducing] for rule in self._rules)
        self.held: tuple[tuple[RuleOutcome, ...], tuple[RuleOutcome, ...]] = applying, reducing

    def outcomes(self, values: Values, truths: Iterable[object] | None = None) -> tuple[RuleOutcome, ...]:
        """The whole truth table at one size: every rule, never short-circuited.

        Args:
            values: of all nodes.
            truths: what the rules' own nodes are among them, when the caller has them at hand.
        """
        if truths is None:
            truths = [values[rule.node] for rule in self._rules]
        reducing = values.get(REDUCES_RISK) is True
        held = self.held[reducing]
        return tuple(
            [
                quiet if truth is True else rule.outcome(values, reducing=reducing)
                for rule, quiet, truth in zip(self._rules, held, truths, strict=True)
            ]
        )

    def because(self, rule_id: str, values: Values) -> str:
        """What one rule says for experts at one size, where it contributes more than PASS; else ""."""
        rule = self._by_id[rule_id]
        reducing = rule.skips_reducing and values[REDUCES_RISK] is True
        return rule.outcome(values, reducing=reducing).because


class _JudgedRule:
    """One rule, with what it says in every case that needs no words."""

    __slots__ = ("because", "node", "plain", "quiet", "rule", "skips_reducing")

    def __init__(self, rule: PlanRule, bases: Mapping[str, type]) -> None:
        self.rule = rule
        self.node = rule.node
        self.skips_reducing = rule.skips_reducing
        self.because, self.plain = _Words(rule.because, bases), _Words(rule.plain, bases)
        self.quiet = {
            (outcome, applies): RuleOutcome(rule.rule_id, outcome, applies, Verdict.PASS, "", "")
            for outcome in Outcome
            for applies in (True, False)
        }

    def outcome(self, values: Values, *, reducing: bool) -> RuleOutcome:
        """What the rule says of these values."""
        rule, value = self.rule, values[self.node]
        outcome = Outcome.UNKNOWN if isinstance(value, Absent) else _OUTCOMES[value]
        applies = not (self.skips_reducing and reducing)
        verdict = _verdict(rule, outcome) if applies else Verdict.PASS
        if verdict is Verdict.PASS:
            return self.quiet[outcome, applies]
        because = self._unknown(values) if outcome is Outcome.UNKNOWN else self.because.filled(values)
        return RuleOutcome(rule.rule_id, outcome, applies, verdict, because, self.plain.filled(values))

    def _unknown(self, values: Values) -> str:
        """Which operands the rule lacks, and why."""
        operands = ((name, values[name]) for name in self.rule.operands)
        unknown = "; ".join(f"{name} is {item}" for name, item in operands if isinstance(item, Absent))
        return f"Rule {self.rule.rule_id} cannot be judged: {unknown or 'an operand is missing'}"


class _QuietRule(_JudgedRule):
    """One rule that gives no reasons: then all that it can say is made once."""

    __slots__ = ("_objecting",)

    def __init__(self, rule: PlanRule, bases: Mapping[str, type]) -> None:
        super().__init__(rule, bases)
        self._objecting = {
            outcome: RuleOutcome(rule.rule_id, outcome, True, _verdict(rule, outcome), "", "")  # noqa: FBT003  # applies
            for outcome in Outcome
        }

    def outcome(self, values: Values, *, reducing: bool) -> RuleOutcome:
        """What the rule says of these values."""
        value = values[self.node]
        outcome = _UNKNOWN if value.__class__ is Absent else _OUTCOMES[value]
        if reducing and self.skips_reducing:
            return self.quiet[outcome, False]
        return self._objecting[outcome]


class _Words:
    """A text of a rule, made ready once for values of the classes that its nodes have when nothing is absent."""

    __slots__ = ("_classes", "_names", "_template", "_text")

    def __init__(self, text: str, bases: Mapping[str, type]) -> None:
        self._text = parsed_text(text)
        self._names = tuple(slot.name for slot in self._text.slots)
        self._classes = [bases.get(slot.name) if _is_formatted(slot, bases) else None for slot in self._text.slots]
        self._template = "".join(map(_template_part, self._text.parts))

    def filled(self, values: Values) -> str:
        """What `rendered` makes of the text and the values."""
        shown = [values[name] for name in self._names]
        if [*map(type, shown)] == self._classes:
            return self._template.format(*shown)
        return rendered(self._text, values)


def _is_formatted(slot: Slot, bases: Mapping[str, type]) -> bool:
    """Whether every value of the slot's node is shown in the slot's format; truth values and absences have words."""
    return bases.get(slot.name) in _SHOWN and format_fits(slot.format, bases[slot.name])


def _template_part(part: str | Slot) -> str:
    if isinstance(part, str):
        return part.replace("{", "{{").replace("}", "}}")
    return f"{{:{part.format}}}" if part.format else "{!s}"


def _verdict(rule: PlanRule, outcome: Outcome) -> Verdict:
    if outcome is Outcome.HOLDS:
        return Verdict.PASS
    if outcome is Outcome.UNKNOWN:
        return Verdict.WARN if rule.on_unknown_warns else Verdict.DENY
    return rule.effect


def clipped_size(plan: Plan, values: Values, outcomes: tuple[RuleOutcome, ...], proposed: int) -> int | None:
    """The size that the failing clip rules leave; None when clip is not the gravest verdict."""
    names = failing_caps(plan, outcomes)
    return None if names is None else capped_size(plan, [values[name] for name in names], proposed)


def failing_caps(plan: Plan, outcomes: tuple[RuleOutcome, ...]) -> Sequence[str] | None:
    """The caps of the failing clip rules; None when clip is not the gravest verdict."""
    return _failing_caps(plan, outcomes) if _gravest(outcomes) is Verdict.CLIP else None


def capped_size(plan: Plan, caps: Sequence[Any], proposed: int) -> int:
    """The size that some caps leave, lot-rounded towards zero. An absent cap leaves nothing: the size is then 0."""
    if Absent in map(type, caps):
        return 0
    size: int = max(0, min(abs(proposed), *caps))
    whole = size // plan.lot_shares * plan.lot_shares
    return whole if proposed > 0 else -whole


def absent_cap_words(plan: Plan, values: Values, outcomes: tuple[RuleOutcome, ...]) -> str:
    """The first cap of a failing clip rule that is absent, and why; "" when every cap is there."""
    for name in _failing_caps(plan, outcomes):
        if isinstance(values[name], Absent):
            return f"the cap {name} is {values[name]}"
    return ""


def _gravest(outcomes: tuple[RuleOutcome, ...]) -> Verdict:
    return gravest([rule.verdict for rule in outcomes if rule.verdict is not _PASS])


def _failing_caps(plan: Plan, outcomes: tuple[RuleOutcome, ...]) -> list[str]:
    judged = zip(plan.rules, outcomes, strict=True)
    return [rule.cap for rule, outcome in judged if outcome.verdict is _CLIP and rule.cap is not None]


def unclipped(outcomes: tuple[RuleOutcome, ...], proposed: int) -> Decision:
    """The decision when nothing is clipped: pass 2 is pass 1. An order of nothing is denied."""
    verdict = _gravest(outcomes)
    if proposed == 0:
        return Decision(Verdict.DENY, Action.DENY, 0, outcomes, outcomes, "the proposed size is 0 shares")
    size = 0 if verdict is Verdict.DENY else proposed
    return Decision(verdict, action(verdict), size, outcomes, outcomes)


def clipped(
    proposed_rules: tuple[RuleOutcome, ...], rules: tuple[RuleOutcome, ...], size: int, absent_cap: str = ""
) -> Decision:
    """The decision after a clip: every rule but a warning must hold at the final size.

    `absent_cap` says which cap was absent and why, or is "" (`absent_cap_words`).
    """
    first, second = _gravest(proposed_rules), _gravest(rules)
    if size == 0:
        reason = absent_cap or "the caps leave no whole lot to send"
        return Decision(Verdict.DENY, Action.DENY, 0, rules, proposed_rules, reason)
    if second > Verdict.WARN:
        return Decision(Verdict.DENY, Action.DENY, 0, rules, proposed_rules, "a rule fails at the clipped size")
    return Decision(first, action(first), size, rules, proposed_rules)
