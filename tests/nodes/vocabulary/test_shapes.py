"""What a shape's own function writes is what `encode` writes, and what it cannot write is refused alike."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nodes.vocabulary.canonical import encode
from nodes.vocabulary.errors import DataError
from nodes.vocabulary.shapes import fields_bytes, sequence_bytes, struct_bytes
from tests.strategies import texts, values

_STRUCTS = st.dictionaries(texts(), values(), max_size=6)


@given(_STRUCTS)
def test_a_struct_is_written_as_encode_writes_it(struct: dict[str, Any]) -> None:
    assert struct_bytes(struct) == encode(struct)


@given(st.lists(values(), max_size=6).map(tuple))
def test_a_sequence_is_written_as_encode_writes_it(sequence: tuple[Any, ...]) -> None:
    assert sequence_bytes(sequence) == encode(sequence)


@pytest.mark.parametrize(
    "value",
    [
        "",
        "é" * 128,
        "x" * 300,
        b"y" * 4095,
        "é" * 2048,
        b"y" * 4096,
        float("nan"),
        -0.0,
        2**63,
        -(2**63),
        True,
        None,
        1.5,
    ],
)
def test_values_at_the_edges_are_written_as_encode_writes_them(value: object) -> None:
    struct = {"b": value, "a": 1}
    assert struct_bytes(struct) == encode(struct)
    assert sequence_bytes((value, value)) == encode((value, value))


@dataclass(frozen=True, slots=True)
class _Order:
    symbol: str
    on: date
    at: datetime
    limit_price_usd: Decimal


def test_the_fields_of_a_dataclass_are_written_as_encode_writes_it() -> None:
    order = _Order("IBM", date(2013, 1, 2), datetime(2013, 1, 2, 21, tzinfo=UTC), Decimal("1.10"))
    assert fields_bytes(order, ("symbol", "on", "at", "limit_price_usd")) == encode(order)


@pytest.mark.parametrize(
    ("struct", "words"),
    [
        ({"a": "\ud800"}, "has a lone surrogate"),
        ({"\ud800": 1}, "has a lone surrogate"),
        ({"a": object()}, "has no canonical bytes"),
        ({1: "a"}, "struct key 1 of type int is not text"),
        ({"a": datetime(2013, 1, 2)}, "2013-01-02"),  # noqa: DTZ001  # a naive one is the point
        ({"a": datetime(9999, 1, 2, tzinfo=UTC)}, "out of int64 nanoseconds"),
    ],
)
def test_what_has_no_bytes_is_refused_in_the_words_of_encode(struct: dict[Any, Any], words: str) -> None:
    with pytest.raises(DataError, match=words):
        struct_bytes(struct)
    with pytest.raises(DataError, match=words):
        encode(struct)
