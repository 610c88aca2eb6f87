"""Salted commitments: each value under a salt of its own, and the root of a tree over them.

A field can then be redacted (its value and salt dropped, its commitment kept) while the root, and with it the
trace digest, still verifies. Salts come from one random key per decision, kept with the body. The tree is
sixteen wide, to hash little: a group's hash is SHA-256 over 0x01 and its members; a leaf is SHA-256 over 0x00,
the salt and the value's bytes.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence

KEY_SIZE = 32
SALT_SIZE = 16
WIDTH = 16


def salts(key: bytes, count: int) -> list[bytes]:
    """The salts of `count` values: SHAKE-256 of the key, cut into 16 bytes each."""
    stream = hashlib.shake_256(b"assay/1/salts\x00" + key).digest(SALT_SIZE * count)
    return [stream[start : start + SALT_SIZE] for start in range(0, len(stream), SALT_SIZE)]


def commitments(key: bytes, values: Sequence[bytes]) -> list[bytes]:
    """One commitment a value: 32 bytes each."""
    sha256 = hashlib.sha256
    return [
        sha256(b"\x00" + salt + value).digest() for salt, value in zip(salts(key, len(values)), values, strict=True)
    ]


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
