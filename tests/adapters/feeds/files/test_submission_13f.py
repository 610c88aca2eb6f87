"""The header of a 13F, in both forms in which EDGAR writes it."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest

from adapters.feeds.files.submission_13f import cover_13f, is_restatement, table_13f
from nodes.vocabulary.errors import DataError
from tests.adapters.feeds.files.filing_13f import LABELS, TAGS, submission


@pytest.mark.parametrize("header", [LABELS, TAGS])
def test_the_cover_is_read_from_both_headers(header: str) -> None:
    cover = cover_13f(submission("<x/>", header=header), "x.txt")

    assert (cover.filer, cover.accession) == ("0001951757", "0001951757-25-000093")
    assert (cover.period_on, cover.filed_on) == (date(2024, 12, 31), date(2025, 1, 22))


def test_an_acceptance_is_new_york_time() -> None:
    accepted_at = cover_13f(submission("<x/>", header=LABELS), "x.txt").accepted_at

    assert accepted_at is not None
    assert accepted_at.astimezone(UTC) == datetime(2025, 1, 22, 20, 15, tzinfo=UTC)
    assert cover_13f(submission("<x/>", header=TAGS), "x.txt").accepted_at is None


def test_the_table_is_the_document_of_that_type() -> None:
    assert table_13f(submission("<informationTable/>"), "x.txt") == b"<informationTable/>"


def test_only_an_amendment_that_says_so_restates() -> None:
    assert is_restatement(submission("<x/>", amendment="RESTATEMENT"))
    assert not is_restatement(submission("<x/>", amendment="NEW HOLDINGS"))
    assert not is_restatement(submission("<x/>"))


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (b"", "the header of x.txt does not say its accession"),
        (LABELS.replace("20241231", "20241331").encode(), "the period of x.txt is '20241331', expected a day"),
        (LABELS.replace("20250122151500", "20250122996100").encode(), "the acceptance of x.txt is '20250122996100'"),
        (LABELS.replace("CENTRAL INDEX KEY", "KEY").encode(), "does not say its filer's CIK"),
    ],
)
def test_a_header_that_says_too_little_is_refused(text: bytes, said: str) -> None:
    with pytest.raises(DataError, match=said):
        cover_13f(text, "x.txt")


@pytest.mark.parametrize("text", [b"", b"<DOCUMENT>" * 100_000, b"<DOCUMENT><TYPE>INFORMATION TABLE<XML><x/>"])
def test_a_filing_without_a_whole_table_is_refused(text: bytes) -> None:
    with pytest.raises(DataError, match=r"x.txt holds no document of type INFORMATION TABLE; take the complete"):
        table_13f(text, "x.txt")
