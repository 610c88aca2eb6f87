"""What a trace's digest is made of, for whoever computes it again: the bytes that were hashed, and how to read them.

The digest is SHA-256 over the head and, for each pass, the packed values with their length before them (a research
log) or 0x20 and the root over a salted commitment to each value (live and paper logs); see `dataflows.engine.trace`.
"""

from __future__ import annotations

import base64
import struct
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Literal

from dataflows.engine.packing import Layout
from dataflows.engine.plan import NodeKind, PlanNode
from dataflows.engine.recorded import RecordedRun
from dataflows.engine.salts import salts
from dataflows.engine.trace import TRACE_SCHEME, Trace
from nodes.vocabulary.canonical import digest_text, encode
from nodes.vocabulary.instants import instant_ns

Form = Literal["float", "int", "bool", "rule", "text", "decimal", "canonical"]
_FORMS: dict[type, Form] = {float: "float", int: "int", bool: "bool", str: "text", Decimal: "decimal"}
_PASSES = ("final", "proposed")


@dataclass(frozen=True)
class ValueEvidence:
    """One value as it was hashed.

    Attributes:
        key: key of its node in the lineage: "order.participation_frac".
        form: how its bytes are read: "float" and "int" are eight little-endian bytes, so are "bool" (0, 1) and "rule"
            (0 fails, 1 holds, 2 unknown); "text" and "decimal" are UTF-8; "canonical" is anything else.
        preimage: what its commitment is the SHA-256 of, base64; "" where values are not committed to one by one.
    """

    key: str
    form: Form
    preimage: str


@dataclass(frozen=True)
class PassEvidence:
    """The values of one pass.

    Attributes:
        name: "final", or "proposed" for those that a clip changed.
        packed: all of them in one piece, base64; "" where they are committed to one by one.
        values: each of them, in the order of the plan.
    """

    name: str
    packed: str
    values: tuple[ValueEvidence, ...]


@dataclass(frozen=True)
class TraceEvidence:
    """All that the digest of a decision's trace is computed from.

    Attributes:
        decision_id: the decision, 64 hexadecimal digits.
        trace_digest: what the log says that the digest is.
        is_salted: whether each value has a commitment of its own.
        head: what is hashed before the values, base64: scheme, origin, dataflow, digests of plan, policy and
            environment, instant, and the digests of the session's trace and tables.
        manifest: the plan, base64 of its canonical bytes, of which the head has the digest: which values there are, in
            which order, and how each is written; so that the names of the values are bound as they are.
        passes: the final values, then those of the proposed size when the order was cut.
    """

    decision_id: str
    trace_digest: str
    is_salted: bool
    head: str
    manifest: str
    passes: tuple[PassEvidence, ...]


def trace_evidence(decision_id: str, run: RecordedRun) -> TraceEvidence:
    """The evidence of an order run."""
    trace, layout = run.trace, run.reading.layout
    layouts = (layout, layout.sized)
    return TraceEvidence(
        decision_id=decision_id,
        trace_digest=digest_text(trace.digest),
        is_salted=trace.key is not None,
        head=_base64(hashed_head(trace)),
        manifest=_base64(run.plan.manifest),
        passes=tuple(_pass(layouts[part], packed, trace.key, part) for part, packed in enumerate(trace.packed)),
    )


def hashed_head(trace: Trace) -> bytes:
    """What the digest of a trace hashes before its values."""
    static = encode(trace.header)
    scheme = b"assay/1/trace\x00" + bytes([TRACE_SCHEME]) + (b"P" if trace.key is None else b"S")
    cites = struct.pack(">I", len(trace.cites)) + b"".join(trace.cites)
    return scheme + struct.pack(">Q", len(static)) + static + _instant(trace.as_of) + cites


def _instant(at: datetime) -> bytes:
    return struct.pack(">q", instant_ns(at))


def _pass(layout: Layout, packed: bytes, key: bytes | None, part: int) -> PassEvidence:
    if key is None:
        preimages = [""] * len(layout.nodes)
    else:
        preimages = [_base64(each) for each in layout.preimages(packed, salts(key, len(layout.nodes), part))]
    values = tuple(
        ValueEvidence(f"order.{node.name}", _form(node), preimage)
        for node, preimage in zip(layout.nodes, preimages, strict=True)
    )
    return PassEvidence(_PASSES[part], _base64(packed) if key is None else "", values)


def _form(node: PlanNode) -> Form:
    return "rule" if node.kind is NodeKind.RULE else _FORMS.get(node.unit.base, "canonical")


def _base64(data: bytes) -> str:
    return base64.b64encode(data).decode()
