"""Feature contracts: what a feature rests on and what it may be, as a YAML document beside the module that computes it.

A sheet states the terms of each source once (its lag, how stale it may be) and one contract a feature. Whether the
features exist, and whether what the sheet says fits the graph, is for `dataflows.engine.contracts`.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import Enum
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, ValidationError
from pydantic_core import PydanticCustomError

from nodes.vocabulary.errors import Fault, PolicyError
from policies.complaints import schema_faults
from policies.document import Broken, Document, Node, Scalar, Sequence, document
from policies.document import Mapping as MappingNode
from policies.marks import Marks, Path
from policies.schema import Sentence, ValueName
from policies.slips import quoted
from policies.values import SlipError, core_value

UNBOUNDED = "unbounded"
_DURATION = re.compile(r"(\d{1,6})([smhd])", re.ASCII)
_UNITS_S = {"s": 1, "m": 60, "h": 3_600, "d": 86_400}
_TERM = re.compile(r"[a-z][a-z0-9_]*|\d{1,5}", re.ASCII)


class MissingLaw(Enum):
    """What a row without a value means.

    UNKNOWN: the value is not known, and what needs it denies. NEVER: every row has one; a gap is a fault of the source.
    """

    UNKNOWN = "unknown"
    NEVER = "never"


def _seconds(written: object) -> object:
    found = _DURATION.fullmatch(written) if isinstance(written, str) else None
    if found is None:
        mend = "write a whole number and s, m, h or d, like 36h"
        raise PydanticCustomError("duration", "{given} is no duration", {"given": quoted(written), "mend": mend})
    return int(found[1]) * _UNITS_S[found[2]]


def _staleness(written: object) -> object:
    return None if written == UNBOUNDED else _seconds(written)


def _missing(written: object) -> object:
    words = {law.value: law for law in MissingLaw}
    if isinstance(written, str) and written in words:
        return words[written]
    mend = "write unknown or never"
    raise PydanticCustomError("missing_law", "missing was {given}", {"given": quoted(written), "mend": mend})


def _range(bounds: tuple[float | None, float | None]) -> tuple[float | None, float | None]:
    low, high = bounds
    if (low is None and high is None) or (low is not None and high is not None and low > high):
        mend = "write [least, most]; null leaves one side open"
        raise PydanticCustomError("range", "{given} bounds nothing", {"given": str(list(bounds)), "mend": mend})
    return bounds


def _window(written: object) -> object:
    text = str(written) if isinstance(written, int) and not isinstance(written, bool) else written
    if isinstance(text, str) and all(_TERM.fullmatch(term.strip()) for term in text.split("+")):
        return " + ".join(term.strip() for term in text.split("+"))
    mend = "add up parameters and numbers, like volatility_sessions + 1"
    raise PydanticCustomError("window", "{given} is no number of sessions", {"given": quoted(written), "mend": mend})


class _Sheet(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", strict=True, allow_inf_nan=False)


class SourceTerms(_Sheet):
    """What is expected of a source.

    Attributes:
        lag: time that passes at least between an event and its knowledge.
        max_staleness: how old the newest knowledge may be; `unbounded` for events that may not happen for years.
    """

    lag: Annotated[int, BeforeValidator(_seconds)]
    max_staleness: Annotated[int | None, BeforeValidator(_staleness)]


class FeatureTerms(_Sheet):
    """The contract of one feature, as written.

    Attributes:
        sources: the domains that it reads, as the graph has them.
        unit: unit of its values.
        range: least and most value; outside is a fault.
        window: how many rows of its arguments one value reads: parameters and numbers added up.
        dtype: polars type of its values.
        missing: what a row without a value means.
        owner: who answers for it, where not the sheet's owner.
    """

    sources: tuple[ValueName, ...]
    unit: ValueName
    range: Annotated[tuple[float | None, float | None], AfterValidator(_range)]
    window: Annotated[str, BeforeValidator(_window)] = "1"
    dtype: Literal["float64", "int64", "int32", "uint32"] = "float64"
    missing: Annotated[MissingLaw, BeforeValidator(_missing)] = MissingLaw.UNKNOWN
    owner: Sentence | None = None


class Sheet(_Sheet):
    """The contracts of one module of features.

    Attributes:
        family: name of the module's family.
        owner: who answers for the features.
        sources: terms of each domain that the features read.
        features: contract of each feature by name.
    """

    family: ValueName
    owner: Sentence
    sources: Mapping[ValueName, SourceTerms]
    features: Mapping[ValueName, FeatureTerms]


@dataclass(frozen=True, slots=True)
class SourceTerm:
    """What a feature expects of one source: see SourceTerms."""

    domain: str
    lag_s: int
    max_staleness_s: int | None


@dataclass(frozen=True, slots=True)
class Contract:
    """The contract of one feature with the terms of its sources; the fields are those of FeatureTerms."""

    owner: str
    sources: tuple[SourceTerm, ...]
    unit: str
    dtype: str
    low: float | None
    high: float | None
    missing: str
    window: str

    @property
    def content(self) -> dict[str, Any]:
        """The contract as a plan's manifest holds it."""
        sources = tuple((term.domain, term.lag_s, term.max_staleness_s) for term in self.sources)
        return {**{name: getattr(self, name) for name in self.__slots__}, "sources": sources}


def contract_from_content(content: Mapping[str, Any]) -> Contract:
    """The contract that `Contract.content` wrote."""
    return Contract(**{**content, "sources": tuple(SourceTerm(*term) for term in content["sources"])})


@dataclass(frozen=True)
class ContractSheet:
    """A sheet that was read.

    Attributes:
        file: its name.
        contracts: contract of each feature by name.
        marks: where its parts stand; None for a sheet that was not read from a text.
    """

    file: str
    contracts: Mapping[str, Contract] = field(default_factory=dict)
    marks: Marks | None = None

    def fault(self, what: str, mend: str, *path: str | int) -> Fault:
        """A fault at a place of the sheet."""
        if self.marks is None:
            return Fault(self.file, 0, 0, what, mend)
        return self.marks.fault(path, what, mend)


def parsed_sheet(text: bytes, file: str) -> ContractSheet:
    """The contracts that the bytes of a file hold. Raises PolicyError with every fault of form."""
    content, marks, faults = plain_document(text, file)
    try:
        sheet = Sheet.model_validate(content)
    except ValidationError as error:
        faults += schema_faults(error, marks, frozenset(), _keys_at)
        raise PolicyError(faults or [marks.fault((), "the sheet cannot be read", "compare it with the schema")]) from (
            error
        )
    faults += _unstated(sheet, marks)
    if faults:
        raise PolicyError(faults)
    return ContractSheet(file, {name: _contract(sheet, terms) for name, terms in sheet.features.items()}, marks)


def plain_document(text: bytes, file: str) -> tuple[Any, Marks, list[Fault]]:
    """What the bytes of a file hold as mappings, tuples and scalars, with its places and every fault of form."""
    read = document(text, file)
    marks = Marks(read)
    content, faults = _content(read, marks)
    return content, marks, faults


def _content(read: Document, marks: Marks) -> tuple[Any, list[Fault]]:
    faults = list(read.faults)
    if read.root is None:
        raise PolicyError(faults)
    return _value(read.root, (), marks, faults), faults


def _value(node: Node, path: Path, marks: Marks, faults: list[Fault]) -> Any:  # noqa: ANN401  # what a document holds
    if isinstance(node, MappingNode):
        return {key.text: _value(value, (*path, key.text), marks, faults) for key, value in node.entries}
    if isinstance(node, Sequence):
        return tuple(_value(item, (*path, index), marks, faults) for index, item in enumerate(node.items))
    if isinstance(node, Broken):
        return None
    return _scalar(node, path, marks, faults)


def _scalar(node: Scalar, path: Path, marks: Marks, faults: list[Fault]) -> Any:  # noqa: ANN401
    try:
        return core_value(node)
    except SlipError as error:
        faults.append(marks.slip_fault(path, error.slip))
        return None


def _keys_at(path: Path) -> tuple[tuple[str, ...], str]:
    """The keys that a place may have, and its name."""
    if len(path) > 1 and path[0] == "sources":
        return tuple(SourceTerms.model_fields), "source"
    if len(path) > 1 and path[0] == "features":
        return tuple(FeatureTerms.model_fields), "contract"
    return tuple(Sheet.model_fields), "sheet of contracts"


def _unstated(sheet: Sheet, marks: Marks) -> list[Fault]:
    """Sources that a feature names and the sheet says nothing of, and terms that no feature needs."""
    faults = [
        marks.fault(
            ("features", name, "sources", place),
            f"{name} names the source {quoted(source)}, of which the sheet says nothing",
            f"add {source}: with its lag and max_staleness under sources:",
        )
        for name, terms in sheet.features.items()
        for place, source in enumerate(terms.sources)
        if source not in sheet.sources
    ]
    named = {source for terms in sheet.features.values() for source in terms.sources}
    unused = sorted(set(sheet.sources) - named)
    return faults + [
        marks.key_fault(("sources", source), f"no feature reads the source {quoted(source)}", "remove its terms")
        for source in unused
    ]


def _contract(sheet: Sheet, terms: FeatureTerms) -> Contract:
    named = sorted(terms.sources)
    sources = ((name, sheet.sources[name]) for name in named)
    return Contract(
        owner=terms.owner or sheet.owner,
        sources=tuple(SourceTerm(name, term.lag, term.max_staleness) for name, term in sources),
        unit=terms.unit,
        dtype=terms.dtype,
        low=terms.range[0],
        high=terms.range[1],
        missing=terms.missing.value,
        window=terms.window,
    )
