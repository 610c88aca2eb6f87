"""Statement mappings: how a broker's file says what it says, as a YAML document.

A mapping names the form of the file and, row by row, which records are what: the words by which a record is known, the
kind of movement that it is, and the field of the record in which each part stands. A record that no row knows is a
fault, unless the mapping says that it is left out: nothing is skipped in silence.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import Enum
from functools import cache
from pathlib import Path as FilePath
from typing import Annotated, Any, Literal
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, ValidationError
from pydantic_core import PydanticCustomError

from nodes.vocabulary.canonical import digest, encode
from nodes.vocabulary.errors import Fault, PolicyError
from nodes.vocabulary.statements import Form, Grouping, MovementKind
from policies.complaints import schema_faults
from policies.contracts import plain_document
from policies.marks import Marks, Path
from policies.schema import FAMILY_PATTERN, Sentence, plain_content
from policies.slips import quoted

FOLDER = FilePath(__file__).resolve().parent / "reconciliation"
SHIPPED = ("statement-csv", "alpaca-activities", "fix-drop-copy")
"""The mappings that come with Assay, by name."""

POSITION, BALANCE, BUST, CORRECT, LEFT_OUT = "position", "balance", "bust", "trade-correct", "left-out"
KINDS = (
    *(kind.value for kind in MovementKind if kind is not MovementKind.ADJUSTMENT),
    POSITION,
    BALANCE,
    BUST,
    CORRECT,
    LEFT_OUT,
)
"""What a record can be: a movement, a holding at the end, a word about an earlier trade, or nothing of interest."""
FIELDS = (
    "on",
    "account",
    "symbol",
    "quantity",
    "price",
    "fee",
    "amount",
    "currency",
    "fx_rate",
    "reference",
    "order",
    "corrects",
)
"""Parts of a record that can be named."""
NEEDED: Mapping[str, tuple[str, ...]] = {
    "trade": ("on", "symbol", "quantity"),
    "dividend": ("on", "symbol", "amount"),
    "split": ("on", "symbol", "quantity"),
    "delivery": ("on", "symbol", "quantity"),
    "fee": ("on", "amount"),
    "borrow": ("on", "amount"),
    "interest": ("on", "amount"),
    "transfer": ("on", "amount"),
    "conversion": ("on", "symbol", "quantity", "price"),
    "position": ("symbol", "quantity"),
    "balance": ("amount", "currency"),
    "bust": ("corrects",),
    "trade-correct": ("on", "symbol", "quantity", "price", "corrects"),
    "left-out": (),
}
"""Parts without which a record says nothing, by kind."""


class FileForm(Enum):
    """What a file is."""

    CSV = "csv"
    JSON = "json"
    FIX = "fix"


def _word(choices: tuple[str, ...], what: str) -> BeforeValidator:
    """That a text is one of a closed list."""

    def checked(written: object) -> object:
        if isinstance(written, str) and written in choices:
            return written
        words = {"given": quoted(str(written)), "what": what, "mend": f"write one of {', '.join(choices)}"}
        raise PydanticCustomError("word", "{given} is no {what}", words)

    return BeforeValidator(checked)


def _several(written: object) -> object:
    """One text or several, as several; a number stands for its digits, as tags of FIX are written."""
    items = written if isinstance(written, tuple) else (written,)
    return tuple(str(item) if isinstance(item, int) and not isinstance(item, bool) else item for item in items)


def _enum(kind: type[Enum]) -> BeforeValidator:
    choices = {each.value: each for each in kind}

    def checked(written: object) -> object:
        if isinstance(written, str) and written in choices:
            return choices[written]
        words = {"given": quoted(str(written)), "mend": f"write one of {', '.join(choices)}"}
        raise PydanticCustomError("word", "{given} is not known here", words)

    return BeforeValidator(checked)


def _zone(written: str) -> str:
    try:
        ZoneInfo(written)
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:
        words = {"given": quoted(written), "mend": "name one like America/New_York"}
        raise PydanticCustomError("zone", "{given} is no time zone", words) from error
    return written


FieldName = Annotated[str, _word(FIELDS, "part of a record")]
Several = Annotated[tuple[Sentence, ...], BeforeValidator(_several), Field(min_length=1)]
Decimals = Annotated[int, Field(ge=0, le=12)]


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", strict=True, allow_inf_nan=False)


class Signs(_Part):
    """Where the sign of a record stands, if not before its numbers.

    Attributes:
        field: the field that tells it.
        plus: its words for what comes in.
        minus: its words for what goes out.
        turned: parts that have the sign; the others keep what stands before them.
    """

    field: Sentence
    plus: Several
    minus: Several
    turned: tuple[FieldName, ...] = ("quantity",)


class Row(_Part):
    """One kind of record.

    Attributes:
        when: fields and the words by which the record is known; all must fit.
        kind: what it is.
        fields: by part, the field of the record in which it stands, where it is not that of the whole mapping.
        signs: where the sign stands, if not before the numbers.
        negated: parts that the file tells with the opposite sign.
    """

    when: Mapping[str, Several]
    kind: Annotated[str, _word(KINDS, "kind of record")]
    fields: Mapping[FieldName, Several] = field(default_factory=dict)
    signs: Signs | None = None
    negated: tuple[FieldName, ...] = ()


class Rounding(_Part):
    """To how many decimals a file rounds; what is not named is told in full.

    Attributes:
        price: prices.
        amount: amounts and fees.
    """

    price: Decimals | None = None
    amount: Decimals | None = None


class StatementMapping(_Part):
    """How a broker's file says what it says.

    Attributes:
        family: `statement_mapping` in the document.
        version: whole number from 1.
        owner: who answers for it.
        why: what changed and why.
        sources: what it rests on.
        form: what the file is.
        delimiter: between the fields of a CSV file.
        records: for JSON, the key under which the list of records stands; "" when the file is the list.
        day_format: of days that are not written like 2013-01-07, in the directives of strptime.
        zone: where a day begins, for instants.
        currency: of records that name none.
        grouping: of what a line for trades tells.
        fees: whether fees of trades stand in their lines or apart.
        references: whether its references are ours (ExecIDs) or its own.
        decimals: to how many it rounds.
        symbols: its names of symbols that we call otherwise.
        accounts: its names of accounts.
        fields: by part, the field in which it stands; numbers of several fields are added up.
        rows: kinds of records; the first that fits a record holds.
    """

    family: Annotated[str, Field(pattern=FAMILY_PATTERN, alias="statement_mapping")]
    version: Annotated[int, Field(ge=1)]
    owner: Sentence
    why: Sentence
    sources: tuple[Sentence, ...]
    form: Annotated[FileForm, _enum(FileForm)]
    delimiter: Annotated[str, Field(min_length=1, max_length=1)] = ","
    records: str = ""
    day_format: Sentence = "%Y-%m-%d"
    zone: Annotated[str, AfterValidator(_zone)] = "America/New_York"
    currency: Annotated[str, Field(pattern="^[A-Z]{3}$")] = "USD"
    grouping: Annotated[Grouping, _enum(Grouping)] = Grouping.EXECUTION
    fees: Literal["in-trades", "apart"] = "in-trades"
    references: Literal["ours", "own"] = "own"
    decimals: Rounding = Rounding()
    symbols: Mapping[str, Sentence] = field(default_factory=dict)
    accounts: Mapping[str, Sentence] = field(default_factory=dict)
    fields: Mapping[FieldName, Several] = field(default_factory=dict)
    rows: Annotated[tuple[Row, ...], Field(min_length=1)]


@dataclass(frozen=True)
class MappingSheet:
    """A statement mapping that was read.

    Attributes:
        mapping: what it says.
        digest: of what it says; white space and comments do not move it.
        text: its bytes, as they are archived.
    """

    mapping: StatementMapping
    digest: bytes
    text: bytes

    @property
    def form(self) -> Form:
        """The form of its statements, as matching takes it."""
        mapping = self.mapping
        return Form(
            grouping=mapping.grouping,
            fees_are_apart=mapping.fees == "apart",
            shares_references=mapping.references == "ours",
            price_decimals=mapping.decimals.price,
            amount_decimals=mapping.decimals.amount,
        )


def parsed_mapping(text: bytes, file: str) -> MappingSheet:
    """The statement mapping that the bytes of a file hold. Raises PolicyError with every fault."""
    content, marks, faults = plain_document(text, file)
    try:
        mapping = StatementMapping.model_validate(content)
    except ValidationError as error:
        faults += schema_faults(error, marks, frozenset(), _keys_at)
        unread = marks.fault((), "the statement mapping cannot be read", "compare it with a shipped one")
        raise PolicyError(faults or [unread]) from error
    faults += [fault for place in range(len(mapping.rows)) for fault in _row_faults(mapping, place, marks)]
    if faults:
        raise PolicyError(faults)
    return MappingSheet(mapping, digest("statement-mapping", encode(_content(mapping))), text)


@cache
def shipped_mapping(name: str) -> MappingSheet:
    """A mapping that comes with Assay. Raises PolicyError when there is none of the name."""
    if name not in SHIPPED:
        mend = f"name one of {', '.join(SHIPPED)}, or a file"
        raise PolicyError([Fault(name, 0, 0, f"no statement mapping is called {quoted(name)}", mend)])
    return parsed_mapping((FOLDER / name / "v1.yaml").read_bytes(), f"policies/reconciliation/{name}/v1.yaml")


def _content(mapping: StatementMapping) -> Any:  # noqa: ANN401  # a struct of plain values
    plain = plain_content(mapping)
    return {**plain, "form": mapping.form.value, "grouping": mapping.grouping.value}


def _row_faults(mapping: StatementMapping, place: int, marks: Marks) -> list[Fault]:
    """Parts that a record of its kind needs and that neither its row nor the whole mapping names."""
    row = mapping.rows[place]
    return [
        marks.fault(("rows", place), f"a {row.kind} needs its {name}", f"add {name}: to the fields of the row")
        for name in NEEDED[row.kind]
        if name not in row.fields and name not in mapping.fields
    ]


def _keys_at(path: Path) -> tuple[tuple[str, ...], str]:
    """The keys that a place may have, and its name."""
    if path and path[0] == "rows":
        if "signs" in path:
            return tuple(Signs.model_fields), "sign"
        return (FIELDS, "set of fields") if "fields" in path else (tuple(Row.model_fields), "row")
    if len(path) > 1 and path[0] == "fields":
        return FIELDS, "set of fields"
    if path and path[0] == "decimals":
        return tuple(Rounding.model_fields), "set of decimals"
    names = tuple(field.alias or name for name, field in StatementMapping.model_fields.items())
    return names, "statement mapping"
