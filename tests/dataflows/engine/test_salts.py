"""The tree over salted commitments: roots of any width, worked out from the layout with hashlib alone."""

from __future__ import annotations

import hashlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dataflows.engine import salts


def expected_root(leaves: list[bytes]) -> bytes:
    groups = [leaves[at : at + 256] for at in range(0, len(leaves), 256)] or [[]]
    hashes = [hashlib.sha256(b"\x01" + b"".join(group)).digest() for group in groups]
    return hashes[0] if len(hashes) == 1 else expected_root(hashes)


@pytest.mark.parametrize("count", [0, 1, 2, 255, 256, 257, 512, 513, 65_537])
def test_the_root_follows_the_layout_at_every_width(count: int) -> None:
    leaves = [hashlib.sha256(at.to_bytes(4)).digest() for at in range(count)]
    assert salts.root(leaves) == expected_root(leaves)


@given(st.lists(st.binary(min_size=32, max_size=32), min_size=1, max_size=40), st.data())
def test_changing_any_leaf_changes_the_root(leaves: list[bytes], data: st.DataObject) -> None:
    at = data.draw(st.integers(0, len(leaves) - 1))
    changed = [*leaves[:at], bytes([leaves[at][0] ^ 1]) + leaves[at][1:], *leaves[at + 1 :]]
    assert salts.root(changed) != salts.root(leaves)


def test_salts_of_a_key_are_fixed_and_never_repeat() -> None:
    many = [salts.salts(bytes(32), 1000)[at : at + 16] for at in range(0, 16_000, 16)]
    assert b"".join(many) == salts.salts(bytes(32), 1000)
    assert len({*many, salts.salts(bytes(32), 1, part=1), salts.salts(bytes([1]) * 32, 1)}) == 1002
