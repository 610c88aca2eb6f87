from __future__ import annotations

import polars as pl

from adapters.lake.sentences import sentence

ROWS = pl.DataFrame({"a": ["x", None], "n": [1, 2]})


def test_a_sentence_is_filled_from_columns_and_expressions() -> None:
    assert ROWS.select(sentence("{} has {}!", "a", pl.col("n") * 2)).to_series().to_list() == ["x has 2!", None]


def test_a_column_without_rows_has_no_sentence() -> None:
    assert ROWS.clear().select(sentence("{}", "a")).height == 0
