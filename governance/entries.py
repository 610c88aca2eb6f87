"""What one entry of a decision log says, and the ids that follow from its content.

An entry is a struct of canonical bytes (`nodes.vocabulary.canonical`), scheme 1; its Merkle leaf is taken over
exactly these bytes. Bulky content (traces, policies, sources) lives in the body store; an entry names every
body that is needed to re-create what it says, as a flat closure. How entries become a tree: `governance.merkle`.
"""

from __future__ import annotations

import base64
import struct
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import Enum
from functools import lru_cache
from typing import Any

from nodes.vocabulary.canonical import digest, encode
from nodes.vocabulary.errors import DataError, LogError
from nodes.vocabulary.instants import instant_ns
from nodes.vocabulary.reading import read
from nodes.vocabulary.shapes import struct_bytes

SCHEME = 1
MAX_ENTRY_BYTES = 65_535
"""Entry bundles of C2SP tlog-tiles prefix each entry with a 16-bit length."""

_CL_ORD_ID_BYTES = 15
_LENGTH = struct.Struct(">Q")
_LONG = struct.Struct(">q")


class EntryKind(Enum):
    """What an entry records.

    A PROPOSAL asks for an activation, a WITHDRAWAL takes one back, a POLICY_FAULT says why a candidate was refused; a
    CHARGE is what holding cost an account, an ACKNOWLEDGEMENT is a broker's word about an order, a CANCEL takes a
    working order back, a CANCEL_REQUEST asks a broker to, a REPLACE_REQUEST asks it to put another order in its
    place. A CORRECTION with an `exec_ref_id` says what an execution that was reported should have said, or that it
    never was, see `governance.verify_executions`. A THROTTLE disables the automated execution of an account, or lets it
    go on. A JOURNAL books what has no other source, see `governance.bookings`.

    Of models: MODEL registers a version, MODEL_STAGE moves it on, GATE records what the rules of a policy said of it, a
    PROMOTION_PROPOSAL asks that it become champion, a PROMOTION makes it so, a ROLLBACK makes an earlier champion so
    again, a PROMOTION_WITHDRAWAL takes a proposal back, a RETIREMENT ends its time. A SHADOW is what a version that
    does not decide said of a session: nothing follows from it. An INCIDENT begins or closes the record of something
    that went wrong. A RECONCILIATION is what became of a broker's statement, with its bytes and what they were held to.

    A POLICY_STAGE moves a policy version on: checked, in the shadow, canary, ended, see `governance.policy_stages`.

    A RETENTION names the bodies that were dropped and the policy that let them go, a HOLD places or releases a legal
    hold, see `governance.retention`.
    """

    GENESIS = "genesis"
    ACTIVATION = "activation"
    PLAN = "plan"
    DECISION = "decision"
    FILL = "fill"
    EXPIRY = "expiry"
    CORPORATE_ACTION = "corporate-action"
    CHARGE = "charge"
    KILL_SWITCH = "kill-switch"
    THROTTLE = "throttle"
    CORRECTION = "correction"
    REFUSAL = "refusal"
    PROPOSAL = "proposal"
    WITHDRAWAL = "withdrawal"
    POLICY_FAULT = "policy-fault"
    POLICY_STAGE = "policy-stage"
    ACKNOWLEDGEMENT = "acknowledgement"
    CANCEL = "cancel"
    CANCEL_REQUEST = "cancel-request"
    REPLACE_REQUEST = "replace-request"
    MODEL = "model"
    MODEL_STAGE = "model-stage"
    GATE = "gate"
    PROMOTION_PROPOSAL = "promotion-proposal"
    PROMOTION_WITHDRAWAL = "promotion-withdrawal"
    PROMOTION = "promotion"
    ROLLBACK = "rollback"
    RETIREMENT = "retirement"
    SHADOW = "shadow"
    INCIDENT = "incident"
    JOURNAL = "journal"
    RECONCILIATION = "reconciliation"
    RETENTION = "retention"
    HOLD = "hold"


_text = lru_cache(maxsize=256)(encode)
# The canonical bytes of a struct of eight fields, cut where the values go. A log appends thousands of these a
# second; a property test holds them equal to `encode` of the same struct.
_FIELDS = ("as_of", "bodies", "cites", "facts", "kind", "origin", "recorded_at", "scheme")
_AS_OF = b"S" + _LENGTH.pack(len(_FIELDS)) + _text("as_of") + b"@"
_BODIES, _CITES, _FACTS, _KIND, _ORIGIN = (_text(name) for name in _FIELDS[1:6])
_RECORDED_AT = _text("recorded_at") + b"@"
_SCHEME = _text("scheme") + encode(SCHEME)
_NO_DIGESTS = encode(())
_TYPES = {"as_of": datetime, "recorded_at": datetime, "origin": str, "facts": dict, "bodies": tuple, "cites": tuple}
_KINDS = {kind: encode(kind.value) for kind in EntryKind}


@dataclass(frozen=True, slots=True)
class Entry:
    """One entry of a log.

    Attributes:
        kind: what the entry records.
        origin: the log it belongs to, e.g. "live" or "research/2005-2013".
        as_of: when it was true.
        recorded_at: when the log learned of it; never earlier than that of the entry before it.
        facts: small named values of the canonical vocabulary. `decision_id` (bytes) is the fact by which an
            entry is found again: a decision names its own, a fill the one that it fills.
        bodies: refs of every stored body that the entry needs, directly or through another body.
        cites: ids of the entries or runs that this one stands on.
    """

    kind: EntryKind
    origin: str
    as_of: datetime
    recorded_at: datetime
    facts: Mapping[str, Any] = field(default_factory=dict)
    bodies: tuple[bytes, ...] = ()
    cites: tuple[bytes, ...] = ()

    @property
    def data(self) -> bytes:
        """The canonical bytes of the entry: what the Merkle leaf is taken over."""
        return entry_data(self, instant_ns(self.as_of), instant_ns(self.recorded_at))

    @property
    def entry_id(self) -> bytes:
        """The digest of the entry's bytes: equal for equal content, wherever it stands in a log."""
        return entry_id(self.data)

    @property
    def decision_id(self) -> bytes | None:
        """The decision that the entry is or concerns; None when it concerns none."""
        found = self.facts.get("decision_id")
        return found if isinstance(found, bytes) else None


def _digests(digests: tuple[bytes, ...]) -> bytes:
    if not digests:
        return _NO_DIGESTS
    items = b"".join(b"Y" + _LENGTH.pack(len(each)) + each for each in digests)
    return b"L" + _LENGTH.pack(len(digests)) + items


def entry_data(entry: Entry, as_of_ns: int, recorded_at_ns: int) -> bytes:
    """The canonical bytes of an entry whose two instants are known in nanoseconds."""
    return b"".join(
        (
            _AS_OF,
            _LONG.pack(as_of_ns),
            _BODIES,
            _digests(entry.bodies),
            _CITES,
            _digests(entry.cites),
            _FACTS,
            struct_bytes(entry.facts) if entry.facts.__class__ is dict else encode(entry.facts),
            _KIND,
            _KINDS[entry.kind],
            _ORIGIN,
            _text(entry.origin),
            _RECORDED_AT,
            _LONG.pack(recorded_at_ns),
            _SCHEME,
        ),
    )


def entry_id(data: bytes) -> bytes:
    """The id of the entry with these canonical bytes."""
    return digest("entry", data)


def entry_from_data(data: bytes) -> Entry:
    """The entry that canonical bytes say. Raises LogError when they say none."""
    try:
        return _entry(data)
    except (DataError, TypeError, KeyError, ValueError) as error:
        message = f"bytes {data[:16].hex()}... are no log entry: {error}; restore the log from a copy"
        raise LogError(message) from error


def _entry(data: bytes) -> Entry:
    entry = _entry_of(read(data))
    if entry.data != data:
        message = "they are not the one form of what they say"
        raise ValueError(message)
    return entry


def _entry_of(content: Any) -> Entry:  # noqa: ANN401  # whatever the bytes held
    if not isinstance(content, dict):
        message = f"{type(content).__name__} instead of a struct"
        raise TypeError(message)
    if content.keys() != set(_FIELDS) or content["scheme"] != SCHEME:
        message = f"fields {sorted(content)}, scheme {content.get('scheme')!r}, expected scheme {SCHEME}"
        raise ValueError(message)
    wrong = [name for name, kind in _TYPES.items() if not isinstance(content[name], kind)]
    wrong += [name for name in ("bodies", "cites") if not all(isinstance(each, bytes) for each in content[name])]
    if wrong:
        message = f"fields {wrong} of another type than an entry's"
        raise TypeError(message)
    return Entry(
        EntryKind(content["kind"]),
        content["origin"],
        content["as_of"],
        content["recorded_at"],
        content["facts"],
        content["bodies"],
        content["cites"],
    )


def genesis_entry(origin: str, verifier_key: str, at: datetime) -> Entry:
    """The first entry of a log: its name and the key that its checkpoints are signed with."""
    facts = {"verifier_key": verifier_key, "entry_scheme": SCHEME}
    return Entry(EntryKind.GENESIS, origin, at, at, facts)


def decision_id(origin: str, trace_digest: bytes, principal: str, key: str) -> bytes:
    """The id of a decision: who asked for what under which idempotency key, and what was computed."""
    return digest("decision", origin.encode(), trace_digest, principal.encode(), key.encode())


@lru_cache(maxsize=4096)  # asked for when orders are looked up, and again when one is sent
def cl_ord_id(account_id: str, key: str) -> str:
    """The ClOrdID (FIX tag 11) of the order that an account asked for under an idempotency key.

    24 characters of A-Z and 2-7 (120 bits of the digest), so that the same request can never reach a broker
    under two ids.
    """
    return base64.b32encode(digest("cl-ord-id", account_id.encode(), key.encode())[:_CL_ORD_ID_BYTES]).decode()


def child_cl_ord_id(order_id: str, place: int) -> str:
    """The ClOrdID of one part of a routed order, from that of the order and the part's place in the route, from 0.

    Like its parent's it follows from what was asked, so that a part can never reach a venue under two ids.
    """
    octets = digest("child-cl-ord-id", order_id.encode(), place.to_bytes(4, "big"))[:_CL_ORD_ID_BYTES]
    return base64.b32encode(octets).decode()
