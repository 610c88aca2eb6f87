"""Service level objectives as a YAML document: what must be good how often, and how fast a budget may burn.

An indicator is either counters (events that there were, and which of them were bad, or good) or a gauge that is looked
at now and then: each look is an event, a bad one when the gauge is out of bounds. Selectors are written as Prometheus
writes them, so that its rules and our own page are made from one text.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Annotated, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, model_validator
from pydantic_core import PydanticCustomError

from nodes.vocabulary.errors import Fault
from policies.marks import Marks
from policies.marks import Path as Place
from policies.modelled import modelled_document
from policies.schema import FAMILY_PATTERN, Sentence

SHIPPED = Path(__file__).resolve().parent / "slo" / "operations" / "v1.yaml"
"""The document that comes with Assay."""
_SELECTOR = re.compile(r'([a-zA-Z_:][a-zA-Z0-9_:]*)(?:\{((?:[a-z_]+(?:=|=~)"[^"\\]*"(?:, (?!\}))?)*)\})?')
_MATCHER = re.compile(r'([a-z_]+)(=~|=)"([^"\\]*)"')


def _selector_text(text: str) -> str:
    if _SELECTOR.fullmatch(text) is None:
        mend = 'write metric or metric{label="value", other=~"pattern"}'
        raise PydanticCustomError("selector", "is no selector", {"mend": mend})
    return text


SelectorText = Annotated[str, Field(max_length=300), AfterValidator(_selector_text)]


@dataclass(frozen=True)
class Selector:
    """Which series of a metric count.

    Attributes:
        metric: its name.
        matchers: label, whether the value is a regular expression, and the value.
    """

    metric: str
    matchers: tuple[tuple[str, bool, str], ...] = ()

    def chooses(self, name: str, labels: Mapping[str, str]) -> bool:
        """Whether a series is one of them; a label that it has not is empty, as in Prometheus."""
        if name != self.metric:
            return False
        found = ((labels.get(label, ""), is_pattern, value) for label, is_pattern, value in self.matchers)
        return all(
            re.fullmatch(value, has) is not None if is_pattern else has == value for has, is_pattern, value in found
        )


def selector(text: str) -> Selector:
    """The selector that a text says; the document's types have refused any other text."""
    metric, _, rest = text.partition("{")
    return Selector(metric, tuple((label, op == "=~", value) for label, op, value in _MATCHER.findall(rest)))


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", strict=True, allow_inf_nan=False)


class BurnWindow(_Part):
    """How fast a budget may burn before somebody is told.

    Attributes:
        id: its name.
        long_s: the stretch over which it is measured, so that a moment of trouble tells nobody.
        short_s: a shorter one that must burn too, so that the alert ends soon after the trouble does.
        burn_ratio: from which rate on.
        severity: of the alert.
    """

    id: Annotated[str, Field(pattern=FAMILY_PATTERN)]
    long_s: Annotated[int, Field(ge=60, le=90 * 86_400)]
    short_s: Annotated[int, Field(ge=60, le=90 * 86_400)]
    burn_ratio: Annotated[float, Field(gt=0.0, le=1e6)]
    severity: Literal["page", "ticket", "note"]


class Objective(_Part):
    """What must be good how often.

    Attributes:
        id: its name.
        about: what it promises, in words.
        good_frac: the share of events that must be good.
        total: selectors of the counters that count events.
        bad: those that count bad ones; this or `good`.
        good: those that count good ones.
        gauge: a metric that is looked at, in place of counters.
        most: the largest good value of it; this or `least`.
        least: the smallest good one.
        by: label that parts the gauge into objectives of their own, as feeds by their source.
        min_bad_count: how many bad events the long stretch of a window must hold before somebody is told: of few events
            a single bad one is a large share, and tells little.
    """

    id: Annotated[str, Field(pattern=FAMILY_PATTERN)]
    about: Sentence
    good_frac: Annotated[float, Field(gt=0.0, lt=1.0)]
    total: tuple[SelectorText, ...] = ()
    bad: tuple[SelectorText, ...] = ()
    good: tuple[SelectorText, ...] = ()
    gauge: SelectorText | None = None
    most: float | None = None
    least: float | None = None
    by: Annotated[str, Field(pattern="^[a-z_]+$")] | None = None
    min_bad_count: Annotated[int, Field(ge=1, le=1_000_000)] = 1

    @model_validator(mode="after")
    def _one_indicator(self) -> Objective:
        counts = bool(self.total) and bool(self.bad) != bool(self.good)
        looks = self.gauge is not None and (self.most is None) != (self.least is None)
        mixed = bool(self.total or self.bad or self.good) and self.gauge is not None
        if mixed or not (counts or looks) or (counts and self.by is not None):
            mend = "give `total` with `bad` or `good`, or `gauge` with `most` or `least`"
            raise PydanticCustomError("indicator", "the objective has not one indicator", {"mend": mend})
        return self

    def is_bad(self, value: float) -> bool:
        """Whether a look at the gauge is a bad event."""
        return not (value <= self.most if self.most is not None else value >= (self.least or 0.0))

    @property
    def metrics(self) -> frozenset[str]:
        """Names of the metrics that it reads."""
        texts = (*self.total, *self.bad, *self.good, *(() if self.gauge is None else (self.gauge,)))
        return frozenset(selector(text).metric for text in texts)


class SloPolicy(_Part):
    """Objectives, and when somebody is told that one is in danger.

    Attributes:
        family: name that all versions share; `slo` in the document.
        version: whole number from 1.
        owner: who answers for it.
        why: what it is for.
        sources: what it rests on.
        period_days: over which a budget is reckoned.
        sample_s: how often counters are read and gauges looked at.
        windows: when somebody is told.
        objectives: what must be good.
    """

    family: Annotated[str, Field(pattern=FAMILY_PATTERN, alias="slo")]
    version: Annotated[int, Field(ge=1)]
    owner: Sentence
    why: Sentence
    sources: tuple[Sentence, ...] = ()
    period_days: Annotated[int, Field(ge=1, le=365)]
    sample_s: Annotated[int, Field(ge=1, le=3600)]
    windows: Annotated[tuple[BurnWindow, ...], Field(min_length=1)]
    objectives: Annotated[tuple[Objective, ...], Field(min_length=1)]

    @property
    def period_s(self) -> int:
        """The period in seconds."""
        return self.period_days * 86_400


def parsed_slo_policy(text: bytes, file: str) -> SloPolicy:
    """The policy that the bytes of a file hold. Raises PolicyError with every fault."""
    return modelled_document(text, file, SloPolicy, _keys_at, _faults)


@lru_cache(maxsize=1)
def shipped_slo_policy() -> SloPolicy:
    """The policy that comes with Assay."""
    return parsed_slo_policy(SHIPPED.read_bytes(), SHIPPED.name)


def _faults(found: SloPolicy, marks: Marks) -> Iterator[Fault]:
    """What no type can say: names used twice, windows that cannot be, patterns that are none."""
    families: tuple[tuple[str, tuple[BurnWindow | Objective, ...]], ...] = (
        ("windows", found.windows),
        ("objectives", found.objectives),
    )
    for family, parts in families:
        seen: set[str] = set()
        for number, part in enumerate(parts):
            if part.id in seen:
                yield marks.fault((family, number, "id"), f"{part.id!r} names two", "give one of them another id")
            seen.add(part.id)
    for place, window in enumerate(found.windows):
        if not found.sample_s < window.short_s < window.long_s <= found.period_s:
            what = f"{window.id} looks back {window.short_s} and {window.long_s} s"
            mend = f"let sample_s, short_s, long_s and the period ({found.period_s} s) grow in this order"
            yield marks.fault(("windows", place), what, mend)
    for place, objective in enumerate(found.objectives):
        for text in (*objective.total, *objective.bad, *objective.good):
            for _, is_pattern, value in selector(text).matchers:
                if is_pattern and not _is_pattern(value):
                    yield marks.fault(("objectives", place), f"{value!r} is no pattern", "write a regular expression")


def _is_pattern(text: str) -> bool:
    try:
        re.compile(text)
    except re.error:
        return False
    return True


_PARTS: Mapping[str, type[_Part]] = {"windows": BurnWindow, "objectives": Objective}


def _keys_at(path: Place) -> tuple[tuple[str, ...], str]:
    """The keys that a place may have, and its name."""
    part: type[_Part] = _PARTS.get(str(path[0]), SloPolicy) if path else SloPolicy
    return tuple(field.alias or name for name, field in part.model_fields.items()), str(path[0]) if path else "policy"
