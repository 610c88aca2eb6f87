"""Salted commitments: each value under a salt of its own, and the root of a tree over them.

A field can then be redacted (its value and salt dropped, its commitment kept) while the root, and with it the
trace digest, still verifies. Salts come from one random key per decision, kept with the body. A commitment is
SHA-256 over the value's head, its salt and its bytes (`packing`). The tree is 256 wide, to hash little: a group's
hash is SHA-256 over 0x01 and its members, so that the root of most plans is one hash over all commitments.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from hashlib import sha256

from dataflows.engine.packing import SALT_SIZE, Layout

KEY_SIZE = 32
WIDTH = 256
_PIECE = 63


def salts(key: bytes, count: int, part: int = 0) -> bytes:
    """The salts of `count` values of a part, 16 bytes each, joined: SHAKE-256 of the part's number and the key.

    Each part has salts of its own: equal commitments would tell which values a clip did not change.
    """
    return hashlib.shake_256(b"assay/1/salts\x00" + bytes([part]) + key).digest(SALT_SIZE * count)


def commitments(key: bytes, layout: Layout, packed: bytes, part: int = 0) -> list[bytes]:
    """One commitment to each packed value of a part (0 the final pass, 1 the proposed size): 32 bytes each."""
    own = salts(key, len(layout.nodes), part)
    return [sha256(preimage).digest() for preimage in layout.preimages(packed, own)]


def root(leaves: Sequence[bytes]) -> bytes:
    """The root over commitments: 32 bytes; of none, SHA-256 of 0x01."""
    level = leaves
    while len(level) > WIDTH:
        level = [_group_hash(level[start : start + WIDTH]) for start in range(0, len(level), WIDTH)]
    return _group_hash(level)


def _group_hash(members: Sequence[bytes]) -> bytes:
    """SHA-256 over 0x01 and the members.

    Fed in pieces: above 2,047 bytes hashlib lets go of the interpreter's lock, and to wait for it again takes longer
    than to hash.
    """
    hasher = hashlib.sha256(b"\x01" + b"".join(members[:_PIECE]))
    for start in range(_PIECE, len(members), _PIECE):
        hasher.update(b"".join(members[start : start + _PIECE]))
    return hasher.digest()
