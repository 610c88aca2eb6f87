"""Rows as JSON, CSV and Parquet."""

from __future__ import annotations

import io
import json
from datetime import UTC, date, datetime

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
)
from api.http.problems import RequestError

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
    parts = list(csv_stream(frame))
    assert len(parts) == 2
    assert pl.read_csv(b"".join(parts)).equals(frame)


def test_an_empty_answer_is_a_header() -> None:
    assert list(csv_stream(ROWS.clear())) == [b"at,on,x\r\n"]


def test_parquet_keeps_types() -> None:
    assert pl.read_parquet(io.BytesIO(b"".join(parquet_stream(ROWS)))).equals(ROWS)
