"""Text files as tables of strings, every row with the line it stands on; what cannot be a row is set aside.

Nothing here knows what a column means: `adapters.feeds.files.fields` reads the strings.
"""

from __future__ import annotations

import csv
import gzip
import io
import stat
import zlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import polars as pl

from adapters.lake.sentences import sentence
from nodes.vocabulary.errors import DataError, EdgeError

LINE = "line"
REJECTED_SCHEMA = {"file": pl.String, LINE: pl.Int64, "column": pl.String, "value": pl.String, "reason": pl.String}
MAX_BYTES = 1 << 30
"""What one file may hold, unpacked: it is read into memory, and a small zip can hold more than there is."""
_REPLACEMENT = "�"
_GARBLED = f"[{_REPLACEMENT}\\x00]"
_MAX_VALUE_CHARS = 200


@dataclass(frozen=True, slots=True)
class Layout:
    """How a text file is cut into rows and fields.

    Attributes:
        columns: names of its fields in order; None when its first row names them.
        separator: the character between fields.
        n_optional: how many of the last columns a row may leave out.
    """

    columns: tuple[str, ...] | None = None
    separator: str = ","
    n_optional: int = 0


@dataclass(frozen=True, slots=True)
class Table:
    """Rows of a file, still text.

    Attributes:
        file: name of the file, as the quarantine quotes it.
        rows: `line` and one string column a field; an empty field is null.
        rejected: what could not be a row, see REJECTED_SCHEMA.
    """

    file: str
    rows: pl.DataFrame
    rejected: pl.DataFrame


def file_bytes(path: Path) -> bytes:
    """The bytes of a file, decompressed when it ends in .gz.

    Raises:
        EdgeError: it cannot be read, or is no regular file, as a device or a pipe that never ends is none.
        DataError: it says that it is gzip and is not, or holds more than MAX_BYTES.
    """
    try:
        status = path.stat()
        if not stat.S_ISREG(status.st_mode):
            message = f"{path} is no regular file; give a file"
            raise EdgeError(message)
        if path.suffix != ".gz":
            _require_bearable(path, status.st_size)
            return path.read_bytes()
        with gzip.open(path) as packed:
            text = packed.read(MAX_BYTES + 1)
    except gzip.BadGzipFile as error:
        message = f"{path} is no gzip file: {error}; download it again"
        raise DataError(message) from error
    except OSError as error:
        message = f"{path} cannot be read: {error.strerror}; give a file that this user may read"
        raise EdgeError(message) from error
    except (EOFError, zlib.error) as error:
        message = f"{path} is no gzip file: {error}; download it again"
        raise DataError(message) from error
    _require_bearable(path, len(text))
    return text


def _require_bearable(path: Path, size: int) -> None:
    if size > MAX_BYTES:
        message = f"{path} holds more than {MAX_BYTES} bytes; split it"
        raise DataError(message)


def no_rejects() -> pl.DataFrame:
    """A quarantine without rows."""
    return pl.DataFrame(schema=REJECTED_SCHEMA)


def reject(file: str, line: int, column: str, value: str, reason: str) -> pl.DataFrame:
    """One row of the quarantine."""
    row = {"file": file, LINE: line, "column": column, "value": value[:_MAX_VALUE_CHARS], "reason": reason}
    return pl.DataFrame([row], schema=REJECTED_SCHEMA)


def text_table(file: str, text: bytes, layout: Layout, first_line: int = 1) -> Table:
    """The rows of a text file.

    Args:
        file: its name.
        text: its bytes, UTF-8 with or without a byte order mark.
        layout: how to cut it.
        first_line: number of the line that `text` begins with, where it is a part of a file.

    Raises:
        DataError: the row of names is missing, or has a name twice.
    """
    records = _records(text, layout.separator, first_line)
    columns = layout.columns
    if columns is None:
        columns, records = _named(file, records)
    width = len(columns)
    n_fields = pl.col("fields").list.len()
    fits = n_fields.is_between(width - layout.n_optional, width) & ~pl.col("garbled")
    names = [pl.col("fields").list.get(at, null_on_oob=True).alias(name) for at, name in enumerate(columns)]
    stripped = [pl.col(name).str.strip_chars().replace("", None) for name in columns]
    rows = records.filter(fits).select(LINE, *names).with_columns(stripped)
    return Table(file, rows, _misfits(file, records.filter(~fits), width))


def _records(text: bytes, separator: str, first_line: int) -> pl.DataFrame:
    """`line`, `fields` and `garbled` of every row that is not blank."""
    decoded = text.decode("utf-8-sig", errors="replace").replace("\r\n", "\n").replace("\r", "\n")
    cut = _quoted(decoded, separator) if '"' in decoded else _plain(decoded, separator)
    garbled = pl.col("fields").list.eval(pl.element().str.contains(_GARBLED)).list.any()
    filled = pl.col("fields").list.eval(pl.element().str.strip_chars() != "").list.any()
    return cut.filter(filled).with_columns(pl.col(LINE) + (first_line - 1), garbled=garbled)


def _plain(text: str, separator: str) -> pl.DataFrame:
    lines = pl.Series("text", text.split("\n"), dtype=pl.String)
    fields = lines.str.split(separator).alias("fields")
    return pl.DataFrame([pl.int_range(1, len(lines) + 1, dtype=pl.Int64, eager=True).alias(LINE), fields])


def _quoted(text: str, separator: str) -> pl.DataFrame:
    lines: list[int] = []
    fields: list[list[str]] = []
    for line, record in _csv_records(text, separator):
        lines.append(line)
        fields.append(record)
    return pl.DataFrame({LINE: lines, "fields": fields}, schema={LINE: pl.Int64, "fields": pl.List(pl.String)})


def _csv_records(text: str, separator: str) -> Iterator[tuple[int, list[str]]]:
    """Every record with its first line. A quote that never closes spoils the line that it stands on, and no other."""
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=separator, strict=True)
    started = 1
    try:
        for record in reader:
            yield started, record
            started = reader.line_num + 1
    except csv.Error as error:
        rest = text.split("\n")[started - 1 :]
        yield started, [f"{_REPLACEMENT}{error}: {rest[0]}"]
        for line, text_of_line in enumerate(rest[1:], started + 1):
            yield line, _salvaged(text_of_line, separator)


def _salvaged(line: str, separator: str) -> list[str]:
    """One line read by itself, after a quote before it went wrong."""
    try:
        return next(csv.reader([line], delimiter=separator, strict=True), [""])
    except csv.Error as error:
        return [f"{_REPLACEMENT}{error}: {line}"]


def _named(file: str, records: pl.DataFrame) -> tuple[tuple[str, ...], pl.DataFrame]:
    if records.is_empty():
        message = f"{file} is empty; give a file whose first line names its columns"
        raise DataError(message)
    names = tuple(name.strip() for name in records["fields"][0])
    if len(set(names)) != len(names) or not all(names):
        said = f"{file}:{records[LINE][0]}: the first line {list(names)} must give every column a name of its own"
        message = f"{said}; rename one"
        raise DataError(message)
    return names, records.slice(1)


def _misfits(file: str, records: pl.DataFrame, width: int) -> pl.DataFrame:
    n_fields = pl.col("fields").list.len().cast(pl.String)
    reason = (
        pl.when("garbled")
        .then(pl.lit("row is not UTF-8 or its quotes do not close; save the file as UTF-8"))
        .otherwise(sentence("row has {} fields, expected {}; restore the row", n_fields, pl.lit(width)))
    )
    return records.select(
        file=pl.lit(file),
        line=pl.col(LINE),
        column=pl.lit(None, pl.String),
        value=pl.col("fields").list.join(",").str.head(_MAX_VALUE_CHARS),
        reason=reason,
    ).cast(pl.Schema(REJECTED_SCHEMA))


def first_line(text: bytes) -> str:
    """The first line of a file, for telling its kind."""
    return text[: text.find(b"\n")].decode("utf-8-sig", errors="replace").strip() if text else ""


def joined_rejects(parts: Sequence[pl.DataFrame]) -> pl.DataFrame:
    """Several quarantines as one, in the order of lines."""
    return pl.concat([no_rejects(), *parts]).sort("file", LINE, nulls_last=True, maintain_order=True)
