"""`assay data fact`: journey 1 at the command line."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.adapters.lake.views.apple import apple_lake
from tests.api.cli.invoking import invoked

ASSETS = ("AAPL", "us-gaap:Assets", "2008-09-27")


@pytest.fixture
def lake(tmp_path: Path) -> tuple[str, str]:
    apple_lake(tmp_path / "lake")
    return "--lake", str(tmp_path / "lake")


@pytest.mark.parametrize(
    ("options", "number"),
    [
        (("--as-of", "2009-12-31"), "39,572,000,000"),
        (("--as-of", "2010-02-01"), "36,171,000,000"),
        (("--as-of", "2010-02-01T00:00:00Z"), "36,171,000,000"),
        ((), "36,171,000,000"),
        (("--first-print",), "39,572,000,000"),
    ],
)
def test_a_number_is_printed_as_it_was_known(lake: tuple[str, str], options: tuple[str, ...], number: str) -> None:
    """SVC-FND-01."""
    result = invoked("data", "fact", *ASSETS, *options, *lake)
    assert result.exit_code == 0, result.stderr
    assert number in result.stdout
    assert sum(line.count(",000,000") for line in result.stdout.splitlines()) == 1


def test_revisions_are_printed_with_their_filings(lake: tuple[str, str]) -> None:
    result = invoked("data", "fact", *ASSETS, "--revisions", "--json", *lake)
    found = json.loads(result.stdout)
    assert [(each["kind"], each["accession"], each["filed_on"]) for each in found] == [
        ("first-print", "0001193125-09-153165", "2009-07-22"),
        ("confirmed", "0001193125-09-214859", "2009-10-27"),
        ("restated", "0001193125-10-012091", "2010-01-25"),
        ("confirmed", "0001193125-10-238044", "2010-10-27"),
    ]
    assert found[2]["known_at"] == "2010-01-26T14:30:00Z"


def test_one_number_is_one_object(lake: tuple[str, str]) -> None:
    found = json.loads(invoked("data", "fact", *ASSETS, "--as-of", "2009-12-31", "--json", *lake).stdout)
    assert (found["value"], found["kind"], found["unit"]) == (39572000000.0, "confirmed", "USD")


def test_a_day_means_its_end_in_new_york(lake: tuple[str, str]) -> None:
    found = json.loads(invoked("data", "fact", *ASSETS, "--as-of", "2010-01-26", "--json", *lake).stdout)
    assert (found["value"], found["as_of"]) == (36171000000.0, "2010-01-27T04:59:59.999999Z")


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ((*ASSETS, "--as-of", "2009-07-22"), "nothing was known of AAPL us-gaap:Assets of 2008-09-27"),
        ((*ASSETS, "--as-of", "soon"), "'soon' is not an RFC 3339 instant"),
        (("AAPL", "Assets", "2008-09-27"), "'Assets' names no concept"),
        ((*ASSETS, "--first-print", "--revisions"), "ask for the first print or for all revisions"),
        (("AAPL", "us-gaap:NetIncomeLoss", "2009-03-28"), "say the first day of the period"),
    ],
)
def test_what_cannot_be_answered_is_said(lake: tuple[str, str], arguments: tuple[str, ...], words: str) -> None:
    result = invoked("data", "fact", *arguments, *lake)
    assert result.exit_code != 0
    assert words in " ".join(result.stderr.replace("│", " ").split())


def test_a_statement_and_the_periods_are_printed(lake: tuple[str, str]) -> None:
    income = invoked("data", "statement", "AAPL", "income", "--annual", "--as-of", "2010-02-01", *lake)
    assert "8,235,000,000" in income.stdout
    plain = invoked("data", "statement", "AAPL", "balance", "--as-of", "2009-12-31", "--json", *lake)
    assert json.loads(plain.stdout)["lines"][0]["value"] == 53851000000.0
    periods = invoked("data", "periods", "AAPL", "us-gaap:Assets", *lake)
    assert periods.stdout.index("2009-09-26") < periods.stdout.index("2008-09-27")
    assert len(json.loads(invoked("data", "periods", "AAPL", "us-gaap:Assets", "--json", *lake).stdout)) == 2


def test_a_company_that_is_not_there_is_said(lake: tuple[str, str]) -> None:
    assert "no income statement of IBM was known" in " ".join(
        invoked("data", "statement", "IBM", "income", *lake).stderr.split()
    )
    assert "no period of IBM us-gaap:Assets was known" in " ".join(
        invoked("data", "periods", "IBM", "us-gaap:Assets", *lake).stderr.split()
    )
