"""How hard a text is to read: the grade of Flesch and Kincaid.

Formula: 0.39 words / sentences + 11.8 syllables / words - 15.59
Source: Kincaid, Fishburne, Rogers, Chissom (1975), Derivation of New Readability Formulas for Navy Enlisted Personnel,
Research Branch Report 8-75. Syllables are counted by groups of vowels, a silent e at the end left out; a number or a
ticker counts as one syllable, since its digits are read at sight.
"""

from __future__ import annotations

import re

_SENTENCE = re.compile(r"[.!?:](?:\s|$)")
_WORD = re.compile(r"[A-Za-z][A-Za-z']*|[-+$]?\d[\d,.]*")
_VOWELS = re.compile(r"[aeiouy]+")


def reading_grade(text: str) -> float:
    """School years that it takes to read a text at first sight."""
    words = _WORD.findall(text)
    n_sentences = max(1, len(_SENTENCE.findall(text)))
    return 0.39 * len(words) / n_sentences + 11.8 * sum(map(syllables, words)) / len(words) - 15.59


def syllables(word: str) -> int:
    """How many syllables a word has."""
    if not word[0].isalpha() or word.isupper():
        return 1
    plain = word.lower().replace("'", "")
    silent = len(plain) > 2 and plain.endswith("e") and plain[-2] not in "aeiouy" and not plain.endswith("le")
    quiet = len(plain) > 3 and plain.endswith("ed") and plain[-3] not in "aeiouytd"
    return max(1, len(_VOWELS.findall(plain)) - silent - quiet)
