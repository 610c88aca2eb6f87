"""Reading messages: every kind of field, and bytes that are none."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nodes.kernels.onnx.wire import fields, whole_numbers
from nodes.vocabulary.errors import DataError


def test_fields_come_in_order_with_their_numbers() -> None:
    data = b"\x08\x96\x01" + b"\x12\x03abc" + b"\x1d\x00\x00\x80\x3f" + b"\x21" + b"\x01" * 8
    assert list(fields(data)) == [(1, 150), (2, b"abc"), (3, b"\x00\x00\x80\x3f"), (4, b"\x01" * 8)]


def test_a_negative_number_is_its_64_bits() -> None:
    assert list(fields(b"\x08" + b"\xff" * 9 + b"\x01")) == [(1, -1)]


def test_numbers_of_a_list_come_one_by_one_or_packed() -> None:
    assert whole_numbers(5) == [5]
    assert whole_numbers(b"\x01\x96\x01" + b"\xff" * 9 + b"\x01") == [1, 150, -1]


@pytest.mark.parametrize("data", [b"\x12\x05ab", b"\x0b", b"\x1d\x00", b"\x12" + b"\xff" * 9 + b"\x7f"])
def test_a_field_that_ends_beyond_its_message_is_refused(data: bytes) -> None:
    with pytest.raises(DataError, match="is broken at byte"):
        list(fields(data))


@pytest.mark.parametrize("data", [b"\x08", b"\x08" + b"\xff" * 11])
def test_a_number_without_an_end_is_refused(data: bytes) -> None:
    with pytest.raises(DataError, match="has no whole number that ends at byte"):
        list(fields(data))


@given(st.binary(max_size=60))
def test_any_bytes_are_read_or_refused(data: bytes) -> None:
    try:
        found = list(fields(data))
    except DataError:
        return
    assert all(isinstance(value, int | bytes) for _, value in found)
