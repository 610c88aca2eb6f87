"""Tables change with their domain where they can, and refuse where they cannot."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import polars as pl
import pytest

from adapters.lake.facts.tables import stored_schema
from nodes.vocabulary.errors import DataError, EdgeError
from tests.adapters.lake.facts.examples import ASSETS, NOW, fact, frame, store

WIDER = replace(ASSETS, values={**ASSETS.values, "currency": pl.String()})


def test_column_that_was_added_is_null_for_older_facts(tmp_path: Path) -> None:
    store(tmp_path).ingested(ASSETS, frame(fact("a", 1, 1, 1.0)), "test")
    assert store(tmp_path).as_of(WIDER, NOW).collect()["currency"].to_list() == [None]
    store(tmp_path).ingested(WIDER, frame(fact("b", 1, 1, 1.0)).with_columns(currency=pl.lit("USD")), "test")
    store(tmp_path).compacted(WIDER)
    assert store(tmp_path).as_of(WIDER, NOW).sort("cik").collect()["currency"].to_list() == [None, "USD"]
    assert store(tmp_path).as_of(ASSETS, NOW).collect().height == 2


@pytest.mark.parametrize(
    ("changed", "what"),
    [
        (replace(ASSETS, values={**ASSETS.values, "value": pl.String()}), "value was double, expected string"),
        (replace(ASSETS, keys={**ASSETS.keys, "unit": pl.String()}), "key unit is missing"),
    ],
)
def test_changed_type_or_key_is_refused(tmp_path: Path, changed: type, what: str) -> None:
    store(tmp_path).ingested(ASSETS, frame(fact("a", 1, 1, 1.0)), "test")
    with pytest.raises(DataError, match=f"{what}.*give the changed domain a new name"):
        store(tmp_path).as_of(changed, NOW)  # type: ignore[arg-type]  # a parameter of the test


def test_type_that_tables_do_not_hold_is_refused() -> None:
    with pytest.raises(DataError, match="column 'value' of domain 'assets' was Duration"):
        stored_schema(replace(ASSETS, values={"value": pl.Duration("ns")}))


def test_folder_that_cannot_be_written_is_the_operators_to_mend(tmp_path: Path) -> None:
    (tmp_path / "assets").write_text("a file in the way")
    with pytest.raises(EdgeError, match="cannot open the table of 'assets' at"):
        store(tmp_path).ingested(ASSETS, frame(fact("a", 1, 1, 1.0)), "test")
