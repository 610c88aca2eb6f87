from __future__ import annotations

import gzip
from pathlib import Path

import pytest

from adapters.feeds.files.tables import Layout, file_bytes, text_table
from nodes.vocabulary.errors import DataError, EdgeError

NAMED = Layout()


def test_rows_keep_the_number_of_their_line_and_empty_cells_are_null() -> None:
    table = text_table("x.csv", b"a,b\r\n1,\r\n\r\n 2 , y\r\n", NAMED)

    assert table.rows.to_dicts() == [{"line": 2, "a": "1", "b": None}, {"line": 4, "a": "2", "b": "y"}]
    assert table.rejected.is_empty()


def test_a_row_with_another_number_of_fields_is_set_aside_with_its_line() -> None:
    table = text_table("x.csv", b"a,b\n1,2,3\n4,5\n6\n", NAMED)

    assert table.rows["a"].to_list() == ["4"]
    assert table.rejected.select("file", "line", "value").rows() == [("x.csv", 2, "1,2,3"), ("x.csv", 4, "6")]
    assert "3 fields, expected 2; restore the row" in table.rejected["reason"][0]


def test_quoted_fields_may_hold_separators_and_line_breaks() -> None:
    table = text_table("x.csv", b'a,b\n"1,5","two\nlines"\n3,4\n', NAMED)

    assert table.rows.rows() == [(2, "1,5", "two\nlines"), (4, "3", "4")]


def test_bytes_that_are_not_utf_8_cost_their_row_only() -> None:
    table = text_table("x.csv", b"a,b\n\xff\xfe,1\nfine,2\n", NAMED)

    assert table.rows["a"].to_list() == ["fine"]
    assert "not UTF-8" in table.rejected["reason"][0]


def test_a_byte_order_mark_is_no_part_of_the_first_name() -> None:
    assert text_table("x.csv", b"\xef\xbb\xbfa,b\n1,2\n", NAMED).rows.columns == ["line", "a", "b"]


def test_trailing_columns_may_be_left_out_where_the_layout_says_so() -> None:
    layout = Layout(("a", "b", "c"), n_optional=1)

    assert text_table("x.csv", b"1,2\n1,2,3\n", layout).rows["c"].to_list() == [None, "3"]


@pytest.mark.parametrize(
    ("text", "match"), [(b"", "is empty"), (b"a,a\n1,2\n", "name of its own"), (b"a,,b\n1,2,3\n", "name of its own")]
)
def test_a_file_without_sound_names_is_refused(text: bytes, match: str) -> None:
    with pytest.raises(DataError, match=match):
        text_table("x.csv", text, NAMED)


def test_a_gzip_file_is_opened_and_a_broken_one_is_refused(tmp_path: Path) -> None:
    sound, broken = tmp_path / "a.csv.gz", tmp_path / "b.csv.gz"
    sound.write_bytes(gzip.compress(b"a,b\n"))
    broken.write_bytes(b"a,b\n")

    assert file_bytes(sound) == b"a,b\n"
    with pytest.raises(DataError, match="is no gzip file"):
        file_bytes(broken)


def test_a_file_that_is_not_there_is_the_operators(tmp_path: Path) -> None:
    with pytest.raises(EdgeError, match=r"none\.csv cannot be read"):
        file_bytes(tmp_path / "none.csv")
