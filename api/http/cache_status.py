"""Old answers in the words of HTTP: Age (RFC 9111) and Cache-Status (RFC 9211), and what a client asks of a cache.

An answer without an Age was asked for just now. One with an Age came from memory; a negative `ttl` says by how much it
is no longer fresh, and `detail` why asking again failed. A member `lake` before ours tells the same of a feed.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from adapters.upstreams.kept import How, Kept
from api.use_cases.feed_outages import FeedStanding

CACHE = "assay"
LAKE = "lake"
STATUS = "cache-status"
BYPASSED = {"cache-status": f"{CACHE}; fwd=bypass"}
"""Headers of an answer that is never kept."""
_NOT_FROM_MEMORY = frozenset({"no-cache", "no-store", "max-age=0"})
_MAX_DETAIL = 200


def wants_fresh(cache_control: str | None) -> bool:
    """Whether a client's Cache-Control refuses answers from memory."""
    asked = "" if cache_control is None else cache_control.lower()
    return not _NOT_FROM_MEMORY.isdisjoint(directive.strip().replace(" ", "") for directive in asked.split(","))


def cache_headers(kept: Kept[Any], *, is_fresh_wanted: bool = False) -> dict[str, str]:
    """The headers that tell how an answer came about."""
    if kept.how in {How.ASKED, How.JOINED}:
        why = "request" if is_fresh_wanted else "stale" if kept.had_older else "uri-miss"
        more = "; collapsed" if kept.how is How.JOINED else "; stored" if kept.is_kept else ""
        return {"cache-status": f"{CACHE}; fwd={why}{more}"}
    detail = f'; detail="{_quotable(kept.because)}"' if kept.because else ""
    ttl_s = int(kept.fresh_s - kept.age_s) if kept.how is How.FRESH else -max(1, int(kept.age_s - kept.fresh_s))
    return {"age": str(int(kept.age_s)), "cache-status": f"{CACHE}; hit; ttl={ttl_s}{detail}"}


def with_feeds(headers: Mapping[str, str], feeds: Iterable[FeedStanding]) -> dict[str, str]:
    """The headers with what feeds the tables of an answer: the lake is a cache of vendors, nearer to them than ours.

    Its `ttl` is how long what a feed has brought stays within the tolerance of policy; negative when it is beyond.
    """
    members = [
        f'{LAKE}; hit; ttl={int(each.terms.tolerance_s - each.age_s)}; detail="{_quotable(_feed_words(each))}"'
        for each in feeds
        if each.terms is not None and each.age_s is not None
    ]
    return {**headers, STATUS: ", ".join([*members, headers[STATUS]])}


def _feed_words(each: FeedStanding) -> str:
    return each.feed.feed if each.feed.n_failures == 0 else f"{each.feed.feed}: {each.feed.outcome}"


def _quotable(text: str) -> str:
    """A text as the inside of a structured field's string (RFC 9651, 3.3.3): printable ASCII, quotes escaped."""
    plain = "".join(sign if " " <= sign <= "~" else "?" for sign in text[:_MAX_DETAIL])
    return plain.replace("\\", "\\\\").replace('"', '\\"')
