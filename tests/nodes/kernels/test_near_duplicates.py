"""Which texts are one: addresses, near-identical words, and what must never be taken for the same."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nodes.kernels.near_duplicates import WINDOW_NS, originals, plain_address

HEADLINE = "Tesco sales rise for the third quarter in a row"


def pair(first: str, second: str, gap_ns: int = 1) -> bool:
    """Whether the second of two headlines is taken for the first."""
    return originals([None, None], [first, second], [0, gap_ns]) == [0, 0]


@pytest.mark.parametrize(
    "second",
    [
        HEADLINE,
        HEADLINE.upper(),
        f"{HEADLINE} - Reuters",
        f"{HEADLINE} | Financial Times",
        f"{HEADLINE}!",
        "Tesco sales rise for third quarter in a row",
    ],
)
def test_near_identical_headlines_are_one(second: str) -> None:
    """SVC-SNT-03."""
    assert pair(HEADLINE, second)


@pytest.mark.parametrize(
    ("first", "second"),
    [
        (HEADLINE, HEADLINE.replace("rise", "fall")),
        (HEADLINE, HEADLINE.replace("rise", "do not rise")),
        ("Apple to buy back 10 billion of its shares", "Apple to buy back 90 billion of its shares"),
        ("Profit of Tesco for 2018 is out now", "Profit of Tesco for 2019 is out now"),
        ("To the moon", "To the moon"),
        (HEADLINE, "Tesco opens a shop"),
    ],
)
def test_headlines_that_differ_in_what_they_say_stay_apart(first: str, second: str) -> None:
    assert not pair(first, second)


def test_the_same_words_long_after_are_news_again() -> None:
    assert pair(HEADLINE, HEADLINE, WINDOW_NS)
    assert not pair(HEADLINE, HEADLINE, WINDOW_NS + 1)


def test_texts_at_one_address_are_one_whatever_they_say() -> None:
    addresses = ["https://www.a.com/x?utm_source=mail", "http://a.com/x/#top", "https://a.com/y"]
    assert originals(addresses, ["One", "Two", "Three"], [0, 1, 2]) == [0, 0, 2]


def test_a_third_text_is_taken_for_the_first_over_a_second() -> None:
    addresses = ["https://a.com/1", "https://a.com/2", "https://a.com/2"]
    assert originals(addresses, [HEADLINE, HEADLINE, "Other words"], [0, 1, 2]) == [0, 0, 0]


@pytest.mark.parametrize("address", [None, "", "https://a.com", "https://a.com/", "not a page", "http://[bad"])
def test_an_address_that_names_no_page_names_nothing(address: str | None) -> None:
    assert plain_address(address) is None


def test_parameters_that_name_the_page_are_kept_in_any_order() -> None:
    assert (
        plain_address("https://a.com/p?b=2&a=1")
        == plain_address("http://A.com/p?a=1&b=2&fbclid=z")
        == "a.com/p?a=1&b=2"
    )


@given(
    st.lists(st.sampled_from(["a b c d", "a b c d e", "a b c e", "b c d e f", "x"]), max_size=12), st.integers(0, 12)
)
def test_what_comes_later_never_changes_what_stood(texts: list[str], cut: int) -> None:
    """PIT: the rule over a prefix gives the prefix of the rule."""
    addresses, at_ns = [None] * len(texts), list(range(len(texts)))
    assert originals(addresses[:cut], texts[:cut], at_ns[:cut]) == originals(addresses, texts, at_ns)[:cut]


@given(st.lists(st.sets(st.sampled_from("abcdefghijklmn"), min_size=4, max_size=12), min_size=2, max_size=25))
def test_no_pair_is_missed_that_a_comparison_with_all_would_find(sets: list[set[str]]) -> None:
    """The index skips comparisons, never matches: beside the rule written as two loops."""
    texts = [" ".join(sorted(words)) for words in sets]
    wanted: list[int] = []
    for row, words in enumerate(sets):
        stands = [other for other in range(row) if wanted[other] == other]
        alike = [other for other in stands if 5 * len(words & sets[other]) >= 4 * len(words | sets[other])]
        wanted.append(min(alike, default=row))

    assert originals([None] * len(texts), texts, list(range(len(texts)))) == wanted
