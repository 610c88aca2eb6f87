"""Records of statements: CSV, JSON and FIX, and every way in which a file can be broken."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.statements.records import MAX_BYTES, file_records
from nodes.vocabulary.errors import DataError
from policies.statements import shipped_mapping
from tests.broker_statements import fix_message

CSV, ALPACA, FIX = (shipped_mapping(name).mapping for name in ("statement-csv", "alpaca-activities", "fix-drop-copy"))
REPORT = [("35", "8"), ("49", "BRK"), ("56", "US"), ("34", "7"), ("17", "e1"), ("137", "0.10"), ("137", "0.05")]


def test_a_line_of_csv_is_told_by_its_columns_without_what_is_empty() -> None:
    records = file_records(b"\xef\xbb\xbfrecord, date ,symbol\r\ntrade,2013-01-03,\r\n\r\nsplit,,AAPL\r\n", CSV)
    assert [(record.place, dict(record.fields)) for record in records] == [
        ("line 2", {"record": ("trade",), "date": ("2013-01-03",)}),
        ("line 4", {"record": ("split",), "symbol": ("AAPL",)}),
    ]


def test_numbers_of_json_keep_their_digits() -> None:
    (record,) = file_records(b'[{"price": 1.10, "qty": 5, "side": null, "odd": [1]}]', ALPACA)
    assert record.fields == {"price": ("1.10",), "qty": ("5",), "odd": ('["1"]',)}


def test_records_may_stand_under_a_key() -> None:
    under = ALPACA.model_copy(update={"records": "activities"})
    (record,) = file_records(json.dumps({"activities": [{"id": "1"}], "next": "x"}).encode(), under)
    assert record.place == "record 1"


@pytest.mark.parametrize("end", ["\x01", "|"])
def test_messages_of_a_log_are_found_whatever_parts_their_fields(end: str) -> None:
    text = f"2013-01-03 in: {fix_message(REPORT, end)}\n2013-01-03 in: {fix_message(REPORT[:3], end)}\n"
    first, second = file_records(text.encode(), FIX)
    assert (first.fields["17"], first.fields["137"]) == (("e1",), ("0.10", "0.05"))
    assert (second.place, second.fields["35"]) == ("message 2", ("8",))


def test_a_message_that_was_sent_again_counts_once() -> None:
    again = fix_message([*REPORT[:4], ("43", "Y"), *REPORT[4:]])
    assert len(file_records(f"{fix_message(REPORT)}\n{again}".encode(), FIX)) == 1
    assert len(file_records(again.encode(), FIX)) == 1, "one that is seen for the first time counts"


@pytest.mark.parametrize(
    ("data", "mapping", "words"),
    [
        (b"", CSV, "line 1 of the statement is no header"),
        (b"a,a\n1,2\n", CSV, "name each column once"),
        (b"a,b\n1\n", CSV, "line 2 of the statement has 1 fields, expected 2"),
        (b'a,b\n"1,2\n', CSV, "is no CSV"),
        (b"\xff\xfe", CSV, "is no UTF-8 at byte 0: fffe"),
        (b"{}", ALPACA, "expected a list as a whole"),
        (b"no log at all", FIX, "holds no FIX message: 'no log at all'"),
        (b"[1]", ALPACA, "record 1 of the statement is '1', expected an object"),
        (b"[", ALPACA, "is no JSON"),
        (b"[" * 100_000, ALPACA, "is no JSON"),
        (fix_message(REPORT).replace("0.10", "0.20").encode(), FIX, "message 1 of the drop copy has check sum"),
        (fix_message(REPORT)[:-9].encode(), FIX, "message 1 of the drop copy is cut off"),
        (
            (fix_message(REPORT)[:20] + "\n" + fix_message(REPORT)).encode(),
            FIX,
            "message 1 of the drop copy is cut off",
        ),
    ],
)
def test_a_broken_file_is_refused_with_its_place(data: bytes, mapping: object, words: str) -> None:
    with pytest.raises(DataError, match=words):
        file_records(data, mapping)  # type: ignore[arg-type]  # parametrised over mappings


def test_a_message_with_another_body_length_is_refused() -> None:
    message = fix_message(REPORT)
    longer = message.replace("9=", "9=1", 1)
    body = longer[: longer.rindex("10=")]
    summed = f"{body}10={sum(body.encode()) % 256:03d}\x01"
    with pytest.raises(DataError, match="has body length 1"):
        file_records(summed.encode(), FIX)


def test_a_file_that_is_too_long_is_refused_before_it_is_read() -> None:
    with pytest.raises(DataError, match=f"has {MAX_BYTES + 1} bytes"):
        file_records(b"x" * (MAX_BYTES + 1), CSV)


@given(st.binary(max_size=200), st.sampled_from([CSV, ALPACA, FIX]))
def test_whatever_bytes_come_they_are_read_or_refused(data: bytes, mapping: object) -> None:
    try:
        records = file_records(data, mapping)  # type: ignore[arg-type]  # drawn from mappings
    except DataError:
        return
    assert all(record.place for record in records)


def test_a_log_of_nothing_but_beginnings_is_refused_at_once() -> None:
    """A file whose every message is cut off is gone through once, not once for each."""
    with pytest.raises(DataError, match="message 1 of the drop copy is cut off"):
        file_records(b"8=FIX.4.4|" * 100_000, FIX)
