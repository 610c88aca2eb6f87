"""Slips: what is wrong at some character of a text, before anybody knows where that text stands in a file.

The readers of rule texts and text slots speak of offsets in their own text; `policies.marks` turns
these into faults with file, line and column. Also here: the nearest known word, for "did you mean".
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from difflib import get_close_matches

from nodes.vocabulary.errors import Fault

_QUOTED_CHARACTERS = 60


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
    near = get_close_matches(word, words, n=1)
    if near:
        return f"did you mean {near[0]}?"
    return f"use one of {', '.join(words)}" if words else "remove it"
