"""What an editor of policies is told: faults of a text that is being written, and the words that it may use."""

from __future__ import annotations

from typing import Annotated

import msgspec

from api.http.schemas.policy import FaultView, PolicyChangeView, change_views, fault_views
from api.use_cases.policy_check import PolicyCheck
from api.use_cases.policy_vocabulary import OPERATORS, PolicyKey, PolicyVocabulary, PolicyWord, suffix_units
from nodes.vocabulary.canonical import digest_text
from policies.diff import value_text
from policies.schema import Rule


class PolicyCheckBody(msgspec.Struct, forbid_unknown_fields=True, frozen=True):
    """A policy that is being written.

    Attributes:
        text: the policy as it is now, sound or not.
        cases: its cases; without them it is only compiled.
        file: what to call it in faults.
    """

    text: str
    cases: str | None = None
    file: Annotated[str, msgspec.Meta(pattern=r"^[A-Za-z0-9._-]{1,100}\.yaml$")] = "candidate.yaml"


class PolicyCheckView(msgspec.Struct, frozen=True):
    """What a dry check shows.

    Attributes:
        is_sound: whether it could be handed in as it stands, with its cases.
        policy: family and version; null while its form has faults.
        policy_digest: its identity; null while it does not compile or a case is answered otherwise.
        n_cases: how many cases were answered as they want; null when none came or something is wrong.
        faults: everything wrong, in the order of the text.
        active_digest: what runs, which the changes are against.
        changes: how it differs from that.
    """

    is_sound: bool
    policy: str | None
    policy_digest: str | None
    n_cases: int | None
    faults: tuple[FaultView, ...]
    active_digest: str
    changes: tuple[PolicyChangeView, ...]


class PolicyWordView(msgspec.Struct, frozen=True):
    """A name that a policy can use.

    Attributes:
        name: the name.
        kind: input, node, limit, parameter or size.
        unit: its unit.
        type: what a value of it is written as; empty where it has no literal.
        doc: what it is, in a sentence; empty where nobody says.
        formula: how it is computed.
        missing: when it is absent.
        source: where it is from.
        stage: of its module; empty for what is no module's.
        uses: where it may stand: require, cap, signal or params.
        choices: the words that it may be; empty where it is free.
        value: what the active policy gives it; null where that gives none.
        read_by: nodes and rules that read it.
    """

    name: str
    kind: str
    unit: str
    type: str
    doc: str
    formula: str
    missing: str
    source: str
    stage: str
    uses: tuple[str, ...]
    choices: tuple[str, ...]
    value: str | None
    read_by: tuple[str, ...]


class PolicyKeyView(msgspec.Struct, frozen=True):
    """A key of a policy, or of one of its rules.

    Attributes:
        name: the key.
        of: policy or rule.
        is_required: whether it must be there.
        doc: what it means.
        choices: the words that it may be; empty where it is free.
    """

    name: str
    of: str
    is_required: bool
    doc: str
    choices: tuple[str, ...]


class PolicyRuleView(msgspec.Struct, frozen=True):
    """A rule of the active policy.

    Attributes:
        id: its name.
        require: what must hold.
        then: what follows when it does not.
        applies_to: all orders, or those that increase risk.
        limits: its limits, as one writes them.
        plain: what it is for, in plain words.
    """

    id: str
    require: str
    then: str
    applies_to: str
    limits: dict[str, str]
    plain: str


class SuffixView(msgspec.Struct, frozen=True):
    """What the ending of a name says of its value.

    Attributes:
        suffix: the ending.
        unit: the unit; empty for instants and dates.
        type: what a value is written as.
    """

    suffix: str
    unit: str
    type: str


class PolicyVocabularyView(msgspec.Struct, frozen=True):
    """All that can be completed in a policy.

    Attributes:
        strategy: what policies here are for.
        policy_digest: the active policy.
        words: names, in order.
        keys: keys of the document and of rules, in their order.
        rules: the active rules, by id.
        operators: what joins names and limits in a claim.
        suffixes: what endings of names say.
    """

    strategy: str
    policy_digest: str
    words: tuple[PolicyWordView, ...]
    keys: tuple[PolicyKeyView, ...]
    rules: tuple[PolicyRuleView, ...]
    operators: tuple[str, ...]
    suffixes: tuple[SuffixView, ...]


def check_view(found: PolicyCheck) -> PolicyCheckView:
    """A dry check, for clients."""
    return PolicyCheckView(
        is_sound=found.is_sound,
        policy=found.name or None,
        policy_digest=digest_text(found.policy_digest) if found.policy_digest else None,
        n_cases=found.n_cases,
        faults=fault_views(found.faults),
        active_digest=digest_text(found.active.policy_digest),
        changes=change_views(found.changes),
    )


def vocabulary_view(found: PolicyVocabulary) -> PolicyVocabularyView:
    """The words of policies, for clients."""
    rules = sorted(found.policy.rules, key=lambda rule: rule.id)
    return PolicyVocabularyView(
        strategy=found.strategy,
        policy_digest=digest_text(found.policy_digest),
        words=tuple(_word(word) for word in found.words),
        keys=tuple(_key(key) for key in found.keys),
        rules=tuple(_rule(rule) for rule in rules),
        operators=OPERATORS,
        suffixes=tuple(SuffixView(*each) for each in suffix_units()),
    )


def _word(word: PolicyWord) -> PolicyWordView:
    return PolicyWordView(**{name: getattr(word, name) for name in PolicyWordView.__struct_fields__})


def _key(key: PolicyKey) -> PolicyKeyView:
    return PolicyKeyView(key.name, key.of, key.is_required, key.doc, key.choices)


def _rule(rule: Rule) -> PolicyRuleView:
    limits = {name: value_text(value) for name, value in sorted(rule.limits.items())}
    then, applies_to = value_text(rule.then), rule.applies_to.value
    return PolicyRuleView(rule.id, rule.require, then, applies_to, limits, rule.plain)
