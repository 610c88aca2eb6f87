"""Content in parts and its digest as a chain over them: adding a part costs the same however many there are.

The digest of a chain is folded from its first part to its last. Whoever keeps the fold over the first parts, which do
not change, pays for the last ones only; whoever has the whole content computes the same.
"""

from __future__ import annotations

from collections.abc import Iterable

from nodes.vocabulary.canonical import digest, encode
from nodes.vocabulary.errors import DataError
from nodes.vocabulary.reading import LENGTH, read

CHAIN_START = digest("chain")


def linked(before: bytes, part: bytes) -> bytes:
    """The digest of a chain that goes on with one more part."""
    return digest("chain", before, part)


def chained(parts: Iterable[bytes]) -> bytes:
    """The digest of a chain of parts."""
    found = CHAIN_START
    for part in parts:
        found = linked(found, part)
    return found


def framed(part: bytes) -> bytes:
    """A part as it stands inside its content."""
    return b"Y" + LENGTH.pack(len(part)) + part


def unframed(frame: bytes) -> bytes:
    """The part that a frame holds."""
    return frame[1 + LENGTH.size :]


def content_of(frames: list[bytes]) -> bytes:
    """The content of framed parts: the canonical bytes of their sequence."""
    return b"".join((b"L", LENGTH.pack(len(frames)), *frames))


def parts_of(content: bytes) -> tuple[bytes, ...]:
    """The parts of content. Raises DataError when it is not made of parts."""
    parts = read(content)
    if not isinstance(parts, tuple) or not all(isinstance(part, bytes) for part in parts) or encode(parts) != content:
        message = f"{len(content)} bytes are no content in parts; restore them from a copy"
        raise DataError(message)
    return parts
