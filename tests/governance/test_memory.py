"""What a process remembers of a log is good only while the head is the one that it left."""

from __future__ import annotations

from governance.accounts import account_change
from governance.changes import Changes
from governance.memory import LogMemory
from governance.rows import Activation, Head

_HEAD, _NEXT = Head("paper", 1, b"\x01" * 32, 7), Head("paper", 2, b"\x02" * 32, 7)


def _learned() -> LogMemory:
    memory, changes = LogMemory(), Changes()
    changes.activations["s"] = Activation("s", bytes(32), 0)
    changes.states["desk"] = b"state"
    changes.accounts["desk"] = account_change("desk", b"state", None)
    memory.learn(_HEAD, changes)
    return memory


def test_what_was_committed_is_remembered_under_the_same_head() -> None:
    memory = _learned()
    memory.look(_HEAD)
    assert memory.accounts["desk"].state == b"state"
    assert memory.activations["s"].sequence == 0


def test_everything_but_bodies_is_forgotten_under_another_head() -> None:
    memory = _learned()
    memory.bodies.remember({b"digest": b"ref"})
    memory.look(_NEXT)
    assert (memory.accounts, memory.activations) == ({}, {})
    assert memory.bodies.ref(b"digest") == b"ref"


def test_a_head_of_the_same_size_with_other_entries_is_another_head() -> None:
    memory = _learned()
    memory.look(_HEAD._replace(frontier=b"\x09" * 32))
    assert memory.accounts == {}
