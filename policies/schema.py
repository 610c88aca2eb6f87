"""The types of a policy document: frozen, strict, closed (an unknown key is a fault).

`policies.parse` makes them from YAML with every fault placed; `policies.json_schema` shows them to editors.
"""

from __future__ import annotations

import keyword
import re
from collections.abc import Mapping
from datetime import date, datetime
from decimal import Decimal
from enum import Enum
from typing import Annotated, Any, TypeAlias

from pydantic import AfterValidator, AwareDatetime, BaseModel, BeforeValidator, ConfigDict, Field, PlainValidator
from pydantic_core import PydanticCustomError

from nodes.vocabulary.verdict import Verdict
from policies.slips import quoted, suggestion

_ScalarValue: TypeAlias = bool | int | float | Decimal | str | datetime | date
_SCALARS = (bool, int, float, Decimal, str, datetime, date)


def _checked_value(value: object) -> object:
    """A scalar, a tuple of scalars or a mapping of weights; typed before it comes here."""
    is_scalar = isinstance(value, _SCALARS)
    is_list = isinstance(value, tuple) and all(isinstance(item, _SCALARS) for item in value)
    is_weights = isinstance(value, Mapping) and all(isinstance(item, float) for item in value.values())
    if is_scalar or is_list or is_weights:
        return value
    mend = "write a scalar, a list of scalars, or a mapping of weights"
    raise PydanticCustomError("value", "value was {given}", {"given": quoted(value), "mend": mend})


Value: TypeAlias = Annotated[
    _ScalarValue | tuple[_ScalarValue, ...] | Mapping[str, float], PlainValidator(_checked_value)
]

FAMILY_PATTERN = r"^[a-z][a-z0-9]*(-[a-z0-9]+)*$"
RULE_ID_PATTERN = r"^[a-z][a-z0-9]*([-_][a-z0-9]+)*$"
NAME_PATTERN = r"^[a-z][a-z0-9]*(_[a-z0-9]+)*$"
DIGEST_PATTERN = r"^sha256:[0-9a-f]{64}$"
RESERVED_RULE_IDS = frozenset({"action", "decision", "verdict", "order_shares", "reasons"})
"""What a case's `want` says besides rules."""


class AppliesTo(Enum):
    """Which orders a rule is for."""

    ALL = "all"
    INCREASING = "increasing"


def _checked_name(name: str) -> str:
    if not re.fullmatch(NAME_PATTERN, name) or keyword.iskeyword(name):
        raise PydanticCustomError(
            "name",
            "{name} is no name of a value",
            {"name": quoted(name), "mend": "write lower-case words joined by _, with the unit as suffix"},
        )
    return name


def _checked_rule_id(rule_id: str) -> str:
    if not re.fullmatch(RULE_ID_PATTERN, rule_id):
        raise PydanticCustomError(
            "rule_id",
            "{id} is no rule id",
            {"id": quoted(rule_id), "mend": "write lower-case words joined by - or _, like price-collar"},
        )
    if rule_id.replace("-", "_") in RESERVED_RULE_IDS:
        raise PydanticCustomError(
            "rule_id",
            "{id} is a word of the cases",
            {"id": quoted(rule_id), "mend": "name the rule otherwise"},
        )
    return rule_id


def _checked_text(text: str) -> str:
    if not text.strip():
        raise PydanticCustomError("text", "the text is empty", {"mend": "say it in a sentence"})
    return text


ValueName = Annotated[str, AfterValidator(_checked_name)]
RuleId = Annotated[str, AfterValidator(_checked_rule_id)]
Sentence = Annotated[str, AfterValidator(_checked_text)]


class _Document(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", strict=True, allow_inf_nan=False)


class Then(_Document):
    """What a failing rule says of the order.

    Attributes:
        verdict: warn, clip, review or deny.
        cap: for clip, the node that returns the largest size for which the rule holds; else None.
    """

    verdict: Verdict
    cap: ValueName | None = None


def then_of(written: object) -> object:
    """What a policy writes under `then`, as the fields of Then: deny, warn, review or {clip: cap_node}."""
    if isinstance(written, Then):
        return written
    words = {verdict.label: verdict for verdict in (Verdict.WARN, Verdict.REVIEW, Verdict.DENY)}
    if isinstance(written, str) and written in words:
        return Then(verdict=words[written])
    if isinstance(written, Mapping) and set(written) == {"clip"} and isinstance(written["clip"], str):
        return {"verdict": Verdict.CLIP, "cap": written["clip"]}
    mend = "write deny, review, warn or {clip: cap_node_name}"
    if written == "clip":
        mend = "name the cap node: {clip: cap_node_name}"
    elif isinstance(written, str):
        mend = f"{suggestion(written, words)} Or {mend}" if "?" in suggestion(written, words) else mend
    raise PydanticCustomError("then", "then was {written}", {"written": quoted(written), "mend": mend})


def applies_to_of(written: object) -> object:
    """What a policy writes under `applies_to`."""
    words = {member.value: member for member in AppliesTo}
    if isinstance(written, AppliesTo):
        return written
    if isinstance(written, str) and written in words:
        return words[written]
    mend = suggestion(written, words) if isinstance(written, str) else "write all or increasing"
    raise PydanticCustomError("applies_to", "applies_to was {written}", {"written": quoted(written), "mend": mend})


def on_unknown_of(written: object) -> object:
    """What a policy writes under `on_unknown`: warn, the only word it has."""
    if isinstance(written, bool):
        return written
    if written == "warn":
        return True
    mend = "write warn, or leave it out: unknown denies"
    raise PydanticCustomError("on_unknown", "on_unknown was {written}", {"written": quoted(written), "mend": mend})


class Rule(_Document):
    """One guardrail: what must hold of an order, and what is said when it does not.

    Attributes:
        id: its name, unique in the policy; its node is named `<id, - as _>_holds`.
        require: the claim, in the language of `policies.grammar`, as the author wrote it.
        then: the verdict when it fails.
        on_unknown_warns: whether unknown warns instead of denying; only a warn rule may say so.
        applies_to: whether orders that reduce risk skip it.
        limits: the numbers it is about, by name.
        because: reason for experts; a text with slots (`policies.texts`).
        plain: reason for beginners; a text with slots.
        source: where the rule comes from.
    """

    id: RuleId
    require: Sentence
    then: Annotated[Then, BeforeValidator(then_of)]
    on_unknown_warns: Annotated[bool, BeforeValidator(on_unknown_of)] = Field(default=False, alias="on_unknown")
    applies_to: Annotated[AppliesTo, BeforeValidator(applies_to_of)] = AppliesTo.ALL
    limits: Mapping[ValueName, Value] = Field(default_factory=dict)
    because: Sentence
    plain: Sentence
    source: Sentence

    @property
    def node_name(self) -> str:
        """The name of the rule's node in the DAG."""
        return f"{self.id.replace('-', '_')}_holds"


class Policy(_Document):
    """A policy: parameters and rules of one family at one version.

    Attributes:
        family: kebab-case name that all its versions share; `policy` in the document.
        version: whole number from 1.
        strategy: the installed strategy it is for.
        supersedes: digest text of the version before; None for the first.
        owner: who answers for it.
        effective_from: the instant from which it may decide, in UTC.
        why: what changed and why.
        sources: what it rests on.
        params: parameters of nodes by name.
        signal: weight of each feature in the composite score.
        rules: the rules; their order means nothing.
    """

    family: Annotated[str, Field(pattern=FAMILY_PATTERN, alias="policy")]
    version: Annotated[int, Field(ge=1)]
    strategy: Annotated[str, Field(pattern=FAMILY_PATTERN)]
    supersedes: Annotated[str, Field(pattern=DIGEST_PATTERN)] | None
    owner: Sentence
    effective_from: AwareDatetime
    why: Sentence
    sources: tuple[Sentence, ...] = ()
    params: Mapping[ValueName, Value] = Field(default_factory=dict)
    signal: Mapping[ValueName, float] = Field(default_factory=dict)
    rules: tuple[Rule, ...]

    def rule(self, rule_id: str) -> Rule | None:
        """The rule of that id, or None."""
        return next((rule for rule in self.rules if rule.id == rule_id), None)


def wanted_keys(model: type[BaseModel]) -> tuple[str, ...]:
    """The keys that a document of that type may have, as an author writes them."""
    return tuple(field.alias or name for name, field in model.model_fields.items())


def plain_content(value: Any) -> Any:  # noqa: ANN401  # any part of a document
    """A part of a document as mappings, tuples and scalars of the vocabulary."""
    if isinstance(value, BaseModel):
        return {name: plain_content(getattr(value, name)) for name in type(value).model_fields}
    if isinstance(value, Mapping):
        return {key: plain_content(item) for key, item in value.items()}
    if isinstance(value, tuple | list):
        return tuple(plain_content(item) for item in value)
    return value
