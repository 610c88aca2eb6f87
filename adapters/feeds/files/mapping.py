"""Import mappings: a YAML document that says how files of any vendor become facts of a domain.

    mapping: cboe-vix
    domain: factors
    files: "VIX_History*.csv"
    columns:
      factor: {constant: vix}
      period_on: {from: DATE, form: "%m/%d/%Y"}
      value: {from: CLOSE}

Columns are named as the domain names them, which says their types; a column of another name needs a `kind` and serves
the laws. Every slip is told at once, with file, line, column and mend.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import time
from typing import Annotated, Any, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationError, model_validator
from pydantic_core import PydanticCustomError

from adapters.feeds.files.fields import NEW_YORK, Kind
from adapters.lake.instant_laws import Law, Rule
from nodes.vocabulary.errors import DataError, Fault
from policies import document as texts
from policies.marks import Marks
from policies.slips import quoted, suggestion
from policies.values import SlipError, core_value


class Part(BaseModel):
    """What every part of a mapping shares: it is frozen and knows its keys."""

    model_config = ConfigDict(extra="forbid", frozen=True, populate_by_name=True, strict=True)


_RuleName = Annotated[Rule, BeforeValidator(lambda text: _member(Rule, text))]
_KindName = Annotated[Kind, BeforeValidator(lambda text: _member(Kind, text))]


class Column(Part):
    """Where a column comes from: one of the file's, or a constant."""

    origin: str | None = Field(default=None, alias="from", description="The file's name for it.")
    constant: str | None = Field(default=None, description="The same text in every row.")
    kind: _KindName | None = Field(default=None, description="What its cells are, where the domain does not say.")
    form: str = Field(default="", description="strftime form of a date or a time; ISO by default.")
    zone: str = Field(default=NEW_YORK, description="Time zone of times that name none.")
    divide_by: float = Field(default=1.0, gt=0.0, description="What numbers are divided by.")
    replace: dict[str, str] = Field(default_factory=dict, description="Texts that mean other texts.")
    upper: bool = Field(default=False, description="Whether texts are put in upper case, as tickers are.")
    optional: bool = Field(default=False, description="Whether an empty cell keeps its row.")

    @model_validator(mode="after")
    def _one_source(self) -> Column:
        if (self.origin is None) == (self.constant is None):
            kind, text = "source", "a column comes from the file or is a constant, one of them"
            raise PydanticCustomError(kind, text, {"mend": "give it `from` or `constant`"})
        return self


class Instants(Part):
    """A law and the column of days, or of instants, that it is applied to."""

    of: str
    rule: _RuleName = Rule.INSTANT
    at: str = "00:00"
    zone: str = NEW_YORK
    lag_days: int = 0
    lag_sessions: int = 0

    @property
    def law(self) -> Law:
        """The law."""
        return Law(self.rule, time.fromisoformat(self.at), self.zone, self.lag_days, self.lag_sessions)

    @model_validator(mode="after")
    def _readable(self) -> Instants:
        try:
            time.fromisoformat(self.at)
        except ValueError as error:
            kind, text = "time", "at is no time of day"
            raise PydanticCustomError(kind, text, {"mend": "write it like '16:15'"}) from error
        if self.lag_days < 0 or self.lag_sessions < 0:
            kind, text = "lag", "a lag below zero would let facts be known before they were"
            raise PydanticCustomError(kind, text, {"mend": "give a lag of zero or more"})
        return self


class Unpivot(Part):
    """Columns of a wide file that become rows: the file's name of each, and what it is called then."""

    columns: dict[str, str]
    name: str
    value: str


class ImportMapping(Part):
    """The document.

    `event_at` and `known_at` may be left out for `factors`, whose laws are known, and only there.
    """

    mapping: str = Field(pattern=r"^[a-z0-9][a-z0-9-]*$")
    domain: str
    files: str
    format: Literal["csv", "parquet"] = "csv"
    separator: str = Field(default=",", min_length=1, max_length=1)
    skip_lines: int = Field(default=0, ge=0)
    missing: tuple[str, ...] = ("", "NA", "N/A", "null", "NULL", "nan", "NaN", ".")
    columns: dict[str, Column]
    unpivot: Unpivot | None = None
    event_at: Instants | None = None
    known_at: Instants | None = None


def import_mapping(text: bytes, file: str) -> ImportMapping:
    """The mapping that a YAML text holds. Raises DataError with every fault, placed."""
    read = texts.document(text, file)
    if read.root is None or read.faults:
        raise DataError("\n".join(str(fault) for fault in read.faults))
    marks = Marks(read)
    faults: list[Fault] = []
    content = _plain(read.root, (), marks, faults)
    if not faults:
        try:
            return ImportMapping.model_validate(content)
        except ValidationError as error:
            faults = list(_faults(error, marks))
    raise DataError("\n".join(str(fault) for fault in sorted(faults)))


def _plain(node: texts.Node, path: tuple[str | int, ...], marks: Marks, faults: list[Fault]) -> Any:  # noqa: ANN401
    """Plain values of nodes; what a place wants as a text stays the text that was written."""
    if isinstance(node, texts.Mapping):
        return {key.text: _plain(value, (*path, key.text), marks, faults) for key, value in node.entries}
    if isinstance(node, texts.Sequence):
        return tuple(_plain(item, (*path, at), marks, faults) for at, item in enumerate(node.items))
    if isinstance(node, texts.Scalar):
        if str(path[-1] if path else "") not in _NUMBERS_AND_FLAGS:
            return node.text
        try:
            return core_value(node)
        except SlipError as error:
            faults.append(marks.slip_fault(path, error.slip))
    return None


_NUMBERS_AND_FLAGS = frozenset({"divide_by", "lag_days", "lag_sessions", "skip_lines", "upper", "optional"})
_KEYS: Mapping[str, frozenset[str]] = {
    "": frozenset(ImportMapping.model_fields),
    "columns": frozenset({"from", *Column.model_fields} - {"origin"}),
    "unpivot": frozenset(Unpivot.model_fields),
    "event_at": frozenset(Instants.model_fields),
    "known_at": frozenset(Instants.model_fields),
}


def _faults(error: ValidationError, marks: Marks) -> Iterator[Fault]:
    for problem in error.errors(include_url=False):
        path, key = problem["loc"], str(problem["loc"][-1]) if problem["loc"] else "the mapping"
        if problem["type"] == "missing":
            yield marks.fault(path[:-1], f"{quoted(key)} is missing", f"add {key}:")
        elif problem["type"] == "extra_forbidden":
            known = _KEYS[str(path[0]) if len(path) > 1 else ""]
            yield marks.key_fault(path, f"{quoted(key)} is no key of it", suggestion(key, known))
        else:
            mend = problem.get("ctx", {}).get("mend", "correct it")
            given = problem["input"] if isinstance(problem["input"], str | int | float | bool) else "the part"
            yield marks.fault(path, f"{key} was {quoted(given)}: {problem['msg']}", mend)


def _member(members: type[Rule | Kind], text: object) -> object:
    words = {member.value: member for member in members}
    if isinstance(text, str) and text in words:
        return words[text]
    kind, said = "word", "it is none of the words that may stand here"
    raise PydanticCustomError(kind, said, {"mend": suggestion(str(text), words)})
