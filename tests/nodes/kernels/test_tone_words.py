"""The word list: every entry can be met in a text, and none says two things."""

from __future__ import annotations

import re

from nodes.kernels.tone_words import BAD_THINGS, CONCESSIONS, GOOD_THINGS, MOVES, NEGATIONS, PHRASES, TONE

WORD = re.compile("[a-z]+(?:-[a-z]+)*")


def test_every_entry_is_one_lower_case_word() -> None:
    entries = {
        *TONE,
        *MOVES,
        *BAD_THINGS,
        *GOOD_THINGS,
        *NEGATIONS,
        *CONCESSIONS,
        *(word for pair in PHRASES for word in pair),
    }
    assert not [entry for entry in entries if not WORD.fullmatch(entry)]


def test_no_word_is_both_a_move_and_a_tone() -> None:
    assert TONE.keys().isdisjoint(MOVES)


def test_weights_lie_on_the_scale() -> None:
    assert {*TONE.values(), *MOVES.values()} == {-2.0, -1.0, 1.0, 2.0}


def test_good_and_bad_are_both_well_covered() -> None:
    assert sum(weight > 0 for weight in TONE.values()) > 150
    assert sum(weight < 0 for weight in TONE.values()) > 200


def test_good_things_are_good_by_themselves() -> None:
    assert {TONE[word] for word in GOOD_THINGS} == {1.0}
