"""Places: every value, key and character of a text is found again in the file."""

from __future__ import annotations

import pytest

from policies.document import document
from policies.marks import Marks
from policies.slips import Slip


def marks(text: str) -> Marks:
    return Marks(document(text.encode(), "p.yaml"))


def test_values_and_keys_have_line_and_column_from_one() -> None:
    found = marks("a: 1\nb:\n  - c: x\n")
    assert found["b", 0, "c"] == (3, 8)
    assert found.key_spot(("b", 0, "c")) == (3, 5)
    assert set(found) == {(), ("a",), ("b",), ("b", 0), ("b", 0, "c")}
    assert len(found) == 5


def test_path_that_is_not_there_has_the_place_of_its_nearest_parent() -> None:
    found = marks("a:\n  b: 1\n")
    assert found["a", "c", "d"] == (2, 3)
    assert ("a", "c") not in found
    assert marks("[")[("x",)] == (1, 1)


@pytest.mark.parametrize(
    "text",
    [
        "r: cash <= WRONG",
        "r: 'cash <= WRONG'",
        'r: "cash <= WRONG"',
        "r: 'it''s <= WRONG'",
        "{x: 1, r: cash <= WRONG}",
        "r: >-\n  cash\n  <= WRONG\n",
        "r: |\n  cash <=\n\n    WRONG\n",
        "r: cash\n  <=\n  WRONG\n",
        "r: 'cash\n\n  <= WRONG'",
        "é: 1\nr: é <= WRONG",
    ],
)
def test_character_of_a_text_is_found_in_the_file_in_every_style(text: str) -> None:
    found = marks(text)
    value = next(entry[1] for entry in document(text.encode(), "").root.entries if entry[0].text == "r")  # type: ignore[union-attr]  # the root is a mapping
    line, column = found.spot(("r",), value.text.index("WRONG"))  # type: ignore[union-attr]  # and r a scalar
    assert text.splitlines()[line - 1][column - 1 :].startswith("WRONG")


def test_character_after_an_escape_has_the_place_of_its_text() -> None:
    assert marks('r: "a\\tb WRONG"').spot(("r",), 4) == (1, 4)


def test_slip_becomes_a_fault_with_its_place() -> None:
    fault = marks("r: a != b").slip_fault(("r",), Slip(2, "wrong", "mend it"))
    assert str(fault) == "p.yaml:1:6: wrong; mend it"


def test_refused_place_and_all_below_it_are_broken() -> None:
    found = marks("a: &x {b: 1}\nc: 2\n")
    assert found.is_broken(("a",))
    assert found.is_broken(("a", "b"))
    assert not found.is_broken(("c",))
