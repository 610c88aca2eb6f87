"""A trace's digest covers everything that it says, and its body gives it back (ENG-03, ENG-10)."""

from __future__ import annotations

import hashlib
import struct
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest

from dataflows.engine import salts
from dataflows.engine.packing import Layout
from dataflows.engine.plan import NodeKind, PlanNode
from dataflows.engine.run import OrderRun, Runner
from dataflows.engine.trace import TraceDigester, TraceHeader, trace_from_body
from nodes.vocabulary.absent import Absent
from nodes.vocabulary.canonical import decode, encode
from nodes.vocabulary.errors import DataError, LogError
from nodes.vocabulary.units import Unit
from tests.dataflows.engine import tiny

AS_OF = datetime(2020, 1, 1, tzinfo=UTC)
KEY = bytes(range(32))
PLAN = tiny.generation().order
PLAIN = Runner(PLAN, "research/test", b"here")
SALTED = Runner(PLAN, "paper", b"here", is_salted=True)


def clipped(runner: Runner = PLAIN, key: bytes | None = None) -> OrderRun:
    return runner.order(tiny.order(proposed=6000, close=Decimal(1)), AS_OF, (b"\x01" * 32,), key)


def test_the_digest_of_a_known_trace_is_frozen() -> None:
    """Worked out by hand from the layout in the module's docstring; only a new scheme may change it."""
    header = TraceHeader("research/test", "d", b"p" * 32, b"q" * 32, b"e" * 32)
    seen = TraceDigester(header, Layout(()), is_salted=False).digest(AS_OF, (b"\x01" * 32,), (b"packed",), None)
    assert seen.hex() == "8f391d8df9158f6a8503250ff68a80069ba0aa40f7ff82ba2be389e1e08e2bca"


def test_a_commitment_and_a_root_follow_their_layout() -> None:
    """Worked out from the layout with hashlib alone."""
    layout = Layout([PlanNode("a", NodeKind.FUNCTION, Unit("float", float))])
    salt = hashlib.shake_256(b"assay/1/salts\x00\x00" + KEY).digest(16)
    leaf = hashlib.sha256(b"\x00\x00\x00\x00" + bytes(4) + salt + struct.pack("<d", 1.5)).digest()
    assert salts.commitments(KEY, layout, layout.packed([1.5])) == [leaf]
    assert salts.root([leaf]) == hashlib.sha256(b"\x01" + leaf).digest()


@pytest.mark.parametrize(("runner", "key"), [(PLAIN, None), (SALTED, KEY)])
def test_a_body_gives_back_the_trace_and_its_digest(runner: Runner, key: bytes | None) -> None:
    trace = clipped(runner, key).trace
    again = trace_from_body(trace.body, runner.layout)
    assert again == trace
    assert again.body == trace.body


@pytest.mark.parametrize(("runner", "key"), [(PLAIN, None), (SALTED, KEY)])
def test_the_bytes_of_a_body_are_those_of_a_struct_of_its_fields(runner: Runner, key: bytes | None) -> None:
    trace = clipped(runner, key).trace
    own = {name: getattr(trace, name) for name in ("as_of", "cites", "packed", "key")}
    assert trace.body == encode({"scheme": 3, **vars(trace.header), **own})


def test_both_sizes_of_a_clipped_order_are_traced() -> None:
    run = clipped()
    final, proposed = PLAIN.layout.passes(run.trace.packed)
    place = [node.name for node in PLAN.computed].index("order_shares")
    assert (final[place], proposed[place]) == (5000, 6000)


@pytest.mark.parametrize(
    "field", ["origin", "dataflow", "plan_digest", "policy_digest", "environment_digest", "as_of", "cites"]
)
def test_changing_anything_in_the_header_changes_the_digest(field: str) -> None:
    trace = clipped().trace
    content = decode(trace.body)
    value = content[field]
    changed: Any = value
    match value:
        case str():
            changed = value + "x"
        case bytes():
            changed = value + b"x"
        case tuple():
            changed = (*value, b"\x02" * 32)
        case datetime():
            changed = value + timedelta(microseconds=1)
    body = encode({**content, field: changed})
    assert trace_from_body(body, PLAIN.layout).digest != trace.digest


@pytest.mark.parametrize(("runner", "key"), [(PLAIN, None), (SALTED, KEY)])
def test_changing_any_packed_byte_changes_the_digest_or_is_refused(runner: Runner, key: bytes | None) -> None:
    trace = clipped(runner, key).trace
    content = decode(trace.body)
    first = content["packed"][0]
    for at in range(len(first)):
        flipped = first[:at] + bytes([first[at] ^ 1]) + first[at + 1 :]
        body = encode({**content, "packed": (flipped, content["packed"][1])})
        try:
            assert trace_from_body(body, runner.layout).digest != trace.digest
        except (LogError, DataError):
            continue


@pytest.mark.parametrize("cites", [(b"short",), (b"\x01" * 40, b"\x01" * 24), (b"\x01" * 64, b"")])
def test_cites_that_are_no_digests_are_refused(cites: tuple[bytes, ...]) -> None:
    """Cites of any length could swallow the packed bytes after them and keep the digest."""
    with pytest.raises(LogError, match=r"cites were .*, expected trace digests of 32 bytes each"):
        PLAIN.order(tiny.order(), AS_OF, cites)


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("as_of", 1),
        ("cites", "no"),
        ("cites", (None,)),
        ("packed", ()),
        ("packed", 7),
        ("packed", (1,)),
        ("key", 5),
        ("origin", b"x"),
        ("plan_digest", None),
    ],
)
def test_a_body_with_a_field_of_another_type_is_refused(field: str, value: object) -> None:
    body = encode({**decode(clipped().trace.body), field: value})
    with pytest.raises(LogError, match=r"of other types than a trace; restore it from a copy"):
        trace_from_body(body, PLAIN.layout)


def test_two_salt_keys_give_two_digests_and_a_plain_digest_is_another() -> None:
    digests = {clipped(SALTED, KEY).trace.digest, clipped(SALTED, KEY[::-1]).trace.digest, clipped().trace.digest}
    assert len(digests) == 3


def test_a_salted_run_without_a_key_is_refused() -> None:
    with pytest.raises(LogError, match="needs a key of 32 bytes, was None"):
        clipped(SALTED)


def test_a_value_can_be_redacted_and_the_root_still_verifies() -> None:
    packed = clipped(SALTED, KEY).trace.packed[0]
    kept = salts.commitments(KEY, SALTED.layout, packed)[3]
    shown = SALTED.layout.preimages(packed, salts.salts(KEY, len(SALTED.layout.nodes)))
    rest = [hashlib.sha256(preimage).digest() for preimage in shown]
    assert salts.root([*rest[:3], kept, *rest[4:]]) == SALTED.digester.commitment(packed, KEY)


def test_the_two_passes_of_a_clipped_order_share_no_commitment() -> None:
    """A value that the clip did not change must not show it, or redacting it in one pass would leak it."""
    final, proposed = clipped(SALTED, KEY).trace.packed
    first = salts.commitments(KEY, SALTED.layout, final)
    assert set(first).isdisjoint(salts.commitments(KEY, SALTED.layout.sized, proposed, 1))


def test_equal_values_have_unlike_commitments() -> None:
    layout = Layout([PlanNode(name, NodeKind.FUNCTION, Unit("float", float)) for name in ("a", "b")])
    first, second = salts.commitments(KEY, layout, layout.packed([1.0, 1.0]))
    assert first != second


def test_commitments_are_alike_however_the_packed_bytes_are_cut() -> None:
    """All values present and fixed takes another way than absences and texts do; both are one scheme."""
    layout = Layout([PlanNode(name, NodeKind.FUNCTION, Unit("float", float)) for name in ("a", "b")])
    there, half = layout.packed([1.0, 2.0]), layout.packed([1.0, Absent("b", "missing")])
    assert salts.commitments(KEY, layout, there)[0] == salts.commitments(KEY, layout, half)[0]


@pytest.mark.parametrize("body", [encode({}), encode(1), encode({"scheme": 1})])
def test_a_body_that_is_no_trace_is_refused(body: bytes) -> None:
    with pytest.raises(LogError, match="is no trace of scheme 3"):
        trace_from_body(body, PLAIN.layout)


def test_a_naive_as_of_is_refused() -> None:
    with pytest.raises(DataError, match="naive datetime"):
        PLAIN.order(tiny.order(), datetime(2020, 1, 1))  # noqa: DTZ001  # the fault under test
