"""The bytes of a column say what it holds, not how memory holds it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from itertools import pairwise
from typing import Any

import numpy as np
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from nodes.vocabulary.canonical import decode, encode
from nodes.vocabulary.columns import array_bytes, array_from_bytes, column_bytes, column_from_bytes
from nodes.vocabulary.errors import DataError
from tests.strategies import columns, texts

CLOSE_AT = datetime(2005, 1, 3, 21, tzinfo=UTC)
SYMBOLS = ["AAPL", None, "IBM", "AAPL", "", "MSFT", None, "é", "IBM", "GOOG", "AAPL"]
SHORT_INSTANTS = pl.Datetime("ms", "UTC")


def _instants(values: list[datetime | None], unit: Any) -> pl.Series:
    return pl.Series(values, dtype=pl.Datetime(unit, "UTC"))


@given(columns(), st.lists(st.integers(0, 20), max_size=3))
def test_chunks_leave_no_mark(column: pl.Series, cuts: list[int]) -> None:
    bounds = [0, *sorted(min(cut, len(column)) for cut in cuts), len(column)]
    parts = [column[start:end] for start, end in pairwise(bounds)]
    chunked = pl.concat(parts, rechunk=False)
    assert column_bytes(chunked) == column_bytes(column) == column_bytes(chunked.rechunk())


@given(columns(), st.integers(0, 20), st.integers(0, 20))
def test_a_slice_is_the_column_of_its_rows(column: pl.Series, offset: int, length: int) -> None:
    """Whatever bit or byte of the parent's buffers it begins at."""
    rows = column.to_list()[offset : offset + length]
    assert column_bytes(column.slice(offset, length)) == column_bytes(pl.Series(rows, dtype=column.dtype))


@given(columns())
def test_the_name_of_a_column_is_no_part_of_it(column: pl.Series) -> None:
    assert column_bytes(column.alias("close_usd")) == column_bytes(column)


@given(columns())
def test_a_column_reads_back_in_one_chunk(column: pl.Series) -> None:
    again = column_from_bytes(column_bytes(column))
    assert again.n_chunks() == 1
    assert column_bytes(again) == column_bytes(column)


@given(columns(), columns())
def test_a_column_of_another_type_is_another_column(one: pl.Series, other: pl.Series) -> None:
    instants = isinstance(one.dtype, pl.Datetime) and isinstance(other.dtype, pl.Datetime)
    if one.dtype != other.dtype and not instants:
        assert column_bytes(one) != column_bytes(other)


@pytest.mark.parametrize("dtype", [pl.Int8, pl.Int64, pl.UInt8, pl.Float32, pl.Float64])
def test_what_lies_under_a_null_leaves_no_mark(dtype: Any) -> None:
    """Arithmetic computes under nulls too, and leaves what it finds there."""
    column = pl.Series([1, None, 3, None], dtype=dtype)
    assert column_bytes((column + 5) - 5) == column_bytes(column)
    assert column_bytes(pl.Series([1, 99, 3, 7], dtype=dtype).set(pl.Series([False, True, False, True]), None)) == (
        column_bytes(column)
    )


def test_a_null_is_not_zero_and_not_nan_and_not_an_empty_text() -> None:
    assert column_bytes(pl.Series([None], dtype=pl.Float64)) != column_bytes(pl.Series([0.0]))
    assert column_bytes(pl.Series([None], dtype=pl.Float64)) != column_bytes(pl.Series([float("nan")]))
    assert column_bytes(pl.Series([None], dtype=pl.String)) != column_bytes(pl.Series([""]))
    assert column_bytes(pl.Series([None], dtype=pl.Boolean)) != column_bytes(pl.Series([False]))


@pytest.mark.parametrize(("dtype", "word"), [(np.float64, "u8"), (np.float32, "u4")])
def test_nans_of_any_sign_and_payload_are_one_value(dtype: Any, word: str) -> None:
    nan = np.array([np.nan], dtype)
    others = nan.view(word) | np.array([1, 5, 2**20], word)
    negative = -np.repeat(nan, 3)
    assert column_bytes(pl.Series(others.view(dtype))) == column_bytes(pl.Series(np.repeat(nan, 3)))
    assert column_bytes(pl.Series(negative)) == column_bytes(pl.Series(np.repeat(nan, 3)))


def test_minus_zero_is_not_zero() -> None:
    assert column_bytes(pl.Series([-0.0])) != column_bytes(pl.Series([0.0]))


def test_categories_are_written_by_value_whatever_their_codes_are() -> None:
    plain = pl.Series(SYMBOLS, dtype=pl.Categorical)
    reversed_codes = pl.Series(SYMBOLS[::-1], dtype=pl.Categorical).reverse()
    fixed = pl.Series(SYMBOLS, dtype=pl.Enum(["MSFT", "", "é", "IBM", "GOOG", "AAPL", "UNUSED"]))
    other_pool = pl.Series(SYMBOLS, dtype=pl.Categorical(pl.Categories("other")))
    assert {column_bytes(item) for item in (plain, reversed_codes, fixed, other_pool)} == {column_bytes(plain)}


def test_a_categorical_is_not_the_text_column_of_its_values() -> None:
    assert column_bytes(pl.Series(SYMBOLS, dtype=pl.Categorical)) != column_bytes(pl.Series(SYMBOLS))


@given(st.lists(st.none() | texts()), st.lists(st.none() | texts()))
def test_text_columns_share_bytes_only_when_they_hold_the_same_texts(one: list[Any], other: list[Any]) -> None:
    """Lengths go before the texts, so that ["ab", "c"] is not ["a", "bc"]."""
    same = column_bytes(pl.Series(one, dtype=pl.String)) == column_bytes(pl.Series(other, dtype=pl.String))
    assert same == (one == other)


def test_texts_cut_elsewhere_are_another_column() -> None:
    cuts: list[list[str | None]] = [["ab", "c"], ["a", "bc"], ["abc", ""], ["", "abc"], ["abc", None], [None, "abc"]]
    assert len({column_bytes(pl.Series(cut)) for cut in cuts}) == len(cuts)


def test_a_text_column_of_any_length_is_lengths_and_then_texts() -> None:
    parts = [b"", "é".encode(), b"AAPL"] * 500
    column = pl.Series([None, "é", "AAPL"] * 500)
    assert column_bytes(column).endswith(np.array([len(part) for part in parts], "<u8").tobytes() + b"".join(parts))


def test_instants_are_the_same_in_every_time_unit() -> None:
    values = [CLOSE_AT, None, CLOSE_AT - timedelta(days=20_000)]
    assert len({column_bytes(_instants(values, unit)) for unit in ("ms", "us", "ns")}) == 1


def test_instants_one_nanosecond_apart_differ() -> None:
    column = _instants([CLOSE_AT], "ns")
    later = (column.to_physical() + 1).cast(pl.Datetime("ns", "UTC"))
    assert column_bytes(later) != column_bytes(column)
    assert column_from_bytes(column_bytes(later)).to_physical().to_list() == later.to_physical().to_list()


def test_instants_are_not_their_integers_or_days() -> None:
    instants = _instants([CLOSE_AT], "ns")
    days = pl.Series([CLOSE_AT.date()])
    forms = [instants, instants.to_physical(), days, days.to_physical()]
    assert len({column_bytes(form) for form in forms}) == len(forms)


@pytest.mark.parametrize(
    "dtype", [pl.Datetime("us"), pl.Datetime("ns", "America/New_York"), pl.Datetime("ms", "Etc/UTC")]
)
def test_naive_and_local_times_are_refused(dtype: pl.Datetime) -> None:
    column = pl.Series("seen_at", [datetime(2005, 1, 3)]).cast(pl.Datetime("us")).cast(dtype)  # noqa: DTZ001
    with pytest.raises(DataError, match=r"column 'seen_at' holds naive or local times .*; convert it to UTC instants"):
        column_bytes(column)


@pytest.mark.parametrize(("unit", "number"), [("us", 2**62), ("ms", -(2**62)), ("ms", 2**53)])
def test_instants_out_of_nanoseconds_are_refused_and_do_not_wrap(unit: Any, number: int) -> None:
    column = pl.Series("seen_at", [None, number]).cast(pl.Datetime(unit, "UTC"))
    with pytest.raises(DataError, match="column 'seen_at' holds an instant out of int64 nanoseconds"):
        column_bytes(column)


REFUSED: Mapping[str, Callable[[], pl.Series]] = {
    "Int128": lambda: pl.Series("x", [1], dtype=pl.Int128),
    "UInt128": lambda: pl.Series("x", [1], dtype=pl.UInt128),
    "Float16": lambda: pl.Series("x", [1.0], dtype=pl.Float16),
    "Decimal": lambda: pl.Series("x", [Decimal("1.5")]),
    "List": lambda: pl.Series("x", [[1]]),
    "Array": lambda: pl.Series("x", [[1]], dtype=pl.Array(pl.Int64, 1)),
    "Struct": lambda: pl.Series("x", [{"a": 1}]),
    "Binary": lambda: pl.Series("x", [b"a"]),
    "Time": lambda: pl.Series("x", [time(16)]),
    "Duration": lambda: pl.Series("x", [timedelta(1)]),
    "Null": lambda: pl.Series("x", [None], dtype=pl.Null),
    "Object": lambda: pl.Series("x", [1], dtype=pl.Object),
}


@pytest.mark.parametrize("name", REFUSED)
def test_a_column_type_without_canonical_bytes_is_refused(name: str) -> None:
    column = REFUSED[name]()
    with pytest.raises(DataError, match=f"column 'x' of {name}.* has no canonical bytes; cast it to a type of the"):
        column_bytes(column)


@pytest.mark.parametrize("name", REFUSED)
def test_an_empty_column_of_such_a_type_is_refused_too(name: str) -> None:
    with pytest.raises(DataError, match="has no canonical bytes"):
        encode(REFUSED[name]().clear().to_frame())


def test_a_frame_is_independent_of_how_it_was_put_together() -> None:
    frame = pl.DataFrame(
        {"symbol": SYMBOLS, "row": range(len(SYMBOLS)), "session_on": [date(2005, 1, 3)] * len(SYMBOLS)}
    )
    pieces = pl.concat([frame[:3], frame[3:4], frame[4:]], rechunk=False)
    shuffled = frame.sample(fraction=1.0, shuffle=True, seed=7).sort("row")
    assert encode(pieces) == encode(shuffled) == encode(frame) == encode(decode(encode(frame)))


def test_a_frame_with_its_columns_in_another_order_is_another_frame() -> None:
    frame = pl.DataFrame({"a": [1], "b": [1]})
    assert encode(frame.select("b", "a")) != encode(frame)


def test_a_frame_keeps_a_column_without_a_name() -> None:
    assert decode(encode(pl.DataFrame({"": [1]}))).columns == [""]


@pytest.mark.parametrize("dtype", [np.float64, np.int64, np.bool_])
def test_arrays_read_back_from_their_bytes(dtype: Any) -> None:
    array = np.arange(6).reshape(2, 3).astype(dtype)
    again = array_from_bytes(array_bytes(array), array.dtype, array.shape)
    assert (again.dtype, again.tolist()) == (array.dtype, array.tolist())


def test_the_byte_order_of_an_array_leaves_no_mark() -> None:
    array = np.array([1.5, float("nan"), -0.0])
    assert array_bytes(array.astype(">f8")) == array_bytes(array)
