"""Statement mappings: the shipped ones are whole, and every fault stands at its place."""

from __future__ import annotations

import pytest

from nodes.vocabulary.errors import PolicyError
from nodes.vocabulary.statements import Form, Grouping
from policies.statements import FOLDER, KINDS, NEEDED, SHIPPED, FileForm, parsed_mapping, shipped_mapping

TEXT = """
statement_mapping: small
version: 1
owner: operations
why: a test
sources: [a file]
form: csv
fields: {on: date, symbol: sym}
rows:
  - {when: {kind: buy}, kind: trade, fields: {quantity: qty, price: px}}
"""


@pytest.mark.parametrize("name", SHIPPED)
def test_every_shipped_mapping_is_read_and_stands_in_its_folder(name: str) -> None:
    sheet = shipped_mapping(name)
    assert sheet.mapping.family == name
    assert sheet.text == (FOLDER / name / "v1.yaml").read_bytes()
    assert sheet.mapping.sources


def test_the_forms_of_the_shipped_mappings_are_those_of_their_brokers() -> None:
    assert shipped_mapping("statement-csv").form == Form(shares_references=True)
    assert shipped_mapping("alpaca-activities").form == Form(fees_are_apart=True, amount_decimals=2)
    assert shipped_mapping("fix-drop-copy").mapping.form is FileForm.FIX


def test_every_kind_of_record_says_what_it_needs() -> None:
    assert NEEDED.keys() == set(KINDS)


def test_a_mapping_may_group_trades_and_turn_signs() -> None:
    text = TEXT.replace("form: csv", "form: csv\ngrouping: day").replace(
        "px}}", "px}, signs: {field: side, plus: B, minus: [S, SS]}, negated: [fee]}"
    )
    (row,) = parsed_mapping(text.encode(), "m.yaml").mapping.rows
    assert row.signs is not None
    assert (row.signs.plus, row.signs.minus, row.signs.turned) == (("B",), ("S", "SS"), ("quantity",))
    assert parsed_mapping(text.encode(), "m.yaml").form.grouping is Grouping.DAY


def test_white_space_and_comments_do_not_move_the_digest() -> None:
    one, other = parsed_mapping(TEXT.encode(), "m.yaml"), parsed_mapping(f"# again\n{TEXT}\n".encode(), "m.yaml")
    assert one.digest == other.digest
    assert parsed_mapping(TEXT.replace("sym}", "s}").encode(), "m.yaml").digest != one.digest


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ("kind: trade", "kind: swap", "'swap' is no kind of record"),
        ("form: csv", "form: xls", "'xls' is not known here; write one of csv, json, fix"),
        ("{quantity: qty", "{quantities: qty", "'quantities' is no part of a record"),
        (", fields: {quantity: qty, price: px}", "", "a trade needs its quantity; add quantity:"),
        ("form: csv", "form: csv\nzone: America/Nowhere", "'America/Nowhere' is no time zone"),
        ("form: csv", "form: csv\ncurrency: usd", "currency was 'usd'"),
        ("form: csv", "form: csv\ncurency: USD", "'curency' is no key of a statement mapping"),
        ("{when: {kind: buy}", "{wen: {kind: buy}", "'wen' is no key of a row"),
        ("form: csv", "form: csv\ndecimals: {amounts: 2}", "'amounts' is no key of a set of decimals"),
        ("price: px}}", "price: px}, signs: {field: s, plus: B, minus: S, zero: N}}", "'zero' is no key of a sign"),
        ("version: 1", "version: 0", "version was 0"),
        ("fields: {on: date, symbol: sym}\n", "", "a trade needs its on"),
    ],
)
def test_a_fault_is_named_with_its_place_and_its_mend(old: str, new: str, words: str) -> None:
    assert old in TEXT
    with pytest.raises(PolicyError, match=r"m\.yaml:\d+:\d+: ") as found:
        parsed_mapping(TEXT.replace(old, new, 1).encode(), "m.yaml")
    assert words in str(found.value)


def test_a_file_that_is_no_mapping_and_a_name_that_is_none_are_refused() -> None:
    with pytest.raises(PolicyError, match=r"m\.yaml"):
        parsed_mapping(b"", "m.yaml")
    with pytest.raises(PolicyError, match="no statement mapping is called 'of-nobody'"):
        shipped_mapping("of-nobody")
