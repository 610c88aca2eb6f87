"""Logs and entries for the tests of governance: small, of fixed content, on the real store."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from pathlib import Path

from adapters.log_folder import LogFolder, log_folder
from governance.entries import Entry, EntryKind
from governance.merkle import Frontier, leaf_hash
from governance.ports import Transaction
from governance.rows import Appended
from nodes.vocabulary.chain import chained, content_of, framed

ORIGIN = "paper"
NOON = datetime(2026, 11, 20, 12, tzinfo=UTC)


def decision(number: int, bodies: tuple[bytes, ...] = (), at: datetime = NOON) -> Entry:
    """A DECISION entry that differs from others by its number."""
    facts = {"decision_id": number.to_bytes(32, "big"), "symbol": "AAPL", "order_shares": number}
    return Entry(EntryKind.DECISION, ORIGIN, at, at + timedelta(seconds=number), facts, bodies)


def keyed_decision(number: int, account_id: str, key: str) -> Entry:
    """A DECISION entry that lets an order out, for an account and under an idempotency key."""
    plain = decision(number)
    return replace(plain, facts={**plain.facts, "account_id": account_id, "key": key, "action": "act"})


def activation(strategy: str, policy_digest: bytes, at: datetime = NOON) -> Entry:
    """The ACTIVATION entry of a policy."""
    return Entry(EntryKind.ACTIVATION, ORIGIN, at, at, {"strategy": strategy, "policy_digest": policy_digest})


def with_body(transaction: Transaction, number: int) -> Appended:
    """Append a decision with a body of its own."""
    ref = transaction.put_body(f"trace {number} ".encode() * 20)
    return transaction.append(decision(number, (ref,)))


def filled(path: Path, n_entries: int) -> LogFolder:
    """A log folder with some decisions, each with its body."""
    folder = log_folder(path, ORIGIN)
    append_decisions(folder, n_entries)
    return folder


def append_decisions(folder: LogFolder, n_entries: int) -> None:
    """Append some more decisions, numbered by their sequence, in one transaction."""
    with folder.store.transaction() as transaction:
        for number in range(transaction.size, transaction.size + n_entries):
            with_body(transaction, number)


class Parted:
    """The state of an account with parts that grow, and a rest that says how many there are."""

    def __init__(self, parts: Sequence[bytes]) -> None:
        self.parts = tuple(parts)
        self.n_parts = len(self.parts)

    @property
    def rest(self) -> bytes:
        return content_of([framed(str(self.n_parts).encode())])

    def chain_of(self, n_parts: int) -> bytes:
        return chained(self.parts[:n_parts])

    def parts_from(self, place: int) -> Sequence[bytes]:
        return self.parts[place:]

    def __bytes__(self) -> bytes:
        return content_of([framed(part) for part in (*self.parts, str(self.n_parts).encode())])


class ListedHashes:
    """A source of stored hashes over a list of leaves, which counts what is read from it."""

    def __init__(self, n_leaves: int) -> None:
        self.leaves = [leaf_hash(number.to_bytes(4, "big")) for number in range(n_leaves)]
        self.frontiers: list[Frontier] = [Frontier()]
        self.levels: dict[int, list[bytes]] = {0: self.leaves}
        self.n_read = 0
        growing = Frontier()
        for leaf in self.leaves:
            for node in growing.append(leaf):
                self.levels.setdefault(node.tile_level, []).append(node.hash)
            self.frontiers.append(growing.copy())

    def hashes(self, tile_level: int, start: int, stop: int) -> list[bytes]:
        found = self.levels.get(tile_level, [])[start:stop]
        self.n_read += len(found)
        return found


def plain_root(leaves: list[bytes]) -> bytes:
    """The root by RFC 6962's own recursive words: the oracle that everything cleverer is compared with."""
    if not leaves:
        return sha256(b"").digest()
    if len(leaves) == 1:
        return leaves[0]
    split = 1
    while split * 2 < len(leaves):
        split *= 2
    return sha256(b"\x01" + plain_root(leaves[:split]) + plain_root(leaves[split:])).digest()
