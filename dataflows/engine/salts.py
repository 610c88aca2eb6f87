"""Salted commitments: each value under a salt of its own, and the root of a tree over them.

A field can then be redacted (its value and salt dropped, its commitment kept) while the root, and with it the
trace digest, still verifies. Salts come from one random key per decision, kept with the body. The tree is
sixteen wide, to hash little: a group's hash is SHA-256 over 0x01 and its members. A commitment is SHA-256 over
0x00, the node's number and whether it is absent, the salt and the value's bytes (`packing.Layout.cut`).
"""

from __future__ import annotations

import hashlib
import struct
from collections.abc import Sequence

from dataflows.engine.packing import Layout

KEY_SIZE = 32
SALT_SIZE = 16
WIDTH = 16
_SALT = struct.Struct(f"{SALT_SIZE}s")


def salts(key: bytes, count: int, part: int = 0) -> list[bytes]:
    """The salts of `count` values of a part, 16 bytes each: SHAKE-256 of the part's number and the key, cut in order.

    Each part has salts of its own: equal commitments would tell which values a clip did not change.
    """
    stream = hashlib.shake_256(b"assay/1/salts\x00" + bytes([part]) + key).digest(SALT_SIZE * count)
    return [salt for (salt,) in _SALT.iter_unpack(stream)]


def commitments(key: bytes, layout: Layout, packed: bytes, part: int = 0) -> list[bytes]:
    """One commitment to each packed value of a part (0 the final pass, 1 the proposed size): 32 bytes each."""
    sha256, own = hashlib.sha256, salts(key, len(layout.nodes), part)
    if layout.variable or any(packed[: layout.bitmap_size]):
        return [
            sha256(head + salt + value).digest() for salt, (head, value) in zip(own, layout.cut(packed), strict=True)
        ]
    values = layout.cuts.unpack_from(packed, layout.bitmap_size)
    return [sha256(head + salt + value).digest() for head, salt, value in zip(layout.heads, own, values, strict=True)]


def root(leaves: Sequence[bytes]) -> bytes:
    """The root over commitments: 32 bytes; of none, SHA-256 of 0x01."""
    level = list(leaves)
    while True:
        level = [
            hashlib.sha256(b"\x01" + b"".join(level[start : start + WIDTH])).digest()
            for start in range(0, max(len(level), 1), WIDTH)
        ]
        if len(level) == 1:
            return level[0]
