"""Changes: what can be taken back to a mark, and which bodies nobody asked for."""

from __future__ import annotations

from dataclasses import replace

from governance.changes import Changes
from governance.merkle import Node
from governance.rows import Activation, Answer, CheckpointRow, OrderState, OutboundOrder, Record
from tests.governance.examples import decision

_REF = b"\x01" * 32
_RECORD = Record(0, _REF, "fill", 1, 2, None, b"data", _REF)
_ORDER = OutboundOrder("ID", "desk", _REF, 1, b"buy")


def _change_everything(changes: Changes) -> None:
    changes.append(_RECORD, [Node(1, 0, _REF)], decision(0))
    changes.put_body(b"content", _REF, b"stored")
    changes.put(changes.activations, "us", Activation("us", _REF, 0))
    changes.put(changes.states, "desk", b"newer")
    changes.put(changes.answers, ("desk", "key"), Answer("desk", "key", _REF, _REF, b"act"))
    changes.put(changes.orders, "ID", _ORDER)
    changes.put(changes.orders, "ID", _ORDER._replace(state=OrderState.SENT))
    changes.put(changes.checkpoints, 1, CheckpointRow(1, _REF, b"note"))


def test_everything_can_be_taken_back_to_what_it_was() -> None:
    changes, expected = Changes(), Changes()
    for each in (changes, expected):
        each.put(each.states, "desk", b"older")
    mark = changes.mark()
    _change_everything(changes)
    assert changes != expected
    changes.take_back(mark)
    assert changes == expected


def test_the_last_change_of_a_row_is_the_one_that_stands() -> None:
    changes = Changes()
    _change_everything(changes)
    assert changes.orders == {"ID": _ORDER._replace(state=OrderState.SENT)}


def test_a_body_is_unnamed_until_an_entry_names_it() -> None:
    changes = Changes()
    changes.put_body(b"content", _REF, b"stored")
    assert changes.unnamed == {_REF}
    changes.append(_RECORD, [], replace(decision(0), bodies=(_REF,)))
    assert changes.unnamed == set()


def test_a_body_that_was_named_since_a_mark_is_unnamed_again_when_that_is_taken_back() -> None:
    changes = Changes()
    changes.put_body(b"content", _REF, b"stored")
    mark = changes.mark()
    changes.append(_RECORD, [], replace(decision(0), bodies=(_REF,)))
    changes.take_back(mark)
    assert changes.unnamed == {_REF}


def test_changes_are_empty_until_there_is_something_to_write() -> None:
    changes = Changes()
    assert changes.is_empty
    _change_everything(changes)
    assert not changes.is_empty


def test_bodies_that_are_to_go_are_taken_back_with_the_rest() -> None:
    changes = Changes()
    mark = changes.mark()
    changes.put(changes.dropped, b"ref", True)  # noqa: FBT003  # a set that can be taken back
    changes.take_back(mark)
    assert changes.is_empty
    assert changes.dropped == {}
