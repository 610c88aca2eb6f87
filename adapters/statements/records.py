"""The records of a statement's file: CSV, JSON or FIX, as texts by field, each with the place where it stood.

Nothing is understood here but the form of the file. A FIX message whose body length or check sum is wrong is refused,
as is one that was cut off; a message that was sent again (PossDupFlag) counts once.
"""

from __future__ import annotations

import csv
import io
import json
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from nodes.vocabulary.errors import DataError
from policies.statements import FileForm, StatementMapping

MAX_BYTES = 16 * 1024 * 1024
"""A statement of one account and day that is larger is none."""
_SOH = "\x01"
_BEGIN = re.compile(r"8=FIX[^\x01|]{0,16}([\x01|])")
_ENDS: Mapping[str, re.Pattern[str]] = {
    end: re.compile(rf"{re.escape(end)}10=\d{{3}}(?!\d){re.escape(end)}?") for end in (_SOH, "|")
}
_CHECK_SUM = re.compile(r"\x0110=(\d{3})\x01?$")
_SHOWN = 60


@dataclass(frozen=True, slots=True)
class FileRecord:
    """One record of a file.

    Attributes:
        place: where it stood, e.g. "line 7".
        fields: its texts by field; several where a field of FIX repeats.
    """

    place: str
    fields: Mapping[str, tuple[str, ...]]


def file_records(data: bytes, mapping: StatementMapping) -> tuple[FileRecord, ...]:
    """The records of a file. Raises DataError where it has not the form that the mapping names."""
    if len(data) > MAX_BYTES:
        message = f"statement has {len(data)} bytes, expected at most {MAX_BYTES}; split it by account or day"
        raise DataError(message)
    return tuple(_READERS[mapping.form](_text(data), mapping))


def _text(data: bytes) -> str:
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        message = (
            f"statement is no UTF-8 at byte {error.start}: {data[error.start : error.start + 4].hex()}; convert it"
        )
        raise DataError(message) from error


def _csv_records(text: str, mapping: StatementMapping) -> Iterator[FileRecord]:
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=mapping.delimiter, strict=True)
    try:
        header = [name.strip() for name in next(reader, [])]
        if len(set(header)) != len(header) or not header:
            message = f"line 1 of the statement is no header: {header!r}; name each column once"
            raise DataError(message)
        for cells in reader:
            if any(cell.strip() for cell in cells):
                yield _csv_record(header, cells, reader.line_num)
    except csv.Error as error:
        message = f"line {reader.line_num} of the statement is no CSV: {error}; export it again"
        raise DataError(message) from error


def _csv_record(header: list[str], cells: list[str], line: int) -> FileRecord:
    if len(cells) != len(header):
        message = f"line {line} of the statement has {len(cells)} fields, expected {len(header)}; export it again"
        raise DataError(message)
    named = zip(header, cells, strict=True)
    return FileRecord(f"line {line}", {name: (cell.strip(),) for name, cell in named if cell.strip()})


def _json_records(text: str, mapping: StatementMapping) -> Iterator[FileRecord]:
    try:
        content = json.loads(text, parse_float=str, parse_int=str, parse_constant=str)
    except (ValueError, RecursionError) as error:
        message = f"statement is no JSON: {error}; save the answer as it came"
        raise DataError(message) from error
    found = content.get(mapping.records) if mapping.records and isinstance(content, dict) else content
    if not isinstance(found, list):
        where = f"under {mapping.records!r}" if mapping.records else "as a whole"
        message = f"statement is {str(content)[:_SHOWN]!r}, expected a list {where}; correct `records` of the mapping"
        raise DataError(message)
    for number, each in enumerate(found, start=1):
        yield FileRecord(f"record {number}", _json_fields(each, number))


def _json_fields(found: Any, number: int) -> dict[str, tuple[str, ...]]:  # noqa: ANN401  # whatever the file holds
    if not isinstance(found, dict):
        message = f"record {number} of the statement is {str(found)[:_SHOWN]!r}, expected an object; export it again"
        raise DataError(message)
    told = {name: value for name, value in found.items() if value not in (None, "")}
    return {name: (value if isinstance(value, str) else json.dumps(value),) for name, value in told.items()}


def _fix_records(text: str, _mapping: StatementMapping) -> Iterator[FileRecord]:
    seen: set[tuple[tuple[str, ...] | None, ...]] = set()
    for number, (message, end) in enumerate(_messages(text), start=1):
        fields = _fix_fields(message, end, number)
        name = tuple(fields.get(tag) for tag in ("49", "56", "34"))
        if fields.get("43") == ("Y",) and name in seen:
            continue
        seen.add(name)
        yield FileRecord(f"message {number}", fields)


def _messages(text: str) -> Iterator[tuple[str, str]]:
    """The messages of a log, each with what parts its fields; what stands between them is left out."""
    begins = list(_BEGIN.finditer(text))
    if not begins and text.strip():
        raise DataError(f"statement holds no FIX message: {text.strip()[:_SHOWN]!r}; send the session's log")
    stops = [begin.start() for begin in begins[1:]] + [len(text)] * bool(begins)
    for number, (begin, stop) in enumerate(zip(begins, stops, strict=True), start=1):
        found = _ENDS[begin[1]].search(text, begin.start(), stop)
        if found is None:
            rest = text[begin.start() : begin.start() + _SHOWN].strip()
            raise DataError(f"message {number} of the drop copy is cut off: {rest!r}...; copy the log again")
        yield text[begin.start() : found.end()], begin[1]


def _fix_fields(message: str, end: str, number: int) -> dict[str, tuple[str, ...]]:
    octets = message if end == _SOH else message.replace(end, _SOH)
    _require_whole(octets, number)
    fields: dict[str, tuple[str, ...]] = {}
    for part in octets.split(_SOH):
        tag, _, value = part.partition("=")
        if tag and value:
            fields[tag] = (*fields.get(tag, ()), value)
    return fields


def _require_whole(octets: str, number: int) -> None:
    """Raises DataError when body length (9) or check sum (10) do not fit the message."""
    check = _CHECK_SUM.search(octets)
    body = octets[: check.start() + 1] if check else octets
    total = f"{sum(body.encode()) % 256:03d}"
    if check is None or check[1] != total:
        told = check[1] if check else "missing"
        message = f"message {number} of the drop copy has check sum {told}, expected {total}; copy the log again"
        raise DataError(message)
    _, length, rest = body.split(_SOH, 2)
    if length != f"9={len(rest.encode())}":
        message = f"message {number} of the drop copy has body length {length[2:]}, expected {len(rest.encode())}"
        raise DataError(f"{message}; copy the log again")


_READERS: Mapping[FileForm, Callable[[str, StatementMapping], Iterator[FileRecord]]] = {
    FileForm.CSV: _csv_records,
    FileForm.JSON: _json_records,
    FileForm.FIX: _fix_records,
}
