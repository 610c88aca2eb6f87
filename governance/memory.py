"""What a process remembers of a log from one append to the next, so that it need not ask for it again.

Whoever locks the head and finds it as its own last commit left it knows that nobody else appended: then activations
and accounts are as it knows them, since neither changes without an entry. Another head, and all of that is forgotten.
Bodies are dropped only years after the last entry that names them, so that what a process knows of them stays good.
"""

from __future__ import annotations

from typing import NamedTuple, SupportsBytes

from governance.accounts import AccountRow
from governance.bodies import RecentBodies
from governance.changes import Changes
from governance.models import StageRow
from governance.rows import Activation, Head


class KnownAccount(NamedTuple):
    """An account as it is stored.

    Attributes:
        state: its state, as it was saved here or else its bytes.
        row: its row.
    """

    state: SupportsBytes
    row: AccountRow


class LogMemory:
    """The memory of one store of a log; whoever uses it holds the head's lock.

    Attributes:
        bodies: those that were committed lately.
        activations: the newest of each strategy that is known.
        accounts: those that are known.
        champions: all champions; None when they are not known.
    """

    def __init__(self) -> None:
        self.bodies = RecentBodies()
        self.activations: dict[str, Activation] = {}
        self.accounts: dict[str, KnownAccount] = {}
        self.champions: tuple[StageRow, ...] | None = None
        self._head: Head | None = None

    def look(self, head: Head) -> None:
        """Forget what others may have changed, when the head is not the one that was left."""
        if head != self._head:
            self.activations.clear()
            self.accounts.clear()
            self.champions = None
            self._head = head

    def learn(self, head: Head, changes: Changes) -> None:
        """Take in what a transaction committed, and the head that it left."""
        self.bodies.remember(changes.body_refs)
        self.bodies.forget(changes.dropped)
        self.activations.update(changes.activations)
        if changes.stages:
            self.champions = None
        for account_id, change in changes.accounts.items():
            self.accounts[account_id] = KnownAccount(changes.states[account_id], change.row)
        self._head = head
