"""Reading believes nothing: bytes are the one encoding of a value, or a DataError.

Each refused vector is named for what was altered. The fuzz at the end holds decode to its law for all that it accepts.
"""

from __future__ import annotations

import math
import struct
import tracemalloc
from collections.abc import Callable, Mapping
from decimal import Decimal
from typing import Any

import numpy as np
import polars as pl
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from nodes.vocabulary.canonical import decode, encode
from nodes.vocabulary.errors import DataError
from nodes.vocabulary.reading import EnumName, read, read_fields, read_with_care
from tests.strategies import values

HUGE = [2**31, 2**40, 2**62, 2**63, 2**64 - 1]


def _length(number: int) -> bytes:
    return number.to_bytes(8, "big")


def _sized(tag: bytes, body: bytes) -> bytes:
    return tag + _length(len(body)) + body


def _decimal(digits: bytes, exponent: int = 0, sign: bytes = b"+") -> bytes:
    return b"M" + sign + struct.pack(">q", exponent) + _length(len(digits)) + digits


def _pair(key: str, value: Any) -> bytes:
    return encode(key) + encode(value)


def _column(word: bytes, height: int, bitmap: bytes, data: bytes) -> bytes:
    return _sized(b"C", word + _length(height) + _length(len(bitmap)) + bitmap + data)


def _array(name: str, shape: bytes, data: bytes) -> bytes:
    return b"A" + encode(name) + shape + encode(data)


ONE, TWO = struct.pack("<d", 1.0), struct.pack("<d", 2.0)
LENGTHS = struct.Struct("<QQ")

NOT_CANONICAL: Mapping[str, bytes] = {
    "bigint for a small integer": _sized(b"J", b"\x01"),
    "bigint for the largest int64": _sized(b"J", (2**63 - 1).to_bytes(8, "big")),
    "bigint with a leading zero byte": _sized(b"J", b"\x00\x00" + (2**63).to_bytes(8, "big")),
    "bigint with a leading sign byte": _sized(b"J", b"\xff\xff" + (2**63 - 1).to_bytes(8, "big")),
    "bigint of no bytes": _sized(b"J", b""),
    "nan with a payload": b"D\x7f\xf8" + bytes(5) + b"\x01",
    "negative nan": b"D\xff\xf8" + bytes(6),
    "signalling nan": b"D\x7f\xf0" + bytes(5) + b"\x01",
    "decimal with a leading zero": _decimal(b"01"),
    "decimal zero of two digits": _decimal(b"00"),
    "decimal zero of no digits": _decimal(b""),
    "decimal with a third sign": _decimal(b"1", sign=b" "),
    "decimal with a zero byte for a sign": _decimal(b"1", sign=b"\x00"),
    "instant between two microseconds": b"@" + struct.pack(">q", 1_001),
    "instant one nanosecond before the epoch": b"@" + struct.pack(">q", -1),
    "struct with keys out of order": b"S" + _length(2) + _pair("b", 1) + _pair("a", 2),
    "struct with a key twice": b"S" + _length(2) + _pair("a", 1) + _pair("a", 2),
    "struct with a pair twice": b"S" + _length(2) + _pair("a", 1) * 2,
    "set out of order": b"Q" + _length(2) + encode("b") + encode("a"),
    "set with a member twice": b"Q" + _length(2) + encode("a") * 2,
    "set with two nans": b"Q" + _length(2) + encode(math.nan) * 2,
    "set of one and true, which no set can hold": b"Q" + _length(2) + encode(1) + b"T",
    "set of both zeros, which no set can hold": b"Q" + _length(2) + encode(0.0) + encode(-0.0),
    "bitmap with padding set": _column(b"f8", 1, b"\x03", ONE),
    "bitmap with the last bit of padding set": _column(b"f8", 1, b"\x81", ONE),
    "data under a null": _column(b"f8", 2, b"\x01", ONE + TWO),
    "minus zero under a null": _column(b"f8", 1, b"\x00", struct.pack("<d", -0.0)),
    "instant under a null": _column(b"t8", 1, b"\x00", b"\x01" + bytes(7)),
    "day under a null": _column(b"d4", 1, b"\x00", b"\x01" + bytes(3)),
    "text under a null": _column(b"s_", 1, b"\x00", struct.pack("<Q", 1) + b"a"),
    "true under a null": _column(b"b1", 1, b"\x00", b"\x01"),
    "column with a nan of its own": _column(b"f8", 1, b"\x01", b"\x01" + bytes(5) + b"\xf8\x7f"),
    "short column with a nan of its own": _column(b"f4", 1, b"\x01", b"\x01\x00\xc0\x7f"),
    "column with a boolean of two": _column(b"b1", 1, b"\x01", b"\x02"),
    "array with a boolean of two": _array("bool", encode((1,)), b"\x02"),
    "array with a nan of its own": _array("float64", encode((1,)), b"\x01" + bytes(5) + b"\xf8\x7f"),
    "array that leaves a side open": _array("float64", encode((-1,)), ONE),
}


@pytest.mark.parametrize("name", NOT_CANONICAL)
def test_a_second_encoding_of_a_value_is_refused(name: str) -> None:
    with pytest.raises(DataError, match=r"bytes are not canonical from offset \d+ of \d+ on; write them with encode"):
        decode(NOT_CANONICAL[name])


BROKEN: Mapping[str, tuple[bytes, str]] = {
    "nothing": (b"", "broken at offset 0 of 0: 1 bytes wanted, 0 left"),
    "unknown tag": (b"Z", "unknown tag b'Z'"),
    "cut integer": (encode(1)[:-1], "8 bytes wanted, 7 left"),
    "cut text": (encode("abc")[:-1], "3 bytes wanted, 2 left"),
    "cut column": (encode(pl.Series([1.0]))[:-1], "bytes wanted"),
    "something after the value": (encode(1) + b"N", "go on 1 bytes after the value; restore them from a copy"),
    "text that is not utf-8": (_sized(b"U", b"\xff"), "invalid start byte"),
    "text with an overlong form": (_sized(b"U", b"\xc0\x80"), "invalid start byte"),
    "text with a surrogate": (_sized(b"U", b"\xed\xa0\x80"), "invalid continuation byte"),
    "decimal with letters": (_decimal(b"1a"), "invalid literal"),
    "decimal with a blank": (_decimal(b" 1"), "invalid literal"),
    "decimal with arabic digits": (_decimal("١".encode()), "ascii"),  # noqa: RUF001  # that is the point
    "decimal beyond the largest exponent": (_decimal(b"1", 2 * 10**18), "InvalidOperation"),
    "decimal beyond the smallest exponent": (_decimal(b"1", -(2**63)), "InvalidOperation"),
    "day beyond the calendar": (b"d" + struct.pack(">i", 2**31 - 1), "must have magnitude"),
    "enum named by a number": (b"E" + encode(1) + encode("A"), "tag b'U' wanted, found b'I'"),
    "absence with no reason": (b"X" + encode("n") + encode(None), "tag b'U' wanted, found b'N'"),
    "struct with an integer key": (b"S" + _length(1) + encode(1) + encode(2), "tag b'U' wanted, found b'I'"),
    "set of structs": (b"Q" + _length(1) + encode({}), "unhashable"),
    "set of columns": (b"Q" + _length(1) + encode(pl.Series([1])), "unhashable|hash"),
    "set of tuples of structs": (b"Q" + _length(1) + encode(({},)), "unhashable"),
    "column of no known type": (_column(b"i6", 1, b"\x01", ONE), "unknown column type b'i6'"),
    "column shorter than its head": (_sized(b"C", b"f8" + bytes(8)), "unpack requires"),
    "column with too short a bitmap": (_column(b"f8", 9, b"\xff", ONE * 9), "column of 9 rows has a bitmap of 1"),
    "column with too long a bitmap": (_column(b"f8", 1, b"\x01\x00", ONE), "column of 1 rows has a bitmap of 2"),
    "column with too little data": (_column(b"f8", 2, b"\x03", ONE), "cannot reshape|reshape"),
    "column with too much data": (_column(b"f8", 1, b"\x01", ONE * 2), "cannot reshape|reshape"),
    "column with half a number": (_column(b"f8", 1, b"\x01", ONE[:4]), "multiple of element size"),
    "text column with too few lengths": (_column(b"s_", 2, b"\x03", bytes(8)), "text column of 16 bytes has 8"),
    "text column whose lengths wrap": (_column(b"s_", 2, b"\x03", LENGTHS.pack(2**63, 2**63)), "text column of"),
    "text column that is not utf-8": (_column(b"s_", 1, b"\x01", struct.pack("<Q", 1) + b"\xff"), "invalid start byte"),
    "text column that splits a character": (
        _column(b"s_", 2, b"\x03", LENGTHS.pack(1, 1) + "é".encode()),
        "unexpected end of data",
    ),
    "frame with a column of another height": (
        b"P" + _length(2) + _length(1) + _pair("a", pl.Series([1])),
        "frame of 2 rows and 1 columns has a name twice or a column of another height",
    ),
    "frame with a name twice": (
        b"P" + _length(1) + _length(2) + _pair("a", pl.Series([1])) * 2,
        "1 rows and 2 columns has a name twice",
    ),
    "frame with a number for a column": (b"P" + _length(1) + _length(1) + _pair("a", 1), "tag b'C' wanted"),
    "array of float32": (_array("float32", encode((1,)), bytes(4)), "unknown array type 'float32'"),
    "array of objects": (_array("object", encode((1,)), bytes(8)), "unknown array type 'object'"),
    "array whose type is another name of float64": (_array("<f8", encode((1,)), ONE), "unknown array type '<f8'"),
    "array of another size": (_array("float64", encode((2,)), ONE), "reshape"),
    "array whose shape is a number": (_array("float64", encode(1), ONE), "tag b'L' wanted, found b'I'"),
    "array with a float for a side": (_array("float64", encode((1.0,)), ONE), "tag b'I' wanted, found b'D'"),
    "array with true for a side": (_array("float64", encode((True,)), ONE), "tag b'I' wanted, found b'T'"),
    "array with an array for a side": (_array("float64", b"L" + _length(1) + b"A", ONE), "tag b'I' wanted"),
    "array whose data are text": (b"A" + encode("float64") + encode((0,)) + encode(""), "tag b'Y' wanted"),
}


@pytest.mark.parametrize("name", BROKEN)
def test_broken_bytes_are_refused_with_their_place(name: str) -> None:
    data, message = BROKEN[name]
    with pytest.raises(DataError, match=message) as caught:
        decode(data)
    assert "restore them from a copy" in str(caught.value)


@pytest.mark.parametrize("tag", [b"L", b"S", b"Q", b"A", b"P", b"E"])
def test_deep_nesting_is_refused_before_the_stack_ends(tag: bytes) -> None:
    layer = {b"S": b"S" + _length(1) + encode("a"), b"A": b"A" + encode("float64") + b"L" + _length(1)}
    with pytest.raises(DataError, match=r"nested deeper than 64|wanted"):
        decode(layer.get(tag, tag + _length(1)) * 100_000)


def _bombs(size: int) -> list[bytes]:
    length = _length(size)
    bombs = [tag + length for tag in (b"U", b"Y", b"J", b"L", b"S", b"Q", b"C", b"P" + _length(1), b"P" + length)]
    bombs += [b"M+" + bytes(8) + length, b"L" + length + b"N" * 100]
    bombs += [_sized(b"C", word + length + _length(size // 8 % 2**64) + bytes(64)) for word in (b"f8", b"s_", b"b1")]
    bombs += [_sized(b"C", b"f8" + length + _length((size + 7) // 8) + bytes(64))]
    bombs += [_column(b"s_", 1, b"\x01", struct.pack("<Q", size))]
    return bombs + [_array(name, encode((size % 2**63, 8)), bytes(64)) for name in ("float64", "bool")]


@pytest.mark.parametrize("size", HUGE)
def test_a_length_that_the_bytes_do_not_hold_allocates_nothing(size: int) -> None:
    tracemalloc.start()
    for bomb in _bombs(size):
        with pytest.raises(DataError, match="restore them from a copy"):
            decode(bomb)
    _, peak_bytes = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak_bytes < 2**20


@pytest.mark.parametrize("height", [5, 2**31])
def test_a_frame_without_columns_keeps_its_height(height: int) -> None:
    frame = decode(b"P" + _length(height) + _length(0))
    assert frame.shape == (height, 0)


def test_read_alone_leaves_canonicity_to_decode() -> None:
    assert read(NOT_CANONICAL["struct with keys out of order"]) == {"b": 1, "a": 2}


def test_an_enum_reads_back_as_its_names() -> None:
    assert read(encode(EnumName("Verdict", "WARN"))) == EnumName("Verdict", "WARN")


@pytest.mark.parametrize("digits", ["1", "-0", "0E+5", "12.50", "1E+400", "-0.0000000001", "9" * 50])
def test_a_decimal_reads_back_with_its_form(digits: str) -> None:
    assert read(encode(Decimal(digits))).as_tuple() == Decimal(digits).as_tuple()


def test_columns_read_back_in_one_chunk_with_their_type() -> None:
    column = read(encode(pl.Series(["a", None], dtype=pl.Categorical)))
    assert (column.n_chunks(), column.dtype, column.to_list()) == (1, pl.Categorical, ["a", None])


def test_an_array_reads_back_writable_and_in_native_order() -> None:
    array = read(encode(np.array([[1, 2]])))
    array[0, 0] = 5
    assert array.dtype.isnative


def _assert_law(data: bytes) -> None:
    """Decode refuses, or what it gives encodes to exactly these bytes."""
    try:
        value = decode(data)
    except DataError:
        return
    assert encode(value) == data


TAGS = [bytes([tag]) for tag in b"NTFXDIJMUY@dELSQCPA"]
PATCHES = st.tuples(
    st.floats(0, 1), st.integers(0, 16), st.binary(max_size=9) | st.sampled_from([*TAGS, _length(1)]) | st.none()
)


def _mutated(data: bytes, patches: list[tuple[float, int, bytes | None]]) -> bytes:
    """The bytes with parts of them changed, cut out, put in, or (where a patch is None) said twice."""
    for place, size, patch in patches:
        start = int(place * len(data))
        part = data[start : start + size]
        data = data[:start] + (part * 2 if patch is None else patch) + data[start + size :]
    return data


@given(values().map(encode), st.lists(PATCHES, min_size=1, max_size=3))
@settings(max_examples=300)
def test_mutated_bytes_are_refused_or_encode_to_themselves(data: bytes, patches: list[Any]) -> None:
    _assert_law(_mutated(data, patches))


def _said(reading: Callable[[bytes], Any], data: bytes) -> bytes | str:
    try:
        return encode(reading(data))
    except DataError as error:
        return str(error)


@given(values().map(encode), st.lists(PATCHES, max_size=2))
@settings(max_examples=300)
def test_common_values_read_quickly_are_those_read_with_care(data: bytes, patches: list[Any]) -> None:
    """Broken bytes are refused in the same words either way."""
    data = _mutated(data, patches)
    assert _said(read, data) == _said(read_with_care, data)


@given(values().map(encode), st.floats(0, 1, exclude_max=True))
def test_a_flipped_bit_is_refused_or_another_value(data: bytes, place: float) -> None:
    bit = int(place * 8 * len(data))
    flipped = bytearray(data)
    flipped[bit // 8] ^= 1 << bit % 8
    _assert_law(bytes(flipped))


@given(st.lists(st.binary(max_size=3) | st.sampled_from([b"L", b"S", b"Q", b"C", b"P", b"A", _length(1), _length(2)])))
@example([b"P", _length(2**64 - 1), _length(0)])
@example([b"P", _length(2**32), _length(0)])
def test_bytes_of_no_value_are_refused_or_encode_to_themselves(parts: list[bytes]) -> None:
    _assert_law(b"".join(parts))


@given(values())
@settings(max_examples=50)
def test_every_cut_of_an_encoding_is_refused(value: Any) -> None:
    data = encode(value)
    for end in range(0, len(data), 1 + len(data) // 40):
        with pytest.raises(DataError, match="broken at offset"):
            decode(data[:end])


_STRUCTS = st.dictionaries(st.text(max_size=4), values(), max_size=5)


@settings(max_examples=50)
@given(content=_STRUCTS, inner=_STRUCTS, wanted=st.frozensets(st.text(max_size=4), max_size=4))
def test_some_fields_are_those_of_the_whole(
    content: dict[str, Any], inner: dict[str, Any], wanted: frozenset[str]
) -> None:
    """Whatever stands before and between them."""
    wanted |= set(list(content)[1:3]) | set(list(inner)[:2])
    data = encode({**content, "within": inner})
    for of, within in ((inner, "within"), ({**content, "within": inner}, "")):
        found = read_fields(data, wanted, within)
        assert encode(found) == encode({name: value for name, value in of.items() if name in wanted})


@pytest.mark.parametrize("data", [encode([1]), encode("text"), encode({"within": 1}), encode({"other": {}})])
def test_fields_of_what_is_no_struct_are_refused(data: bytes) -> None:
    with pytest.raises(DataError, match="hold no struct 'within'"):
        read_fields(data, frozenset({"a"}), "within")


@pytest.mark.parametrize("cut", [1, 5, 12, 20])
def test_fields_of_bytes_that_end_early_are_refused(cut: int) -> None:
    data = encode({"first": "text", "second": (1, 2), "third": b"bytes"})
    with pytest.raises(DataError, match="canonical bytes"):
        read_fields(data[:-cut], frozenset({"third"}))
