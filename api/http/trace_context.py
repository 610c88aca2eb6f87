"""W3C trace context: the trace id that a request came with, or a new one, and the span that answers it."""

from __future__ import annotations

import random
import re

import msgspec

HEADER = b"traceparent"
_random = random.Random()  # noqa: S311  # ids must differ, not be secret; seeded by the system in each process
_NOT_ZERO = 1 << 64 | 1
"""In the last digit of either id: none may be all zeros."""
_FORM = re.compile(rb"00-(?!0{32})([0-9a-f]{32})-(?!0{16})([0-9a-f]{16})-([0-9a-f]{2})")


class TraceContext(msgspec.Struct, frozen=True):
    """Where a request belongs.

    Attributes:
        trace_id: the whole journey, 32 hexadecimal digits.
        span_id: this server's part of it, 16 digits.
        flags: two digits: whether the journey is recorded.
    """

    trace_id: str
    span_id: str
    flags: str = "01"

    @property
    def text(self) -> str:
        """The traceparent header that names this span."""
        return f"00-{self.trace_id}-{self.span_id}-{self.flags}"


def trace_context(header: bytes | None) -> TraceContext:
    """A span of the trace that a header names; of a new trace when it names none or is malformed."""
    digits = f"{_random.getrandbits(192) | _NOT_ZERO:048x}"
    found = None if header is None else _FORM.fullmatch(header)
    if found is None:
        return TraceContext(digits[:32], digits[32:])
    return TraceContext(found[1].decode(), digits[32:], found[3].decode())
