"""What a search found, as an answer."""

from __future__ import annotations

import msgspec

from api.use_cases.searching import Hit, Search


class SearchHit(msgspec.Struct, frozen=True):
    """Something that the text may mean.

    Attributes:
        kind: the kind of an entry, e.g. "decision"; "checkpoint" for a root that was signed; "filter" for a list.
        says: what was found, in words.
        sequence: the entry's place; null for what is no entry.
        decision_id: the decision that it is or concerns; null when it concerns none.
        filter: the parameters of `GET /internal/decisions` that list what was meant; empty for one thing.
    """

    kind: str
    says: str
    sequence: int | None
    decision_id: str | None
    filter: dict[str, str]


class SearchAnswer(msgspec.Struct, frozen=True):
    """What a text may mean in the log.

    Attributes:
        text: what was looked for.
        hits: what was found, likeliest first; at most 20.
        n_scanned: how many of the newest entries were looked through for a digest.
        is_whole: false when older entries were not looked through.
        size: number of entries in the log, as it was read.
    """

    text: str
    hits: tuple[SearchHit, ...]
    n_scanned: int
    is_whole: bool
    size: int


def search_answer(text: str, found: Search, size: int) -> SearchAnswer:
    """A search for a client."""
    return SearchAnswer(text, tuple(_hit(hit) for hit in found.hits), found.n_scanned, found.is_whole, size)


def _hit(hit: Hit) -> SearchHit:
    decision_id = None if hit.decision_id is None else hit.decision_id.hex()
    return SearchHit(hit.kind, hit.says, hit.sequence, decision_id, dict(hit.filtered_by))
