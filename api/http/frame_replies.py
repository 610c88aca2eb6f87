"""Answers made of rows: JSON a page at a time, CSV and Parquet as a stream, by what the client accepts.

CSV and Parquet are written a batch of rows at a time to a file that nobody else sees, and sent from there. So the rows
are let go before the first byte is sent: however many clients take an answer, and however slowly, each holds a chunk of
it. An answer that cannot be written is an error with a status, never half an answer.
"""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterator, Mapping
from functools import partial
from typing import IO, Any

import msgspec
import polars as pl

from api.http.problems import RequestError
from nodes.vocabulary.errors import EdgeError

JSON, CSV, PARQUET = "application/json", "text/csv", "application/vnd.apache.parquet"
FORMS = (JSON, CSV, PARQUET)
BATCH_ROWS = 16_384
_CHUNK_BYTES = 1 << 18
_HELD_BYTES = 1 << 20
"""Up to here an answer is held in memory instead of a file."""
_INSTANT = "%Y-%m-%dT%H:%M:%S%.fZ"
_MAX_RANGES = 32


def accepted_form(accept: str | None) -> str:
    """The first form of ours that a client likes best (RFC 9110 section 12.5.1).

    Raises:
        RequestError: it takes none of them.
    """
    if accept is None or not accept.strip():
        return JSON
    ranges = [_range(part) for part in accept.split(",")[:_MAX_RANGES]]
    weights = {form: _weight(form, ranges) for form in FORMS}
    best = max(FORMS, key=lambda form: weights[form])
    if weights[best] <= 0.0:
        message = f"Accept {accept[:100]!r} names nothing that rows are told in; accept one of {', '.join(FORMS)}"
        raise RequestError(message, reason="not-acceptable")
    return best


def _range(part: str) -> tuple[str, float]:
    name, *parameters = (each.strip().lower() for each in part.split(";"))
    weight = next((each[2:] for each in parameters if each.startswith("q=")), "1")
    try:
        return name, float(weight)
    except ValueError:
        return name, 0.0


def _weight(form: str, ranges: list[tuple[str, float]]) -> float:
    """How much a form is wanted: what names it goes before what names its kind, and that before anything."""
    named = dict(reversed(ranges))
    for name in (form, f"{form.partition('/')[0]}/*", "*/*"):
        if name in named:
            return named[name]
    return 0.0


def plain(frame: pl.DataFrame) -> pl.DataFrame:
    """Rows with their instants as RFC 3339 text and their days as ISO 8601 text."""
    instants = [name for name, kind in frame.schema.items() if isinstance(kind, pl.Datetime)]
    days = [name for name, kind in frame.schema.items() if kind == pl.Date]
    return frame.with_columns(
        pl.col(instants).dt.convert_time_zone("UTC").dt.strftime(_INSTANT), pl.col(days).dt.strftime("%Y-%m-%d")
    )


def json_page(frame: pl.DataFrame, said: Mapping[str, Any]) -> bytes:
    """A page: what is said about it, and its rows. What is no number is null."""
    return msgspec.json.encode({**said, "rows": plain(frame).to_dicts()})


def csv_stream(frame: pl.DataFrame) -> Iterator[bytes]:
    """Rows as CSV (RFC 4180) with a header; what is missing is empty. Raises EdgeError as `sent` does."""
    return sent(partial(_write_csv, frame))


def parquet_stream(frame: pl.DataFrame) -> Iterator[bytes]:
    """Rows as Parquet, with their own types. Raises EdgeError as `sent` does."""
    return sent(lambda file: frame.write_parquet(file, row_group_size=BATCH_ROWS))


def sent(write: Callable[[IO[bytes]], object]) -> Iterator[bytes]:
    """What is written to a file that nobody else sees, in chunks; the file is gone when they were taken, or let go.

    Raises:
        EdgeError: it cannot be written: nothing was sent then, so the client learns of it.
    """
    file = tempfile.SpooledTemporaryFile(max_size=_HELD_BYTES)  # noqa: SIM115  # closed when its chunks were sent
    try:
        write(file)
    except OSError as error:
        file.close()
        message = f"an answer cannot be kept in {tempfile.gettempdir()} while it is sent: {error.strerror}"
        raise EdgeError(f"{message}; free some space there, or name another folder with TMPDIR") from error
    file.seek(0)
    return _chunks(file)


def _chunks(file: IO[bytes]) -> Iterator[bytes]:
    with file:
        while chunk := file.read(_CHUNK_BYTES):
            yield chunk


def _write_csv(frame: pl.DataFrame, file: IO[bytes]) -> None:
    for start in range(0, max(frame.height, 1), BATCH_ROWS):
        batch = plain(frame.slice(start, BATCH_ROWS))
        file.write(batch.write_csv(include_header=start == 0, line_terminator="\r\n").encode())
