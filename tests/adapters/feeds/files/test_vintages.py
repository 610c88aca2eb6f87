from __future__ import annotations

from pathlib import Path

import pytest

from adapters.feeds.files.vintages import vintages
from nodes.vocabulary.errors import DataError

WIDE = """observation_date,GDP_20240125,GDP_20240228,GDP_20240328
2023-07-01,27610.1,27610.1,27610.1
2023-10-01,27938.8,27944.6,27956.9
2024-01-01,.,.,.
"""


def write(tmp_path: Path, text: str) -> Path:
    path = tmp_path / "GDP.csv"
    path.write_text(text, encoding="utf-8")
    return path


def test_every_vintage_that_changed_a_value_is_a_fact_and_no_other(tmp_path: Path) -> None:
    """SVC-MKT-05."""
    facts = vintages(write(tmp_path, WIDE), "billions of dollars").facts

    rows = [
        (str(on), value, str(at)[:19]) for on, value, at in facts.select("period_on", "value", "known_at").iter_rows()
    ]
    assert rows == [
        ("2023-07-01", 27610.1, "2024-01-26 14:30:00"),
        ("2023-10-01", 27938.8, "2024-01-26 14:30:00"),
        ("2023-10-01", 27944.6, "2024-02-29 14:30:00"),
        ("2023-10-01", 27956.9, "2024-04-01 13:30:00"),
    ]
    assert set(facts["series"]) == {"GDP"}


def test_the_long_form_says_the_same(tmp_path: Path) -> None:
    text = (
        "date,realtime_start,value\n2023-10-01,2024-01-25,27938.8\n"
        "2023-10-01,2024-02-28,27944.6\n2023-10-01,2024-03-28,.\n"
    )

    facts = vintages(write(tmp_path, text)).facts

    assert facts["value"].to_list() == [27938.8, 27944.6]
    assert set(facts["series"]) == {"GDP"}


def test_cells_that_are_no_number_and_days_that_are_none_are_set_aside(tmp_path: Path) -> None:
    text = "date,realtime_start,value\n2023-10-01,2024-01-25,high\n2023-13-01,2024-01-25,1\n2023-10-01,soon,1\n"

    parsed = vintages(write(tmp_path, text))

    assert parsed.facts.is_empty()
    assert parsed.rejected.select("line", "column").rows() == [(2, "value"), (3, "period_on"), (4, "vintage_on")]


@pytest.mark.parametrize("text", ["a,b\n1,2\n", "observation_date,GDP\n2023-10-01,5\n"])
def test_a_series_without_vintages_is_refused_for_it_says_not_when_it_was_known(tmp_path: Path, text: str) -> None:
    with pytest.raises(DataError, match="download vintages"):
        vintages(write(tmp_path, text))
