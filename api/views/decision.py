"""What a reader is shown of one decision: plain data, ready for a tree, a table, a page or JSON.

Built from the archived trace by `api.views.built`; drawn by `api.cli.trees` and `api.pages`. Nothing here
computes: a view that disagreed with the trace would be a lie with a nice layout.
"""

from __future__ import annotations

from dataclasses import dataclass

from api.views.shown import Shown

POLICY_KINDS = frozenset({"parameter", "limit"})
"""Kinds of node that are numbers of the policy: listed with the nodes that read them, not drawn."""


@dataclass(frozen=True)
class NodeView:
    """One node of one run.

    Attributes:
        key: unique on the page: run and name.
        name: the node's name.
        run: "session" or "order".
        kind: "input", "parameter", "limit", "node", "rule", "gather", "verdict" or "size".
        band: the stage it stands in, e.g. "features".
        unit: the unit's name.
        value: what it had in the final pass.
        proposed: what it had on the proposed size, when that differs; else None.
        reads: keys of the nodes it reads.
        words: the first line of its docstring.
        formula: how it is computed.
        missing: what it does when an input is missing.
        source: where the formula comes from.
        module: where its code lives.
        code_digest: digest of the code that computed it; empty for inputs and policy numbers.
    """

    key: str
    name: str
    run: str
    kind: str
    band: str
    unit: str
    value: Shown
    proposed: Shown | None = None
    reads: tuple[str, ...] = ()
    words: str = ""
    formula: str = ""
    missing: str = ""
    source: str = ""
    module: str = ""
    code_digest: str = ""


@dataclass(frozen=True)
class Operand:
    """A name that a rule compares, with its value in each pass.

    Attributes:
        name: the node or limit.
        proposed: its value on the proposed size.
        final: its value on the final size.
    """

    name: str
    proposed: Shown
    final: Shown


@dataclass(frozen=True)
class RuleView:
    """One row of both truth tables.

    Attributes:
        rule_id: the rule's id in the policy.
        key: key of its node.
        require: what must hold, as the policy says it.
        then: what follows when it does not: "deny", "clip to liquidity_cap_shares".
        proposed: pass 1: "holds", "fails", "unknown" or "skipped".
        final: pass 2: the same words.
        effect: what it did to this order: "pass", "warn", "clip", "review" or "deny".
        because: the expert's reason, with the numbers of this order.
        plain: the beginner's reason.
        source: where the rule comes from.
        operands: what it compared.
    """

    rule_id: str
    key: str
    require: str
    then: str
    proposed: str
    final: str
    effect: str
    because: str
    plain: str
    source: str = ""
    operands: tuple[Operand, ...] = ()

    @property
    def is_quiet(self) -> bool:
        """Whether it said nothing against the order in either pass."""
        return self.effect == "pass"


_GRAVEST_FIRST = ("deny", "review", "clip", "warn")


@dataclass(frozen=True)
class DigestView:
    """A digest and what it is the digest of.

    Attributes:
        label: what is hashed: "trace", "policy".
        text: sha256: and 64 digits.
        meaning: what it proves, in one sentence.
    """

    label: str
    text: str
    meaning: str


@dataclass(frozen=True)
class DecisionView:
    """One decision, whole.

    Attributes:
        decision_id: its id, 64 hexadecimal digits.
        origin: the log it is in.
        sequence: its place in the log, from 0.
        symbol: what was to be traded.
        proposed_shares: signed size that was asked for.
        order_shares: signed size that was decided.
        verdict: "pass", "warn", "clip", "review" or "deny".
        action: "act", "hold" or "deny".
        as_of: market time, RFC 3339.
        decided_at: when it was recorded, RFC 3339.
        policy: family and version, e.g. "us-equities v1".
        dataflow: name of the order dataflow.
        rules: every rule, in policy order.
        nodes: every node of the session run and of the order run, in execution order.
        digests: what binds this page to the log.
        environment: what it ran on: (name, value) pairs.
        size_reason: why a clip left nothing to send; "" when it did not.
        later: what happened to it afterwards, as (instant, sentence) pairs; never part of it.
    """

    decision_id: str
    origin: str
    sequence: int
    symbol: str
    proposed_shares: int
    order_shares: int
    verdict: str
    action: str
    as_of: str
    decided_at: str
    policy: str
    dataflow: str
    rules: tuple[RuleView, ...]
    nodes: tuple[NodeView, ...]
    digests: tuple[DigestView, ...]
    environment: tuple[tuple[str, str], ...] = ()
    size_reason: str = ""
    later: tuple[tuple[str, str], ...] = ()

    @property
    def deciders(self) -> tuple[RuleView, ...]:
        """The rules that said something against the order, gravest first."""
        said = (rule for rule in self.rules if not rule.is_quiet)
        return tuple(sorted(said, key=lambda rule: _GRAVEST_FIRST.index(rule.effect)))


def order_words(shares: int, symbol: str) -> str:
    """A signed size as an order is spoken: buy 5,000 AAPL."""
    if shares == 0:
        return f"nothing in {symbol}"
    return f"{'buy' if shares > 0 else 'sell'} {abs(shares):,} {symbol}"


def headline(view: DecisionView) -> str:
    """The decision in one sentence."""
    proposed = order_words(view.proposed_shares, view.symbol)
    if view.action == "deny":
        return f"Denied: {proposed}"
    if view.action == "hold":
        return f"Held for review: {proposed}"
    if view.order_shares != view.proposed_shares:
        return f"Cut to size: {order_words(view.order_shares, view.symbol)}"
    return f"{'Allowed with a warning' if view.verdict == 'warn' else 'Allowed'}: {proposed}"


def _tally(view: DecisionView, effect: str) -> int:
    return sum(rule.effect == effect for rule in view.rules)


def summary(view: DecisionView) -> str:
    """What the rules did, in one sentence."""
    skipped = sum(rule.final == "skipped" for rule in view.rules)
    counts = ((f"{_tally(view, effect)} {word}", _tally(view, effect)) for effect, word in _EFFECT_WORDS)
    said = [text for text, count in counts if count]
    cut = f" It was proposed as {order_words(view.proposed_shares, view.symbol)}." if "Cut" in headline(view) else ""
    skips = f"; {skipped} did not apply" if skipped else ""
    asked = "1 rule was" if len(view.rules) == 1 else f"{len(view.rules)} rules were"
    why = f" {view.size_reason.capitalize()}." if view.size_reason else ""
    return f"{asked} asked: {', '.join(said) or 'none objected'}{skips}.{cut}{why}"


_EFFECT_WORDS = (
    ("deny", "denied"),
    ("review", "asked for a person"),
    ("clip", "cut the size"),
    ("warn", "warned"),
)
