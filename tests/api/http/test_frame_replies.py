"""Rows as JSON, CSV and Parquet."""

from __future__ import annotations

import errno
import gc
import io
import json
import os
import subprocess
import sys
import weakref
from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime
from pathlib import Path
from typing import IO

import duckdb
import polars as pl
import pytest

from adapters.lake.facts.domain import INSTANT
from api.http.frame_replies import (
    BATCH_ROWS,
    CSV,
    JSON,
    PARQUET,
    accepted_form,
    csv_stream,
    json_page,
    parquet_stream,
    sent,
)
from api.http.problems import RequestError
from nodes.vocabulary.errors import EdgeError

ROWS = pl.DataFrame(
    {
        "at": [datetime(2020, 1, 2, 3, 4, 5, 600_000, UTC), None],
        "on": [date(2020, 1, 2), None],
        "x": [0.1, float("nan")],
    },
    schema={"at": INSTANT, "on": pl.Date, "x": pl.Float64},
)


@pytest.mark.parametrize(
    ("accept", "form"),
    [
        (None, JSON),
        ("", JSON),
        ("*/*", JSON),
        ("text/csv", CSV),
        ("text/*", CSV),
        ("application/json;q=0.1, text/csv", CSV),
        ("application/vnd.apache.parquet, */*;q=0.1", PARQUET),
        ("text/html, application/xhtml+xml, */*;q=0.8", JSON),
        ("application/json;q=0, */*", CSV),
    ],
)
def test_the_form_is_the_one_that_the_client_likes_best(accept: str | None, form: str) -> None:
    assert accepted_form(accept) == form


@pytest.mark.parametrize("accept", ["image/png", "*/*;q=0", "text/csv;q=much", "application/json;q=0"])
def test_a_client_that_takes_none_of_the_forms_is_told_them(accept: str) -> None:
    with pytest.raises(RequestError, match="accept one of application/json, text/csv"):
        accepted_form(accept)


def test_json_tells_instants_and_days_as_text_and_what_is_no_number_as_null() -> None:
    page = json.loads(json_page(ROWS, {"as_of": "now"}))
    assert page == {
        "as_of": "now",
        "rows": [
            {"at": "2020-01-02T03:04:05.600Z", "on": "2020-01-02", "x": 0.1},
            {"at": None, "on": None, "x": None},
        ],
    }


def test_csv_has_its_header_once_however_many_batches_there_are() -> None:
    frame = pl.DataFrame({"n": range(BATCH_ROWS + 1)})
    assert pl.read_csv(b"".join(csv_stream(frame))).equals(frame)


def test_an_empty_answer_is_a_header() -> None:
    assert list(csv_stream(ROWS.clear())) == [b"at,on,x\r\n"]


def test_parquet_keeps_types() -> None:
    assert pl.read_parquet(io.BytesIO(b"".join(parquet_stream(ROWS)))).equals(ROWS)


@pytest.mark.parametrize("stream", [csv_stream, parquet_stream])
def test_the_rows_are_let_go_before_the_first_byte_is_sent(stream: Callable[[pl.DataFrame], Iterator[bytes]]) -> None:
    """A client that takes its time holds a chunk, not the frame."""
    frame = pl.DataFrame({"x": range(4 * BATCH_ROWS)}).select(pl.all().hash())
    alive = weakref.ref(frame)
    chunks = stream(frame)
    del frame
    gc.collect()
    assert alive() is None
    taken = [len(chunk) for chunk in chunks]
    assert len(taken) > 1
    assert max(taken) <= 1 << 18


def test_parquet_has_a_row_group_a_batch(tmp_path: Path) -> None:
    """Its readers need not hold it whole either."""
    file = tmp_path / "rows.parquet"
    file.write_bytes(b"".join(parquet_stream(pl.DataFrame({"x": range(3 * BATCH_ROWS + 1)}))))
    query = "SELECT DISTINCT row_group_id, row_group_num_rows FROM parquet_metadata(?) ORDER BY 1"
    groups = duckdb.execute(query, [str(file)])
    assert [n_rows for _, n_rows in groups.fetchall()] == [BATCH_ROWS] * 3 + [1]


def test_a_full_disk_is_told_before_anything_is_sent() -> None:
    def full(_file: IO[bytes]) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    with pytest.raises(EdgeError, match=r"cannot be kept in .*: No space left on device; free some space there"):
        sent(full)


PEAK = """
import resource, sys
import polars as pl
from api.http.frame_replies import csv_stream, parquet_stream
def peak(): return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
frame = pl.DataFrame({name: pl.int_range(600_000, eager=True) * 1.000001 for name in "abcdefgh"})
list(csv_stream(frame.head(100))); list(parquet_stream(frame.head(100)))
before = peak()
n_bytes = sum(map(len, {stream}(frame)))
print(n_bytes / 2**20, peak() - before)
"""


@pytest.mark.parametrize("stream", ["csv_stream", "parquet_stream"])
def test_telling_a_large_answer_takes_a_fraction_of_its_size(stream: str) -> None:
    """Measured as the process's peak: batches of rows are encoded one after the other."""
    code = PEAK.replace("{stream}", stream)
    ended = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)  # noqa: S603
    sent_mib, grown_mib = map(float, ended.stdout.split())
    assert sent_mib > 20
    assert grown_mib < 24, (sent_mib, grown_mib)
