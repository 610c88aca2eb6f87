"""What a decision's entry says of the rows that follow from it: its answer and its order.

The rows are working state under a seal that anybody can make. What convicts a forger is that a decision's entry, which
the tree and its checkpoints hold, says the same things by the same names. A digest of them is kept for each decision
while a log is verified, since there may be millions.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import Any, NamedTuple

from nodes.vocabulary.canonical import decode, digest, encode
from nodes.vocabulary.errors import DataError

ANSWER_NAMES = (
    "decision_id",
    "symbol",
    "verdict",
    "action",
    "proposed_order_shares",
    "order_shares",
    "size_reason",
    "venue",
    "limit_price_usd",
    "route",
    "policy_digest",
)
ORDER_NAMES = ("decision_id", "symbol", "order_shares", "limit_price_usd", "route", "replaces", "instructions")


class Said(NamedTuple):
    """Some named values of an entry.

    Attributes:
        names: those that the entry has.
        digest: of their values, in this order.
    """

    names: tuple[str, ...]
    digest: bytes


def said(names: Sequence[str], facts: Mapping[str, Any]) -> Said:
    """What the facts of an entry say under those of some names that they have."""
    found = _shared(tuple(name for name in names if name in facts))
    return Said(found, _digest(found, facts))


def contradiction(row: bytes | None, entry: Said, **columns: object) -> str | None:
    """Why the bytes of an answer or an order are not what the entry and columns beside them say; None when they are."""
    if not entry.names:
        return None
    try:
        content = decode(row or b"")
    except DataError:
        content = None
    if not isinstance(content, Mapping):
        return "its bytes say nothing"
    missing = [name for name in entry.names if name not in content]
    if missing:
        return f"it does not say {', '.join(missing)}"
    if _digest(entry.names, content) != entry.digest:
        return f"it does not say what the entry says of {', '.join(entry.names)}"
    other = [name for name in entry.names if content[name] != columns.get(name, content[name])]
    return f"it does not say what its columns say of {', '.join(other)}" if other else None


def _digest(names: tuple[str, ...], values: Mapping[str, Any]) -> bytes:
    return digest("said", encode(tuple(values[name] for name in names)))


@lru_cache(maxsize=64)
def _shared(names: tuple[str, ...]) -> tuple[str, ...]:
    """One object for equal names: every decision of a kind has the same."""
    return names
