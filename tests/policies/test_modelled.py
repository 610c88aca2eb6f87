"""Documents that a model says whole: read, or refused with every fault of form and of meaning."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from pydantic import BaseModel, ConfigDict

from nodes.vocabulary.errors import Fault, PolicyError
from policies.marks import Marks
from policies.marks import Path as Place
from policies.modelled import modelled_document


class Shelf(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True)

    books: int
    boards: int


def _keys_at(_path: Place) -> tuple[tuple[str, ...], str]:
    return ("books", "boards"), "shelf"


def _faults(found: Shelf, marks: Marks) -> Iterator[Fault]:
    if found.boards > found.books:
        yield marks.fault(("boards",), "more boards than books", "take some away")


def read(text: bytes) -> Shelf:
    return modelled_document(text, "shelf.yaml", Shelf, _keys_at, _faults)


def test_a_sound_document_is_what_its_model_says() -> None:
    assert read(b"books: 3\nboards: 2\n") == Shelf(books=3, boards=2)


def test_faults_of_form_are_all_told_with_their_places() -> None:
    with pytest.raises(PolicyError, match="'boards' is missing") as refused:
        read(b"books: many\nbook: 1\n")
    assert {(fault.line, fault.column) for fault in refused.value.faults} >= {(1, 8), (2, 1)}


def test_what_no_type_can_say_is_told_at_its_place() -> None:
    with pytest.raises(PolicyError, match="more boards than books; take some away"):
        read(b"books: 1\nboards: 2\n")


def test_bytes_that_are_no_document_are_refused() -> None:
    with pytest.raises(PolicyError, match=r"shelf\.yaml"):
        read(b"books: [1\n")
