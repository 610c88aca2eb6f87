"""Commands made of readings."""

from __future__ import annotations

from pathlib import Path

import polars as pl
import pytest

from api.cli.data import app
from api.cli.reading import OWN_COMMANDS
from api.use_cases.data_readings import ALL_READINGS
from tests.api.cli.invoking import answer, invoked, json_answer
from tests.api.sample_lake import AS_OF


@pytest.fixture
def lake(sample_lake: Path) -> tuple[str, ...]:
    return "--lake", str(sample_lake), "--as-of", AS_OF


def test_what_http_can_be_asked_the_command_line_can() -> None:
    names = {command.name for command in app.registered_commands}
    assert {each.name for each in ALL_READINGS} - OWN_COMMANDS <= names
    assert {"tables", "sources", "quarantine", "fact", "periods", "statement"} <= names


def test_rows_are_told_as_a_table_or_as_json(lake: tuple[str, ...]) -> None:
    """SVC-MKT-01."""
    assert "2020-06-05" in answer("data", "bars", "ACME", "--start-on", "2020-06-05", *lake)
    told = json_answer("data", "bars", "ACME", "--adjustment", "none", "--count", "1", *lake)
    assert (told["as_of"], [row["adjusted_close_usd"] for row in told["rows"]]) == (AS_OF, [200.0])


def test_rows_can_be_written_to_a_file(lake: tuple[str, ...], tmp_path: Path) -> None:
    file = tmp_path / "bars.parquet"
    answer("data", "bars", "ACME", "--format", "parquet", "--to", str(file), *lake)
    assert pl.read_parquet(file).height == 2
    assert answer("data", "factor", "vix", "--format", "csv", "--lake", lake[1]).startswith("factor,period_on,value")


def test_nothing_known_is_said(lake: tuple[str, ...]) -> None:
    assert "Nothing of it was known." in answer("data", "halts", "NOPE", *lake)


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("trades", "ACME"), "--session-on"),
        (("bars", "ACME", "--adjustment", "later"), "is not one of"),
        (("book", "ACME", "--session-on", "2020-06-05", "--levels", "0"), "is not in the range"),
        (("bars", "NOPE"), "was not known"),
    ],
)
def test_a_wrong_question_is_refused_in_words(lake: tuple[str, ...], arguments: tuple[str, ...], said: str) -> None:
    result = invoked("data", *arguments, *lake)
    assert result.exit_code != 0
    assert said in " ".join(result.stderr.split())
