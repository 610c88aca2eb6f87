"""Slips: what is wrong at some character of a text, before anybody knows where that text stands in a file.

The readers of rule texts and text slots speak of offsets in their own text; `policies.marks` turns
these into faults with file, line and column. Also here: the nearest known word, for "did you mean".
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from difflib import SequenceMatcher
from functools import lru_cache

from nodes.vocabulary.errors import Fault

_QUOTED_CHARACTERS = 60
_COMPARED = 4
_ALIKE = 0.6


@dataclass(frozen=True, order=True)
class Slip:
    """One thing wrong in a text.

    Attributes:
        offset: index of the offending character in the text, from 0.
        what: what is wrong, with the offending value.
        mend: what to do about it, in the imperative.
    """

    offset: int
    what: str
    mend: str

    def fault(self, file: str, line: int, column: int) -> Fault:
        """The fault that this slip is in a file where the offending character stands at line and column."""
        return Fault(file, line, column, self.what, self.mend)


def quoted(value: object) -> str:
    """A text in quotes, or another value as Python writes it, for a message; shortened when it is long."""
    text = value if isinstance(value, str) else repr(value)
    shown = text[:_QUOTED_CHARACTERS]
    if isinstance(value, str):
        shown = repr(shown)
    return shown if len(text) <= _QUOTED_CHARACTERS else f"{shown}... ({len(text)} characters)"


def suggestion(word: str, known: Iterable[str]) -> str:
    """The mend for an unknown word: the nearest known one, or the list of those there are."""
    words = sorted(known)
    near = nearest(word, words)
    if near:
        return f"did you mean {near}?"
    return f"use one of {', '.join(words)}" if words else "remove it"


def nearest(word: str, known: Iterable[str]) -> str:
    """The known word that is most alike, or "" when none is alike enough.

    Comparing two words letter by letter is slow, and a text may have thousands of unknown ones: only the few that
    share most runs of three letters are compared so.
    """
    runs = _runs(word)
    shared = sorted(((-len(runs & _runs(other)), other) for other in known), key=lambda item: item[0])
    alike = [(_likeness(word, other), other) for n_shared, other in shared[:_COMPARED] if n_shared]
    likeness, found = max(alike, default=(0.0, ""))
    return found if likeness >= _ALIKE else ""


@lru_cache(maxsize=4096)
def _runs(word: str) -> frozenset[str]:
    padded = f"^{word[:_QUOTED_CHARACTERS]}$"
    return frozenset(padded[at : at + 3] for at in range(len(padded) - 2)) | {padded[:2], padded[-2:]}


def _likeness(word: str, other: str) -> float:
    return SequenceMatcher(None, word[:_QUOTED_CHARACTERS], other[:_QUOTED_CHARACTERS]).ratio()
