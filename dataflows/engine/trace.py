"""What one run computed, and its digest.

A trace's digest covers, in this order: its scheme and commitment; the static header (origin, dataflow, digests of
plan, policy and environment); the run header (as-of instant, digests that the run cites); the values. Plain digests
(research) hash the packed values of each pass; salted ones (live, paper) take the root over one commitment a value.
The final pass holds every node; pass 1 of a clipped order only those that depend on the size.

The body is the canonical form that is archived. Slices, manifest, environment, policy and sources are archived
once and found by digest.
"""

from __future__ import annotations

import hashlib
import struct
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from typing import Any

import msgspec

from dataflows.engine import salts
from dataflows.engine.packing import Layout
from nodes.vocabulary.canonical import decode, digest, encode
from nodes.vocabulary.errors import LogError
from nodes.vocabulary.instants import instant_ns

TRACE_SCHEME = 3
_INSTANT = struct.Struct(">q")
_COUNT = struct.Struct(">I")
_SIZE = struct.Struct(">Q")
_DIGEST_SIZE = 32
_PASSES = (1, 2)
_FIELDS = frozenset(
    {
        "scheme",
        "origin",
        "dataflow",
        "as_of",
        "plan_digest",
        "policy_digest",
        "environment_digest",
        "cites",
        "packed",
        "key",
    }
)

_AS_OF = b"S" + _SIZE.pack(len(_FIELDS)) + encode("as_of")
_CITES = encode("cites")


@dataclass(frozen=True)
class TraceHeader:
    """What a trace says before its values.

    Attributes:
        origin: the log that the run belongs to, e.g. "research/demo".
        dataflow: name of the dataflow.
        plan_digest: digest of the compiled plan.
        policy_digest: digest of the policy.
        environment_digest: digest of the described environment (`governance.environment`).
    """

    origin: str
    dataflow: str
    plan_digest: bytes
    policy_digest: bytes
    environment_digest: bytes


class TraceDigester:
    """Digests of traces that share a header: the static part is hashed once."""

    def __init__(self, header: TraceHeader, layout: Layout, *, is_salted: bool) -> None:
        self.header = header
        self.layout = layout
        self.is_salted = is_salted
        self._layouts = (layout, layout.sized)
        prefix = b"assay/1/trace\x00" + bytes([TRACE_SCHEME]) + (b"S" if is_salted else b"P")
        static = encode(header)
        self._start = hashlib.sha256(prefix + _SIZE.pack(len(static)) + static)
        self._last_as_of: tuple[datetime | None, bytes] = (None, b"")

    def digest(self, as_of: datetime, cites: Sequence[bytes], packed: Sequence[bytes], key: bytes | None) -> bytes:
        """The trace digest: 32 bytes.

        Args:
            as_of: instant of the run.
            cites: digests of what the run's snapshot came from: other traces, the tables of a lake.
            packed: packed values of the final pass, then those of pass 1 when an order was clipped.
            key: salt key, for salted digests only.
        """
        for cite in cites:
            if len(cite) != _DIGEST_SIZE:  # one of any length could swallow what follows it
                raise LogError(f"cites were {cites!r:.200}, expected trace digests of 32 bytes each; pass those")
        hasher = self._start.copy()
        hasher.update(b"".join((self._as_of_bytes(as_of), _COUNT.pack(len(cites)), *cites)))
        for number, part in enumerate(packed):
            if self.is_salted:
                hasher.update(b"\x20" + self.commitment(part, key, number))
            else:
                hasher.update(_SIZE.pack(len(part)) + part)
        return hasher.digest()

    def _as_of_bytes(self, as_of: datetime) -> bytes:
        """An instant as int64 nanoseconds. All orders of a session pass one datetime, so the last one is kept."""
        last, known = self._last_as_of
        if as_of is not last:
            known = _INSTANT.pack(instant_ns(as_of))
            self._last_as_of = as_of, known  # one store, so that threads see a pair that fits
        return known

    def commitment(self, packed: bytes, key: bytes | None, part: int = 0) -> bytes:
        """Root of the salted commitments to each packed value of a part."""
        if key is None or len(key) != salts.KEY_SIZE:
            raise LogError(f"a salted trace needs a key of {salts.KEY_SIZE} bytes, was {key!r}; pass a fresh one")
        return salts.root(salts.commitments(key, self._layouts[part], packed, part))


class Trace(msgspec.Struct, frozen=True):
    """One run's record.

    Attributes:
        header: what it says before its values.
        as_of: instant of the run.
        cites: digests of what the run's snapshot came from: other traces, the tables of a lake.
        packed: packed values of the final pass, then those of pass 1 when an order was clipped.
        key: salt key of a salted trace, else None.
        digest: the trace digest, as computed when the trace was made or as claimed by its body.
    """

    header: TraceHeader
    as_of: datetime
    cites: tuple[bytes, ...]
    packed: tuple[bytes, ...]
    key: bytes | None
    digest: bytes

    @property
    def body(self) -> bytes:
        """Canonical bytes to archive."""
        before_key, before_packed, after_packed = _header_bytes(self.header)
        return b"".join(
            (
                _AS_OF,
                encode(self.as_of),
                _CITES,
                encode(self.cites),
                before_key,
                encode(self.key),
                before_packed,
                encode(self.packed),
                after_packed,
            )
        )


@lru_cache(maxsize=64)
def _header_bytes(header: TraceHeader) -> tuple[bytes, bytes, bytes]:
    """The canonical bytes of a body's static fields: those before its key, between key and packed values, and after.

    A struct's fields stand in the order of their names; a property test holds the joined bytes equal to `encode`.
    """

    def said(*names: str) -> bytes:
        return b"".join(encode(name) + encode(getattr(header, name)) for name in names)

    scheme = encode("scheme") + encode(TRACE_SCHEME)
    before_key = said("dataflow", "environment_digest") + encode("key")
    return before_key, said("origin") + encode("packed"), said("plan_digest", "policy_digest") + scheme


def trace_from_body(body: bytes, layout: Layout) -> Trace:
    """The trace of an archived body, its digest recomputed. Raises LogError when the body is no trace of the plan."""
    return trace_and_values(body, layout)[0]


def trace_and_values(body: bytes, layout: Layout) -> tuple[Trace, tuple[tuple[Any, ...], ...]]:
    """The same, and the values of each of its passes."""
    content: Any = decode(body)
    if not isinstance(content, Mapping) or set(content) != _FIELDS or content["scheme"] != TRACE_SCHEME:
        raise LogError(f"body of {len(body)} bytes is no trace of scheme {TRACE_SCHEME}; look its kind up in its entry")
    _refuse_types(content)
    values = layout.passes(content["packed"])
    header = TraceHeader(**{name: content[name] for name in TraceHeader.__dataclass_fields__})
    digester = TraceDigester(header, layout, is_salted=content["key"] is not None)
    claimed = digester.digest(content["as_of"], content["cites"], content["packed"], content["key"])
    return Trace(header, content["as_of"], content["cites"], content["packed"], content["key"], claimed), values


def _refuse_types(content: Mapping[str, Any]) -> None:
    """Raise LogError for a field that no trace has so: a body is only as good as what wrote it."""
    texts = all(isinstance(content[name], str) for name in ("origin", "dataflow"))
    digests = [content[name] for name in TraceHeader.__dataclass_fields__ if name.endswith("_digest")]
    cites, packed, key = content["cites"], content["packed"], content["key"]
    lists = isinstance(cites, tuple) and isinstance(packed, tuple) and len(packed) in _PASSES
    parts = [*digests, *cites, *packed, b"" if key is None else key] if lists else [None]
    if not (texts and isinstance(content["as_of"], datetime) and all(isinstance(part, bytes) for part in parts)):
        message = f"body of a trace has fields {content!r:.200}, of other types than a trace; restore it from a copy"
        raise LogError(message)


def environment_digest(environment: bytes) -> bytes:
    """Digest of a described environment's canonical bytes."""
    return digest("environment", environment)
