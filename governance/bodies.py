"""The body store's format: zstd-compressed, named by the SHA-256 of the bytes as stored.

The ref is over the stored bytes, so that a body is verified without being decompressed, and no decompressor
ever sees bytes that were not written by us. The same content may have two refs when two versions of zstd
compressed it; each is verified as it stands.
"""

from __future__ import annotations

import hashlib
from collections import OrderedDict
from collections.abc import Iterable, Mapping
from typing import NamedTuple

import zstandard

from nodes.vocabulary.errors import LogError

LEVEL = 3
SMALL_LEVEL = -1
SMALL_BYTES = 16_384
"""Up to here a body is compressed at the quicker level: one decision's trace is small, has its own each time, and
holds numbers that the slower level makes hardly smaller."""
_MAX_RECENT = 4096


class StoredBody(NamedTuple):
    """A body as the store holds it: its ref and the compressed bytes that the ref is the SHA-256 of."""

    ref: bytes
    stored: bytes


class Compressor:
    """Makes stored bodies; its contexts are used again and serve one thread at a time."""

    def __init__(self) -> None:
        self._small = zstandard.ZstdCompressor(level=SMALL_LEVEL)
        self._large = zstandard.ZstdCompressor(level=LEVEL)

    def stored_body(self, content: bytes) -> StoredBody:
        """The stored form of some content."""
        compressor = self._small if len(content) <= SMALL_BYTES else self._large
        stored = compressor.compress(content)
        return StoredBody(hashlib.sha256(stored).digest(), stored)


def stored_body(content: bytes) -> StoredBody:
    """The stored form of some content."""
    return Compressor().stored_body(content)


def body_content(ref: bytes, stored: bytes, decompressor: zstandard.ZstdDecompressor | None = None) -> bytes:
    """The content of a stored body. Raises LogError when the bytes are not those that the ref names.

    Args:
        ref: its name.
        stored: its bytes as they are stored.
        decompressor: one that a single thread uses for many bodies; making one takes longer than a small body.
    """
    found = hashlib.sha256(stored).digest()
    if found != ref:
        message = f"body {ref.hex()} is stored with bytes that hash to {found.hex()}; restore it from a copy"
        raise LogError(message)
    try:
        return (decompressor or zstandard.ZstdDecompressor()).decompress(stored)
    except zstandard.ZstdError as error:
        message = f"body {ref.hex()} is no zstd frame: {error}; it was not written by this log, remove its entry's use"
        raise LogError(message) from error


class RecentBodies:
    """Which bodies were committed lately: content digest to ref, least recently used dropped first.

    It spares compressing and writing what every decision shares (policy, plan, sources). Only committed refs
    enter it; a ref that was committed stays good for years (`governance.retention`), longer than a process lives.
    """

    def __init__(self, max_recent: int = _MAX_RECENT) -> None:
        self._refs: OrderedDict[bytes, bytes] = OrderedDict()
        self._known: dict[bytes, bytes] = {}
        self._found: dict[bytes, None] = {}
        self._max_recent = max_recent
        self.compressor = Compressor()

    def ref(self, content_digest: bytes) -> bytes | None:
        """The ref that content of this SHA-256 was committed under; None when it is not remembered."""
        found = self._refs.get(content_digest)
        if found is not None:
            self._refs.move_to_end(content_digest)
        return found

    def __contains__(self, ref: object) -> bool:
        return ref in self._known or ref in self._found

    def found(self, refs: Iterable[bytes]) -> None:
        """Take in refs that were found stored: what entries name again and again without putting it."""
        self._found.update(dict.fromkeys(refs))
        while len(self._found) > self._max_recent:
            del self._found[next(iter(self._found))]

    def forget(self, refs: Iterable[bytes]) -> None:
        """Leave out refs that were dropped."""
        for ref in refs:
            self._found.pop(ref, None)
            content_digest = self._known.pop(ref, None)
            if content_digest is not None:
                self._refs.pop(content_digest, None)

    def remember(self, refs: Mapping[bytes, bytes]) -> None:
        """Take in what a transaction committed: content digest to ref."""
        for content_digest, ref in refs.items():
            self._refs[content_digest] = ref
            self._known[ref] = content_digest
        while len(self._refs) > self._max_recent:
            _, ref = self._refs.popitem(last=False)
            self._known.pop(ref, None)
