"""Which texts say what another one said before: the same address, or nearly the same words within a few days.

The rule is a sequence of comparisons with texts that came earlier, so what comes later never changes what stood.

1. Two texts at one address are one. An address is compared without scheme, "www.", fragment and the parameters that
   only track readers.
2. Two texts are one when they came within three days, and of all words in either, four fifths are in both. Numbers and
   words with a tone must be the same: "raises forecast" and "cuts forecast" differ in one word. A text of fewer than
   four words is compared by its address only.

A publisher's name behind the headline (" - Reuters", " | FT") is not part of it.
"""

from __future__ import annotations

import re
from collections import defaultdict, deque
from collections.abc import Sequence
from dataclasses import dataclass

from nodes.kernels.tone_words import MOVES, NEGATIONS, TONE

WINDOW_NS = 3 * 86_400 * 10**9
_SHARED, _OF = 4, 5  # whole numbers: a product of floats would miss by a bit what is exactly four fifths
MIN_WORDS = 4
_WORDS = re.compile(r"\w+(?:[.,'-]\w+)*")
_PUBLISHER = re.compile(r"\s+[-|\u2013\u2014]\s+[^-|\u2013\u2014]{1,40}$")
_ADDRESS = re.compile(r"\s*[a-zA-Z][a-zA-Z0-9+.-]*://(?P<host>[^/?#\s]+)(?P<path>[^?#\s]*)(?:\?(?P<query>[^#\s]*))?")
_TRACKING = re.compile("(?:utm_[a-z_]*|fbclid|gclid|ref|src|cmpid)(?:=|$)")
_TELLING = frozenset({*TONE, *MOVES, *NEGATIONS})


@dataclass(frozen=True, slots=True)
class Words:
    """What a text is compared by.

    Attributes:
        all: its words.
        telling: its numbers and the words that have a tone.
    """

    all: frozenset[str]
    telling: frozenset[str]

    @property
    def keys(self) -> list[tuple[frozenset[str], str]]:
        """Of two texts that are one, these have one in common at least, so that no others need comparing.

        Two sets that share four fifths of their words share one of the first fifth (and one more) of either in any
        fixed order of words; the longest come first, being the rarest.
        """
        n_needed = -(-_SHARED * len(self.all) // _OF)
        ordered = sorted(self.all, key=lambda word: (-len(word), word))
        return [(self.telling, word) for word in ordered[: len(ordered) - n_needed + 1]]


_Recent = dict[tuple[frozenset[str], str], deque[int]]


def originals(addresses: Sequence[str | None], texts: Sequence[str], at_ns: Sequence[int]) -> list[int]:
    """For each text the position of the one that said it first: its own where none did.

    Args:
        addresses: where each text stands; None where that is unknown.
        texts: the headlines, in the order in which they became known.
        at_ns: when each became known.
    """
    by_address: dict[str, int] = {}
    recent: _Recent = defaultdict(deque)
    words = [headline_words(text) for text in texts]
    found: list[int] = []
    for row, address in enumerate(addresses):
        place = plain_address(address)
        first = by_address.get(place) if place else None
        if first is None:
            first = _said_before(row, words, at_ns, recent)
        found.append(row if first is None else first)
        if place:
            by_address.setdefault(place, found[row])
        if first is None:
            for key in words[row].keys:
                recent[key].append(row)
    return found


def headline_words(text: str) -> Words:
    """The words of a headline without its publisher's name."""
    words = frozenset(_WORDS.findall(_PUBLISHER.sub("", text.strip()).lower()))
    return Words(words, frozenset(word for word in words if word in _TELLING or any(map(str.isdigit, word))))


def plain_address(address: str | None) -> str | None:
    """An address without what does not say which page it is; None when it names no page."""
    parts = _ADDRESS.match(address or "")
    if parts is None:
        return None
    host, path = parts["host"].lower().removeprefix("www."), parts["path"].rstrip("/")
    asked = [part for part in (parts["query"] or "").split("&") if part and not _TRACKING.match(part.lower())]
    return f"{host}{path}?{'&'.join(sorted(asked))}" if path or asked else None


def _said_before(row: int, words: Sequence[Words], at_ns: Sequence[int], recent: _Recent) -> int | None:
    """The first text of the window that has nearly the same words."""
    own = words[row]
    if len(own.all) < MIN_WORDS:
        return None
    near: set[int] = set()
    for key in own.keys:
        others = recent[key]
        while others and at_ns[row] - at_ns[others[0]] > WINDOW_NS:
            others.popleft()
        near.update(others)
    return min((other for other in near if _is_same(own, words[other])), default=None)


def _is_same(own: Words, other: Words) -> bool:
    return _OF * len(own.all & other.all) >= _SHARED * len(own.all | other.all)
