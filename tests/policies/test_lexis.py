"""Words of a rule: kinds, places, and nesting counted before parsing."""

from __future__ import annotations

import pytest

from policies.lexis import MAX_DEPTH, rule_words


def test_words_keep_their_text_and_place() -> None:
    words, slips = rule_words("NOT a<=-0.5 or b in ('x')")
    assert not slips
    assert [(word.text, word.offset) for word in words] == [
        ("NOT", 0),
        ("a", 4),
        ("<=", 5),
        ("-", 7),
        ("0.5", 8),
        ("or", 12),
        ("b", 15),
        ("in", 17),
        ("(", 20),
        ("'x'", 21),
        (")", 24),
    ]


def test_keywords_are_known_in_any_case_and_names_are_not_keywords() -> None:
    words, _ = rule_words("not a And TRUE")
    assert [word.keyword for word in words] == ["NOT", "", "AND", "TRUE"]
    assert [word.is_leaf for word in words] == [False, True, False, True]


@pytest.mark.parametrize("n_brackets", [MAX_DEPTH, MAX_DEPTH + 1])
def test_brackets_are_counted_up_to_the_limit(n_brackets: int) -> None:
    _, slips = rule_words("(" * n_brackets + "a" + ")" * n_brackets)
    assert [slip.offset for slip in slips] == [MAX_DEPTH] * (n_brackets - MAX_DEPTH)


def test_many_claims_side_by_side_are_not_deep() -> None:
    _, slips = rule_words(" AND ".join(["NOT (a OR NOT b)"] * 90))
    assert slips == ()


def test_refusals_are_sorted_by_place() -> None:
    _, slips = rule_words("a -- first\n= f(b) + ?")
    assert [slip.offset for slip in slips] == sorted(slip.offset for slip in slips)
    assert len(slips) == 4
