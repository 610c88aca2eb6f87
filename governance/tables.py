"""Which content the tables of a lake had that a session was decided on.

The plan entry says it by name, version and digest, and the session's trace cites the digest of all of it: what the
entry says is bound to what was computed. A version is a pointer for whoever has the lake; what the run saw is archived
in slices, so that a replay needs no lake.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from nodes.vocabulary.canonical import digest, encode
from nodes.vocabulary.errors import LogError

FACT = "tables"
"""The fact of a plan entry; entries of sessions on bundled data have none."""


@dataclass(frozen=True, slots=True)
class TableRead:
    """A table as it was read.

    Attributes:
        name: of the table.
        version: its version then; a compaction changes it and not the digest.
        digest: over everything that was stored in it by then.
    """

    name: str
    version: int
    digest: str


def tables_facts(tables: Iterable[TableRead]) -> dict[str, Any]:
    """What a plan entry says of tables; nothing when none was read."""
    said = {each.name: {"version": each.version, "digest": each.digest} for each in tables}
    return {FACT: said} if said else {}


def tables_cited(tables: Iterable[TableRead]) -> tuple[bytes, ...]:
    """What the session's trace cites for them; nothing when none was read."""
    return tuple(_digest(said) for said in tables_facts(tables).values())


def tables_read(facts: Mapping[str, Any], cites: tuple[bytes, ...]) -> tuple[TableRead, ...]:
    """The tables that a plan entry names, sorted by name.

    Args:
        facts: of the entry.
        cites: what the trace of its session cites.

    Raises:
        LogError: the trace cites others, or they are said otherwise than an entry says them.
    """
    said = facts.get(FACT, {})
    if said and _digest(said) not in cites:
        message = (
            f"the plan entry names the tables {', '.join(sorted(said))}, which the trace of its session does not cite"
        )
        raise LogError(f"{message}; restore the log from a copy")
    try:
        return tuple(TableRead(name, said[name]["version"], said[name]["digest"]) for name in sorted(said))
    except (KeyError, TypeError) as error:
        raise LogError(f"the plan entry says of tables {said!r:.200}; restore the log from a copy") from error


def _digest(said: Mapping[str, Any]) -> bytes:
    return digest("lake-tables", encode(said))
