"""The digest of a chain is the same whoever adds the last part, and of no other parts."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nodes.vocabulary.canonical import encode
from nodes.vocabulary.chain import chained, content_of, framed, linked, parts_of
from nodes.vocabulary.errors import DataError

PARTS = st.lists(st.binary(max_size=20), max_size=6)


@given(PARTS, st.binary(max_size=20))
def test_a_chain_goes_on_from_its_digest(parts: list[bytes], last: bytes) -> None:
    assert linked(chained(parts), last) == chained([*parts, last])


@given(PARTS, PARTS)
def test_other_parts_have_another_digest(one: list[bytes], other: list[bytes]) -> None:
    assert (chained(one) == chained(other)) == (one == other)


@given(PARTS)
def test_content_reads_back_to_its_parts_and_is_their_canonical_sequence(parts: list[bytes]) -> None:
    content = content_of([framed(part) for part in parts])
    assert parts_of(content) == tuple(parts)
    assert content == encode(tuple(parts))


@pytest.mark.parametrize("content", [encode(("text",)), encode(b"one part"), b"no canonical bytes", b""])
def test_other_content_is_not_made_of_parts(content: bytes) -> None:
    with pytest.raises(DataError, match="restore them from a copy"):
        parts_of(content)
