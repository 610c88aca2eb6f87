"""YAML to nodes: what is read, and that every bomb, half text and foreign encoding is one clear fault."""

from __future__ import annotations

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from policies.document import MAX_BYTES, Broken, Document, Mapping, Scalar, Sequence, document


def read(text: str | bytes) -> Document:
    return document(text.encode() if isinstance(text, str) else text, "p.yaml")


def complaints(text: str | bytes) -> list[str]:
    return [str(fault) for fault in read(text).faults]


def test_mapping_list_and_scalars_are_read_with_their_places() -> None:
    assert read("a: [1, 'x']\nb:\n  c: yes\n").root == Mapping(
        (
            (Scalar("a", "", 0, 1, 1), Sequence((Scalar("1", "", 4, 1, 5), Scalar("x", "'", 7, 1, 8)), 1, 4)),
            (Scalar("b", "", 12, 2, 1), Mapping(((Scalar("c", "", 17, 3, 3), Scalar("yes", "", 20, 3, 6)),), 3, 3)),
        ),
        1,
        1,
    )


@pytest.mark.parametrize("text", ["", "   \n", "# only a comment\n", "---\n", "---\n...\n"])
def test_empty_text_is_refused(text: str) -> None:
    assert complaints(text) == ["p.yaml: the text is empty; write the document"]
    assert read(text).root is None


def test_text_over_one_mebibyte_is_refused_unread() -> None:
    assert complaints(b"a" * MAX_BYTES) == []
    assert complaints(b"a" * (MAX_BYTES + 1)) == [
        "p.yaml: the text has 1048577 bytes, expected at most 1048576; split it"
    ]


@pytest.mark.parametrize(
    ("data", "complaint"),
    [
        (b"a: 1\nb: \xe9\n", "p.yaml:2:4: byte 0xe9 is not UTF-8; save the text as UTF-8"),
        (b"\xef\xbb\xbfa: 1", "begins with the byte-order mark of UTF-8 (efbbbf); save it as UTF-8 without"),
        ("a: 1".encode("utf-16"), "begins with the byte-order mark of UTF-16 (fffe)"),
        (b"\xfe\xff\x00a", "begins with the byte-order mark of UTF-16 (feff)"),
        (b"a: \x00", "p.yaml:1:4: character '\\x00' cannot be in YAML"),
        (b"a: 1\nb: \x1b[2J", "p.yaml:2:4: character '\\x1b' cannot be in YAML"),
    ],
)
def test_foreign_bytes_are_refused_where_they_stand(data: bytes, complaint: str) -> None:
    (only,) = complaints(data)
    assert complaint in only


@pytest.mark.parametrize(
    ("text", "place"),
    [
        ("a: [1, 2", "p.yaml:1:9: not YAML"),
        ("a: {b: 1", "p.yaml:1:9: not YAML"),
        ('a: "half', "p.yaml:1:9: not YAML"),
        ("a: 1\n b: 2\n", "p.yaml:2:3: not YAML"),
        ("a: 1\nb\n", "p.yaml:3:1: not YAML"),
        ("a:\n\t- 1", "p.yaml:2:1: not YAML"),
        ("a: %", "p.yaml:1:4: not YAML"),
        ("%YAML 3.0\n---\na: 1", "p.yaml:1:1: not YAML"),
    ],
)
def test_half_written_text_is_refused_where_it_breaks(text: str, place: str) -> None:
    (only,) = complaints(text)
    assert only.startswith(place)
    assert only.endswith("complete or correct the text here")


@given(st.integers(0, 60))
def test_text_cut_anywhere_is_read_or_refused_and_never_dies(end: int) -> None:
    text = "a: {b: [1, 'x'], c: \"y\"}\nd: |\n  text\ne: [&x 1, *x, !t 2]\n"[:end]
    assert read(text).root is not None or complaints(text)


@given(st.text(st.characters(codec="utf-8"), max_size=60))
def test_any_text_is_read_or_refused_and_never_dies(text: str) -> None:
    assert read(text).root is not None or complaints(text)


@given(st.binary(max_size=40))
def test_any_bytes_are_read_or_refused_and_never_die(data: bytes) -> None:
    assert read(data).root is not None or complaints(data)


def test_duplicate_keys_are_refused_at_every_level() -> None:
    assert complaints("a: 1\nb: {c: 1, c: 2}\n'a': 3\n") == [
        "p.yaml:2:11: key 'c' is here twice (first in line 2); remove one",
        "p.yaml:3:1: key 'a' is here twice (first in line 1); remove one",
    ]


def test_anchors_and_aliases_are_refused_and_their_places_are_broken() -> None:
    text = "a: &x 1\nb: *x\n"
    assert complaints(text) == [
        "p.yaml:1:4: &x is an anchor; remove it; write every value out",
        "p.yaml:2:4: *x is an alias; write the value out",
    ]
    root = read(text).root
    assert isinstance(root, Mapping)
    assert [value for _, value in root.entries] == [Broken(1, 4), Broken(2, 4)]


def test_alias_bomb_is_refused_without_being_built() -> None:
    levels = "".join(f"l{n}: &l{n} [{', '.join(['*l' + str(n - 1)] * 9)}]\n" for n in range(1, 40))
    found = complaints("l0: &l0 x\n" + levels)
    assert "p.yaml:1:5: &l0 is an anchor; remove it; write every value out" in found
    assert "p.yaml:2:10: *l0 is an alias; write the value out" in found


def test_cycle_through_an_anchor_is_refused() -> None:
    assert complaints("a: &a\n  b: *a\n") == [
        "p.yaml:1:4: &a is an anchor; remove it; write every value out",
        "p.yaml:2:6: *a is an alias; write the value out",
    ]


@pytest.mark.parametrize("tag", ["!!str", "!!python/object/apply:os.system", "!local", "!<tag:x>"])
def test_tags_are_refused(tag: str) -> None:
    (only,) = complaints(f"a: {tag} x\n")
    assert only.startswith("p.yaml:1:4: ")
    assert only.endswith("is a tag; remove it; names and the schema say the type")


def test_second_document_is_refused() -> None:
    assert complaints("a: 1\n---\nb: 2\n") == ["p.yaml:2:1: a second document begins here; keep one document a file"]


@pytest.mark.parametrize("text", ["[" * 100_000, "{a: " * 100_000, "- " * 100_000, "? " * 100_000])
def test_deep_nesting_is_refused_at_once(text: str) -> None:
    begun = time.process_time()
    (only,) = complaints(text)
    assert "nested deeper than 32; flatten it" in only
    assert time.process_time() - begun < 5


def test_too_many_values_are_refused() -> None:
    (only,) = complaints("[" + "1," * 25_000 + "]")
    assert only.endswith("more than 20000 values; split the text")


def test_key_that_is_no_text_is_refused() -> None:
    assert complaints("? [a]\n: b\n? {c: d}\n: e\n") == [
        "p.yaml:1:3: a key must be a text, not a list or a mapping; write a plain word",
        "p.yaml:3:3: a key must be a text, not a list or a mapping; write a plain word",
    ]


@pytest.mark.parametrize("escape", ["\\0", "\\e", "\\ud800", "\\u202e", "\\x7f"])
def test_characters_that_hide_or_cannot_be_stored_are_refused(escape: str) -> None:
    (only,) = complaints(f'a: "x{escape}"\n')
    assert only.startswith("p.yaml:1:4: character")
    assert only.endswith("has no place in a policy; remove the escape")


def test_every_fault_of_the_text_is_told_at_once() -> None:
    assert len(complaints("a: &x 1\nb: !t 2\na: 3\nc: *x\n")) == 4
