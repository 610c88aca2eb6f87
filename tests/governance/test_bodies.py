"""Bodies: content comes back, stored bytes are what the ref says, and what was stored lately is remembered."""

from __future__ import annotations

import hashlib

import pytest
from hypothesis import given
from hypothesis import strategies as st
from zstandard import ZstdDecompressor

from governance.bodies import SMALL_BYTES, RecentBodies, body_content, stored_body
from nodes.vocabulary.errors import LogError


@given(st.binary(max_size=2000))
def test_content_comes_back_from_its_stored_form(content: bytes) -> None:
    ref, stored = stored_body(content)
    assert body_content(ref, stored) == content
    one = ZstdDecompressor()
    assert [body_content(ref, stored, one) for _ in range(2)] == [content, content]


@pytest.mark.parametrize("n_bytes", [0, SMALL_BYTES, SMALL_BYTES + 1, 10 * SMALL_BYTES])
def test_small_and_large_content_comes_back_and_takes_less_room(n_bytes: int) -> None:
    content = bytes(n_bytes)
    ref, stored = stored_body(content)
    assert body_content(ref, stored) == content
    assert len(stored) < max(n_bytes, 20)


def test_the_ref_is_the_digest_of_the_bytes_as_stored() -> None:
    ref, stored = stored_body(b"trace" * 100)
    assert ref == hashlib.sha256(stored).digest()
    assert len(stored) < 100


@given(st.integers(0, 10_000))
def test_any_flipped_bit_of_a_stored_body_is_refused_before_it_is_decompressed(bit: int) -> None:
    ref, stored = stored_body(b"one decision and its whole trace")
    at = bit % (len(stored) * 8)
    flipped = (int.from_bytes(stored, "big") ^ 1 << at).to_bytes(len(stored), "big")
    with pytest.raises(LogError, match=r"is stored with bytes that hash to .*; restore it from a copy"):
        body_content(ref, flipped)


def test_bytes_that_were_never_compressed_are_refused() -> None:
    with pytest.raises(LogError, match="is no zstd frame"):
        body_content(hashlib.sha256(b"plain").digest(), b"plain")


def test_recent_bodies_forget_the_least_recently_used() -> None:
    recent = RecentBodies(max_recent=2)
    recent.remember({b"one": b"1", b"two": b"2"})
    assert recent.ref(b"one") == b"1"
    recent.remember({b"three": b"3"})
    assert [recent.ref(each) for each in (b"one", b"two", b"three")] == [b"1", None, b"3"]
    assert [each in recent for each in (b"1", b"2", b"3")] == [True, False, True]


def test_refs_that_were_found_stored_stay_known_however_many_bodies_come_after() -> None:
    """A generation's bodies are named by every decision and put by none: they must not be looked up each time."""
    recent = RecentBodies(max_recent=2)
    recent.found([b"policy"])
    recent.remember({bytes([number]): bytes([number, 1]) for number in range(9)})
    assert b"policy" in recent
    recent.found([b"another", b"and another"])
    assert b"policy" not in recent
