"""The tone of a financial headline by a list of words: the baseline that needs no model, no training and no package.

A word counts what `tone_words` says. Beyond single words:

- a good thing counts only where nothing is said of it: profit falls, weak demand;
- a move of something of which more is worse counts the other way: losses narrow, costs rise;
- a negation turns the words that follow it within three, and halves them: "not strong" is less bad than "weak";
- a concession halves the rest of its clause: profit rises despite weak sales.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import lru_cache
from itertools import takewhile

from nodes.kernels.tone_words import BAD_THINGS, CONCESSIONS, GOOD_THINGS, MOVES, NEGATIONS, PHRASES, TONE
from nodes.vocabulary.canonical import digest, digest_text, encode

VERSION = 1
_REACH_WORDS = 3
_DAMPING = 0.5
_TOKENS = re.compile(r"[a-z]+(?:[-'][a-z]+)*|[,;:.!?]")
_CLAUSE_ENDS = frozenset(",;:.!?")
_SAYING = frozenset({*MOVES, *TONE}) - GOOD_THINGS
_SPEAKING = frozenset({*MOVES, *TONE, *(first for first, _ in PHRASES)})


def tone(text: str) -> float | None:
    """What the words of a text say, from -1 (bad) to 1 (good).

    Formula: s / (1 + |s|), s the sum of its words' weights, turned and halved as the module says.
    Unit: fraction of the scale. Missing: None when the text has none of the words; never zero.
    Source: own.
    """
    words = _TOKENS.findall(text.lower().replace("\u2019", "'"))
    weights = [weight for at in range(len(words)) if (weight := _weight(words, at)) is not None]
    if not weights:
        return None
    total = sum(weights)
    return total / (1.0 + abs(total))


@lru_cache(maxsize=1)
def lexicon_digest() -> str:
    """Digest of the words and of the version of the rules."""
    tables = {
        "version": VERSION,
        "tone": dict(TONE),
        "moves": dict(MOVES),
        "good_things": GOOD_THINGS,
        "bad_things": BAD_THINGS,
        "phrases": {" ".join(pair): weight for pair, weight in PHRASES.items()},
        "negations": NEGATIONS,
        "concessions": CONCESSIONS,
    }
    return digest_text(digest("tone lexicon", encode(tables)))


def _weight(words: Sequence[str], at: int) -> float | None:
    """The weight of the word at a position, or None when it has none."""
    if words[at] not in _SPEAKING:
        return None
    weight = _own_weight(words, at)
    if weight is None:
        return None
    if not NEGATIONS.isdisjoint(_before(words, at)):
        weight *= -_DAMPING
    return weight * _DAMPING if _is_conceded(words, at) else weight


def _own_weight(words: Sequence[str], at: int) -> float | None:
    """What a word says before negations and concessions; a phrase says it at its first word."""
    word, last, following = words[at], "".join(words[at - 1 : at]), "".join(words[at + 1 : at + 2])
    if (last, word) in PHRASES:
        return None
    if (word, following) in PHRASES:
        return PHRASES[word, following]
    around = {*_before(words, at), *_after(words, at)}
    if word in MOVES:
        return MOVES[word] if BAD_THINGS.isdisjoint(around) else -MOVES[word]
    if word in BAD_THINGS and not MOVES.keys().isdisjoint(around):
        return None
    if word in GOOD_THINGS and not _SAYING.isdisjoint(around):
        return None
    return TONE.get(word)


def _before(words: Sequence[str], at: int) -> Sequence[str]:
    """The words of the clause up to three before a position."""
    near = words[max(0, at - _REACH_WORDS) : at]
    ends = [place for place, word in enumerate(near) if word in _CLAUSE_ENDS]
    return near[ends[-1] + 1 :] if ends else near


def _after(words: Sequence[str], at: int) -> Sequence[str]:
    """The words of the clause up to three after a position."""
    near = words[at + 1 : at + 1 + _REACH_WORDS]
    return list(takewhile(lambda word: word not in _CLAUSE_ENDS, near))


def _is_conceded(words: Sequence[str], at: int) -> bool:
    """Whether a concession stands before the word in its clause."""
    clause = takewhile(lambda word: word not in _CLAUSE_ENDS, reversed(words[:at]))
    return any(word in CONCESSIONS for word in clause)
