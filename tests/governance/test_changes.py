"""Layers of changes: what one takes in from the layer above it, and which bodies nobody asked for."""

from __future__ import annotations

from governance.changes import Changes
from governance.merkle import Node
from governance.rows import Account, Activation, Answer, CheckpointRow, OutboundOrder, Record

_REF = b"\x01" * 32


def _full() -> Changes:
    record = Record(0, _REF, "fill", 1, 2, None, b"data", _REF)
    return Changes(
        records=[record],
        nodes=[Node(1, 0, _REF)],
        bodies={_REF: b"stored"},
        body_refs={b"content": _REF},
        needed={_REF},
        activations={"us": Activation("us", _REF, 0)},
        accounts={"desk": Account("desk", b"state")},
        answers={("desk", "key"): Answer("desk", "key", _REF, _REF, b"act")},
        orders={"ID": OutboundOrder("ID", "desk", _REF, b"buy")},
        marked={"ID": OutboundOrder("ID", "desk", _REF, b"buy")},
        checkpoints={1: CheckpointRow(1, _REF, b"note")},
    )


def test_a_layer_takes_in_everything_of_the_layer_above_it() -> None:
    lower = Changes()
    lower.absorb(_full())
    assert lower == _full()


def test_what_an_upper_layer_says_of_the_same_row_wins_and_entries_follow_in_order() -> None:
    lower, upper = _full(), _full()
    upper.accounts["desk"] = Account("desk", b"newer")
    lower.absorb(upper)
    assert lower.accounts == {"desk": Account("desk", b"newer")}
    assert len(lower.records) == 2


def test_a_body_that_no_entry_of_its_layer_needs_is_an_orphan() -> None:
    changes = _full()
    assert changes.orphans == set()
    changes.needed.clear()
    assert changes.orphans == {_REF}
