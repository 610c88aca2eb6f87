from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from api.pages.hallmark import SIZE, hallmark

IDS = st.text("0123456789abcdef", min_size=8, max_size=64)


@given(IDS)
def test_a_hallmark_is_its_own_mirror_image(decision_id: str) -> None:
    cells = set(hallmark(decision_id))
    assert cells == {(SIZE - 1 - column, row) for column, row in cells}


@given(IDS, IDS)
def test_ids_that_differ_in_their_first_digits_look_different(one: str, other: str) -> None:
    assert (hallmark(one) == hallmark(other)) == (one[:8] == other[:8])
