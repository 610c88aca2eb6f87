"""Canonical bytes: frozen vectors, vectors worked out by hand, and the two laws.

By hand, from the format in the docstring of `nodes.vocabulary.canonical` (lengths and integers: 8 bytes, big-endian):

    1           I 0000000000000001                    -1   I ffffffffffffffff (two's complement)
    1.0         D 3ff0000000000000                    -0.0 D 8000000000000000
    any NaN     D 7ff8000000000000
    2**63       J, 9 bytes: 00 8000000000000000, since the sign bit of 8 bytes is taken
    -12.50      M - exponent -2 = fffffffffffffffe, 4 digits "1250"
    "é"         U, 2 bytes c3a9                       "e" and a combining accent: 3 bytes 65cc81
    1970-01-01T00:00:01Z   @ 10**9 = 000000003b9aca00     1969-12-31   d ffffffff
    {"b": 1, "a": None}    S 2, U1 a, N, U1 b, I 1    Verdict.WARN E, U7 Verdict, U4 WARN
    {"b", "a"}             Q 2, U1 a, U1 b            Absent("n", "r") X, U1 n, U1 r
    [1.0, null] of float64 C, 35 bytes: f8, 2 rows, 1 byte of bitmap, 01, and two doubles, little-endian
    the column a=[True] as a frame: P 1 row, 1 column, U1 a, C 20 bytes: b1, 1 row, 1 byte of bitmap, 01, 01
    int64 array [[7]]      A, U5 int64, L2 I1 I1, Y8 0700000000000000

Two properties say the rest: `encode` is equal for two values when and only when they are the same value (the oracle is
`_identity`, which shares no code with it), and `decode` inverts it.
"""

from __future__ import annotations

import hashlib
import math
import os
import subprocess
import sys
from collections import OrderedDict
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta, timezone
from decimal import Decimal
from enum import Enum, Flag
from types import MappingProxyType
from typing import Any
from zoneinfo import ZoneInfo

import msgspec
import numpy as np
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from nodes.vocabulary.absent import Absent
from nodes.vocabulary.canonical import decode, digest, digest_from_text, digest_text, encode
from nodes.vocabulary.errors import DataError
from nodes.vocabulary.reading import EnumName
from nodes.vocabulary.verdict import Verdict
from tests.nodes.vocabulary.vectors import VALUES, Colour, Fill, Quote, Rank, Side, frozen, vector
from tests.strategies import instants, scalars, values

BY_HAND: Mapping[str, tuple[Any, str]] = {
    "none": (None, "4e"),
    "true": (True, "54"),
    "false": (False, "46"),
    "one": (1, "49 0000000000000001"),
    "minus one": (-1, "49 ffffffffffffffff"),
    "one as a float": (1.0, "44 3ff0000000000000"),
    "minus zero": (-0.0, "44 8000000000000000"),
    "not a number": (math.nan, "44 7ff8000000000000"),
    "first integer beyond 64 bits": (2**63, "4a 0000000000000009 008000000000000000"),
    "decimal": (Decimal("-12.50"), "4d 2d fffffffffffffffe 0000000000000004 31323530"),
    "text": ("é", "55 0000000000000002 c3a9"),
    "text, decomposed": ("e\u0301", "55 0000000000000003 65cc81"),
    "bytes": (b"\x00", "59 0000000000000001 00"),
    "instant": (datetime(1970, 1, 1, 0, 0, 1, tzinfo=UTC), "40 000000003b9aca00"),
    "date": (date(1969, 12, 31), "64 ffffffff"),
    "sequence": ([None], "4c 0000000000000001 4e"),
    "struct": (
        {"b": 1, "a": None},
        "53 0000000000000002 55 0000000000000001 61 4e 55 0000000000000001 62 49 0000000000000001",
    ),
    "set": ({"b", "a"}, "51 0000000000000002 55 0000000000000001 61 55 0000000000000001 62"),
    "enum": (Verdict.WARN, "45 55 0000000000000007 56657264696374 55 0000000000000004 5741524e"),
    "absent": (Absent("n", "r"), "58 55 0000000000000001 6e 55 0000000000000001 72"),
    "column": (
        pl.Series([1.0, None]),
        "43 0000000000000023 6638 0000000000000002 0000000000000001 01 000000000000f03f 0000000000000000",
    ),
    "frame": (
        pl.DataFrame({"a": [True]}),
        "50 0000000000000001 0000000000000001 55 0000000000000001 61 43 0000000000000014 6231"
        + " 0000000000000001" * 2
        + "01 01",
    ),
    "array": (
        np.array([[7]]),
        "41 55 0000000000000005 696e743634 4c 0000000000000002"
        + "49 0000000000000001" * 2
        + "59 0000000000000008 0700000000000000",
    ),
}


class Access(Flag):
    READ = 1
    WRITE = 2


@dataclass(frozen=True)
class Empty:
    pass


def _identity(value: Any) -> Any:  # noqa: PLR0911  # one line a kind of value
    """What a value is, typed all the way down: equal for two values when and only when they are the same value."""
    match value:
        case float():
            return ("float", "nan" if math.isnan(value) else value.hex())
        case Decimal():
            return ("decimal", *value.as_tuple())
        case datetime():
            return ("instant", value.astimezone(UTC).isoformat())
        case tuple() | list():
            return ("sequence", tuple(map(_identity, value)))
        case frozenset():
            return ("set", frozenset(map(_identity, value)))
        case dict():
            return ("struct", frozenset((key, _identity(item)) for key, item in value.items()))
        case np.ndarray():
            return ("array", value.dtype.name, value.shape, tuple(map(_identity, value.ravel().tolist())))
        case pl.Series():
            return ("column", _column_type(value.dtype), tuple(map(_identity, value.to_list())))
        case pl.DataFrame():
            return ("frame", value.height, tuple((item.name, _identity(item)) for item in value.iter_columns()))
    return (type(value).__name__, value)


def _column_type(dtype: pl.DataType) -> str:
    return "Datetime" if isinstance(dtype, pl.Datetime) else str(dtype.base_type())


def _same_number_of_other_type(value: Any) -> list[Any]:
    """The values most likely to be taken for `value`: its number, text or bytes in the other types."""
    if type(value) is int and value.bit_length() < 50:
        return [float(value), Decimal(value), bool(value), str(value), str(value).encode(), EnumName("int", str(value))]
    return [str(value), repr(value).encode(), (value,), [[value]]]


@pytest.mark.parametrize("name", frozen())
def test_the_bytes_of_a_frozen_vector_never_change(name: str) -> None:
    assert vector(name) == frozen()[name]


def test_every_vector_is_frozen() -> None:
    assert set(frozen()) == set(VALUES)


@pytest.mark.parametrize("name", BY_HAND)
def test_the_bytes_are_those_that_the_format_gives_by_hand(name: str) -> None:
    value, expected = BY_HAND[name]
    assert encode(value).hex() == expected.replace(" ", "")


@pytest.mark.parametrize("name", frozen())
def test_a_frozen_vector_reads_back_and_encodes_to_itself(name: str) -> None:
    data = bytes.fromhex(frozen()[name]["bytes"])
    assert encode(decode(data)) == data


@given(values())
def test_decode_inverts_encode(value: Any) -> None:
    assert _identity(decode(encode(value))) == _identity(value)


@given(values(), values())
def test_two_values_share_bytes_only_when_they_are_the_same_value(one: Any, other: Any) -> None:
    assert (encode(one) == encode(other)) == (_identity(one) == _identity(other))


@given(scalars(), st.data())
def test_a_scalar_never_shares_bytes_with_its_likeness_of_another_type(value: Any, data: st.DataObject) -> None:
    likeness = data.draw(st.sampled_from(_same_number_of_other_type(value)))
    assert encode(value) != encode(likeness) or _identity(value) == _identity(likeness)


@given(st.lists(scalars(), max_size=4))
def test_no_encoding_is_the_beginning_of_another(items: list[Any]) -> None:
    """So that concatenated encodings can be read in one way only."""
    assert decode(b"L" + len(items).to_bytes(8, "big") + b"".join(map(encode, items))) == decode(encode(items))


def test_the_ones_of_every_type_are_different_values() -> None:
    ones = [1, 1.0, True, Decimal(1), Decimal("1.0"), "1", b"1", (1,), frozenset({1}), {"1": 1}, Rank.FIRST, [[1]]]
    assert len({encode(one) for one in ones}) == len(ones)


def test_the_empty_values_of_every_type_are_different_values() -> None:
    empties: list[Any] = [
        None,
        False,
        0,
        0.0,
        -0.0,
        Decimal(0),
        "",
        b"",
        (),
        {},
        frozenset(),
        pl.Series([], dtype=pl.Float64),
    ]
    empties += [pl.Series([], dtype=pl.Int64), pl.DataFrame(), pl.DataFrame(height=1), np.zeros(0), np.zeros((0, 1))]
    empties += [np.zeros(0, np.int64), np.zeros(0, np.bool_), ((),), (None,), ("",), {"": None}]
    assert len({encode(empty) for empty in empties}) == len(empties)


@pytest.mark.parametrize(
    "number", [2**63 - 1, 2**63, -(2**63), -(2**63) - 1, -(2**71), 2**71, 2**64, -(2**64), 10**400]
)
def test_integers_on_both_sides_of_the_border_read_back(number: int) -> None:
    assert decode(encode(number)) == number


def test_nans_of_any_sign_and_payload_are_one_value() -> None:
    bits = [
        b"\x7f\xf8" + bytes(6),
        b"\xff\xf8" + bytes(6),
        b"\x7f\xf8" + bytes(5) + b"\x01",
        b"\x7f\xf0" + bytes(5) + b"\x01",
    ]
    nans = [float(np.frombuffer(item, ">f8")[0]) for item in bits]
    assert {encode(nan) for nan in nans} == {encode(math.nan)}


def test_a_set_of_two_nans_holds_one_value() -> None:
    assert encode({float("nan"), -float("nan")}) == encode({math.nan})


def test_a_set_may_hold_an_absence_and_an_enum() -> None:
    value = frozenset({Absent("n", "r"), EnumName("Verdict", "WARN")})
    assert decode(encode({Absent("n", "r"), Verdict.WARN})) == value


@given(instants(), st.timedeltas(timedelta(hours=-23), timedelta(hours=23)))
def test_an_instant_has_the_same_bytes_in_every_time_zone(instant: datetime, offset: timedelta) -> None:
    assert encode(instant.astimezone(timezone(offset))) == encode(instant)


def test_the_hour_that_a_clock_shows_twice_is_two_instants() -> None:
    first = datetime(2005, 10, 30, 1, 30, tzinfo=ZoneInfo("America/New_York"))
    second = first.replace(fold=1)
    assert encode(first) != encode(second)
    assert encode(second) == encode(datetime(2005, 10, 30, 6, 30, tzinfo=UTC))


def test_instants_one_microsecond_apart_differ() -> None:
    instant = datetime(2005, 1, 3, 21, tzinfo=UTC)
    assert encode(instant) != encode(instant + timedelta(microseconds=1))


def test_an_instant_is_not_the_integer_or_the_date_of_the_same_number() -> None:
    ten_days = datetime(1970, 1, 11, tzinfo=UTC)
    nanoseconds = 10 * 86_400 * 10**9
    assert len({encode(ten_days), encode(nanoseconds), encode(date(1970, 1, 11)), encode(10)}) == 4


@pytest.mark.parametrize(("member", "type_name"), [(Rank.FIRST, "Rank"), (Side.BUY, "Side"), (Colour.RED, "Colour")])
def test_an_enum_is_written_by_name_whatever_its_value_is(member: Enum, type_name: str) -> None:
    assert decode(encode(member)) == EnumName(type_name, member.name)
    assert encode(member) != encode(member.value)


def test_a_struct_is_the_same_in_every_order_and_every_kind_of_mapping() -> None:
    forms = [{"a": 1, "b": 2}, {"b": 2, "a": 1}, OrderedDict(b=2, a=1), MappingProxyType({"b": 2, "a": 1})]
    assert len({encode(form) for form in forms}) == 1


def test_a_dataclass_is_the_struct_of_its_fields() -> None:
    fields = {"symbol": "AAPL", "bid_usd": Decimal("64.78"), "ask_usd": None}
    assert encode(Quote("AAPL", Decimal("64.78"))) == encode(fields)
    assert encode(Empty()) == encode({})


def test_a_msgspec_struct_is_the_struct_of_its_fields() -> None:
    at = datetime(2005, 1, 3, 21, tzinfo=UTC)
    assert encode(Fill("AAPL", -100, at)) == encode({"symbol": "AAPL", "filled_shares": -100, "at": at})


def test_struct_keys_are_sorted_by_their_bytes() -> None:
    assert list(decode(encode({"é": 1, "b": 2, "Z": 3, "🚀": 4, "": 5}))) == ["", "Z", "b", "é", "🚀"]


def _chain(depth: int, wrap: Any, leaf: Any) -> Any:
    value = leaf
    for _ in range(depth):
        value = wrap(value)
    return value


def _ring() -> list[Any]:
    ring: list[Any] = []
    ring.append(ring)
    return ring


@pytest.mark.parametrize("leaf", [1, pl.DataFrame({"a": [1]}), np.zeros((1, 1)), Absent("n", "r"), Decimal(1)])
def test_a_value_at_the_deepest_level_reads_back(leaf: Any) -> None:
    value = _chain(64, lambda inner: (inner,), leaf)
    assert _identity(decode(encode(value))) == _identity(value)


NAIVE = datetime(2005, 1, 3, 16)  # noqa: DTZ001  # what is refused
REFUSED: Mapping[str, tuple[Any, str]] = {
    "naive datetime": (NAIVE, "naive datetime 2005-01-03T16:00:00 names no instant; attach a time zone"),
    "instant of the year 9999": (datetime.max.replace(tzinfo=UTC), "9999-12-31.* is out of int64 nanoseconds"),
    "instant of the year 1": (datetime.min.replace(tzinfo=UTC), "0001-01-01.* is out of int64 nanoseconds"),
    "decimal nan": (Decimal("NaN"), "Decimal NaN is not finite"),
    "decimal signalling nan": (Decimal("sNaN"), "Decimal sNaN is not finite"),
    "decimal infinity": (Decimal("-Infinity"), "Decimal -Infinity is not finite"),
    "lone surrogate": ("a\ud800", r"text 'a\\ud800' has a lone surrogate"),
    "lone surrogate in a key": ({"\udfff": 1}, r"text '\\udfff' has a lone surrogate"),
    "numpy float": (np.float64(1.0), "type float64 has no canonical bytes"),
    "numpy int": (np.int64(1), "type int64 has no canonical bytes"),
    "bytearray": (bytearray(b"a"), "type bytearray has no canonical bytes"),
    "object": (object(), "type object has no canonical bytes; use a type of the vocabulary"),
    "class": (Quote, "type type has no canonical bytes"),
    "complex": (1j, "1j of type complex has no canonical bytes"),
    "time span": (timedelta(1), "type timedelta has no canonical bytes"),
    "integer key": ({1: 2}, "struct key 1 of type int is not text; use text keys"),
    "mixed keys": ({1: 2, "1": 3}, "struct key 1 of type int is not text"),
    "enum key": ({Side.BUY: 1}, "of type Side is not text"),
    "flag without a name": (Access(0), "is a flag without a name; use a named member"),
    "struct in a set": ({Quote("A", Decimal(1))}, "is a struct inside a set"),
    "struct in a tuple in a set": ({(1, Quote("A", Decimal(1)))}, "is a struct inside a set"),
    "msgspec struct in a set": ({Fill("A", 1, datetime(2005, 1, 3, tzinfo=UTC))}, "is a struct inside a set"),
    "list inside itself": (_ring(), "nested deeper than 64; flatten it"),
    "65 tuples": (_chain(65, lambda inner: (inner,), 1), "nested deeper than 64"),
    "65 structs": (_chain(65, lambda inner: {"a": inner}, 1), "nested deeper than 64"),
    "65 sets": (_chain(65, lambda inner: frozenset({inner}), 1), "nested deeper than 64"),
    "array of float32": (np.zeros(1, np.float32), "array of float32 has no canonical bytes; use float64"),
    "array of objects": (np.array([None]), "array of object has no canonical bytes"),
    "array of big-endian doubles": (np.zeros(1, ">f8"), "array of >f8 has no canonical bytes"),
    "masked array": (np.ma.masked_array([1.0], [True]), "type MaskedArray has no canonical bytes"),
    "lazy frame": (pl.LazyFrame({"a": [1]}), "type LazyFrame has no canonical bytes"),
}


@pytest.mark.parametrize("name", REFUSED)
def test_a_value_without_canonical_bytes_is_refused(name: str) -> None:
    value, message = REFUSED[name]
    with pytest.raises(DataError, match=message):
        encode(value)


class _Later(datetime):
    """A subclass may carry what datetime has no field for, as pandas' Timestamp carries nanoseconds."""


class _Half(msgspec.Struct):
    amount: Any


@pytest.mark.parametrize("inner", [NAIVE, Decimal("NaN"), _Later(2005, 1, 3, tzinfo=UTC), object()])
@pytest.mark.parametrize("wrap", [lambda x: [x], lambda x: {"a": x}, _Half, lambda x: {x}])
def test_what_is_refused_alone_is_refused_inside(inner: Any, wrap: Any) -> None:
    with pytest.raises(DataError, match=r"naive|not finite|no canonical bytes"):
        encode(wrap(inner))


def test_the_memory_order_of_an_array_leaves_no_mark() -> None:
    array = np.arange(12.0).reshape(3, 4)
    assert encode(np.asfortranarray(array)) == encode(array) == encode(np.repeat(array, 2, axis=0)[::2])


def test_arrays_of_the_same_items_and_other_shape_differ() -> None:
    shapes = [(6,), (2, 3), (3, 2), (1, 6), (6, 1)]
    assert len({encode(np.arange(6).reshape(shape)) for shape in shapes}) == len(shapes)


def test_a_bool_array_over_foreign_bytes_is_written_as_ones() -> None:
    assert encode(np.array([2, 255, 0], np.uint8).view(np.bool_)) == encode(np.array([True, True, False]))


CHILD = """
from tests.nodes.vocabulary.vectors import VALUES
from nodes.vocabulary.canonical import encode
import hashlib
names = [f"name_{i}" for i in range(50)]
data = encode((set(names), {name: {name, 1.5, None} for name in names}, {(name, 1) for name in names}))
print(hashlib.sha256(b"".join(map(encode, VALUES.values())) + data).hexdigest(), hash("a"))
"""


def test_bytes_are_the_same_under_every_hash_seed() -> None:
    """Sets iterate in another order in each process; the bytes must not know."""
    command = [sys.executable, "-c", CHILD]
    environments = [{**os.environ, "PYTHONHASHSEED": seed} for seed in ("0", "1", "4242")]
    children = [subprocess.Popen(command, env=env, stdout=subprocess.PIPE, text=True) for env in environments]  # noqa: S603  # our own interpreter
    digests, hashes = zip(*[child.communicate()[0].split() for child in children], strict=True)
    assert len(set(hashes)) == 3
    assert len(set(digests)) == 1


def test_a_digest_is_sha_256_over_the_prefix_and_the_length_prefixed_parts() -> None:
    expected = hashlib.sha256(b"assay/1/entry\x00" + b"\x00" * 7 + b"\x02ab" + b"\x00" * 8).digest()
    assert digest("entry", b"ab", b"") == expected


def test_the_digest_of_nothing_is_the_one_that_another_tool_gives() -> None:
    """printf 'assay/1/policy\\0' | sha256sum."""
    assert digest("policy").hex() == "dcf95b7241973cd59787af17e74d2c11155c0108dbb4c9af71455d94acd67b88"


def test_a_digest_knows_its_domain_and_where_its_parts_end() -> None:
    digests = [digest("a", b"bc"), digest("ab", b"c"), digest("a", b"b", b"c"), digest("a", b"bc", b""), digest("a")]
    assert len(set(digests)) == len(digests)


@given(st.binary(min_size=32, max_size=32))
def test_a_digest_reads_back_from_its_text(data: bytes) -> None:
    assert digest_from_text(digest_text(data)) == data


@pytest.mark.parametrize(
    "text",
    [
        "",
        "ab" * 32,
        "sha256:" + "ab" * 31,
        "sha256:" + "ab" * 33,
        "sha256:" + "AB" * 32,
        "sha512:" + "ab" * 32,
        "sha256:" + "ab " * 21 + "a",
        "sha256:" + "ag" * 32,
        "sha256:" + "\u0661" * 64,
        "sha256:" + "ab" * 32 + "\n",
    ],
)
def test_a_text_that_is_no_digest_is_refused(text: str) -> None:
    with pytest.raises(DataError, match="is no digest; write sha256: and 64 lower-case hexadecimal digits"):
        digest_from_text(text)
