"""How the state of an account is kept: its parts that only grow are rows of their own, the rest is one row.

The state of an account that trades is a sequence of parts (`nodes.vocabulary.chain`): one for each working order, then
a few small ones. Written as one row it would be written whole with every order. So the parts that came first stand in
rows of their own, and the account's row has the rest, with the number of those parts and the chain over them: an order
that was accepted costs one more part, however many there are.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple, Protocol, SupportsBytes, TypeGuard

from nodes.vocabulary.chain import CHAIN_START, chained, content_of, framed, parts_of
from nodes.vocabulary.errors import DataError, LogError


class GrowingState(SupportsBytes, Protocol):
    """A state whose first parts stay as they are while it grows; its bytes are all parts in one content."""

    @property
    def n_parts(self) -> int:
        """How many parts are kept in rows of their own."""
        ...

    @property
    def rest(self) -> bytes:
        """The content of the parts that follow them."""
        ...

    def chain_of(self, n_parts: int) -> bytes:
        """The chain over the first so many parts."""
        ...

    def parts_from(self, place: int) -> Sequence[bytes]:
        """The parts from a place on that are kept in rows of their own."""
        ...


class AccountRow(NamedTuple):
    """The row of an account.

    Attributes:
        account_id: whose it is.
        content: its state without the parts that are kept in rows of their own.
        n_parts: how many of those there are.
        chain: the chain over them.
    """

    account_id: str
    content: bytes
    n_parts: int
    chain: bytes


class AccountPart(NamedTuple):
    """A part of an account's state at its place."""

    account_id: str
    place: int
    part: bytes


class AccountChange(NamedTuple):
    """What is written of an account.

    Attributes:
        row: its new row.
        n_stale: how many parts are stored that are to go, those at the places after `n_kept`.
        n_kept: how many of the stored parts stay.
        parts: the parts that come after them.
    """

    row: AccountRow
    n_stale: int
    n_kept: int
    parts: tuple[AccountPart, ...]


def account_change(account_id: str, state: SupportsBytes, stored: AccountRow | None) -> AccountChange:
    """What is to be written so that what is stored of an account becomes a state."""
    n_stored = 0 if stored is None else stored.n_parts
    if not _grows(state):
        return AccountChange(AccountRow(account_id, bytes(state), 0, CHAIN_START), n_stored, 0, ())
    n_parts = state.n_parts
    extends = stored is not None and n_stored <= n_parts and state.chain_of(n_stored) == stored.chain
    n_kept = n_stored if extends else 0
    parts = tuple([AccountPart(account_id, n_kept + at, part) for at, part in enumerate(state.parts_from(n_kept))])
    return AccountChange(
        AccountRow(account_id, state.rest, n_parts, state.chain_of(n_parts)), n_stored - n_kept, n_kept, parts
    )


def _grows(state: SupportsBytes) -> TypeGuard[GrowingState]:
    return hasattr(state, "parts_from")  # of a Protocol, isinstance would ask for every value as well


def whole_content(row: AccountRow, parts: Sequence[AccountPart]) -> bytes:
    """The bytes of the state that an account's row and its parts hold. Raises LogError when they do not fit."""
    if row.n_parts != len(parts) or [part.place for part in parts] != list(range(len(parts))):
        message = f"account {row.account_id!r} should have {row.n_parts} parts in order, has {len(parts)}; {_MEND}"
        raise LogError(message)
    try:
        if chained(part.part for part in parts) != row.chain:
            message = f"account {row.account_id!r} has parts that its row does not know; {_MEND}"
            raise LogError(message)
        if not parts:
            return row.content
        return content_of([framed(each) for each in (*(part.part for part in parts), *parts_of(row.content))])
    except (DataError, TypeError) as error:
        message = f"account {row.account_id!r} cannot be read: {error}; {_MEND}"
        raise LogError(message) from error


_MEND = "restore it from a copy"
