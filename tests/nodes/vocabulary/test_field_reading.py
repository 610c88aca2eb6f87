"""Fields read along a learned course are those that are read one by one, however the structs differ."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nodes.vocabulary.absent import Absent
from nodes.vocabulary.canonical import encode
from nodes.vocabulary.errors import DataError
from nodes.vocabulary.field_reading import FieldReader
from nodes.vocabulary.reading import read_fields

_NAMES = ("a", "b", "cc", "d", "e")
_PLAIN = st.sampled_from(
    [
        None,
        True,
        7,
        2**70,
        0.5,
        "",
        "text",
        b"",
        b"bytes",
        Decimal("-1.50"),
        (1, ("two",)),
        {"a": 1},
        Absent("node", "why"),
    ]
)
_ALIKE = st.fixed_dictionaries(dict.fromkeys(_NAMES, _PLAIN))
_OTHER = st.dictionaries(st.sampled_from(_NAMES), _PLAIN)


@settings(max_examples=60)
@given(
    contents=st.lists(st.tuples(st.one_of(_ALIKE, _ALIKE, _OTHER), st.one_of(_ALIKE, _OTHER)), min_size=2, max_size=6),
    wanted=st.frozensets(st.sampled_from(_NAMES), max_size=4),
)
def test_fields_of_many_structs_are_those_of_each(
    contents: list[tuple[dict[str, Any], dict[str, Any]]], wanted: frozenset[str]
) -> None:
    """ENG-06: structs with the same fields or others, in any order of the two kinds."""
    inside, outside = FieldReader(wanted, "bb"), FieldReader(wanted)
    for inner, outer in contents:
        data = encode({**outer, "bb": inner})
        assert encode(inside.fields(data)) == encode(read_fields(data, wanted, "bb"))
        assert encode(outside.fields(data)) == encode(read_fields(data, wanted))


@pytest.mark.parametrize("last", ["text", b"bytes", 5, (1, "two"), None])
def test_bytes_that_end_early_are_refused_on_a_learned_course(last: object) -> None:
    whole = encode({"first": "text", "skipped": b"x" * 20, "zlast": last})
    reader = FieldReader(frozenset({"first", "zlast"}))
    assert reader.fields(whole) == {"first": "text", "zlast": last}
    for size in range(len(whole)):
        with pytest.raises(DataError, match="canonical bytes"):
            reader.fields(whole[:size])
        reader.fields(whole)


def test_a_length_that_leads_out_of_the_bytes_is_refused_on_a_learned_course() -> None:
    whole, wanted = encode({"first": "text", "second": "other"}), frozenset({"first", "second"})
    reader = FieldReader(wanted)
    reader.fields(whole)
    for at in range(len(whole)):
        broken = whole[:at] + bytes([whole[at] ^ 0x40]) + whole[at + 1 :]
        assert _said(reader.fields, broken) == _said(
            lambda data: read_fields(data, frozenset({"first", "second"})), broken
        )
        reader.fields(whole)


def _said(read: Any, data: bytes) -> Any:
    try:
        return read(data)
    except DataError as error:
        return str(error)


def test_fields_of_what_is_no_struct_are_refused() -> None:
    with pytest.raises(DataError, match="hold no struct 'within'"):
        FieldReader(frozenset({"a"}), "within").fields(encode("text"))
