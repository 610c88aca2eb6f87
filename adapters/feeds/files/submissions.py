"""SEC submissions.json: the list of a company's filings, with the times at which EDGAR accepted them.

`acceptanceDateTime` ends in Z for every company, yet for some it is New York time. Which it is is decided for each
company by evidence, and the decision stands with each filing: see `adapters.feeds.files.acceptance`.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import polars as pl

from adapters.feeds.files.acceptance import Acceptance, acceptance_of
from adapters.feeds.files.companyfacts import cik_text
from adapters.feeds.files.entries import (
    Entry,
    day_of,
    is_blank,
    json_object,
    optional_day_of,
    read_entries,
    text_of,
)
from adapters.feeds.files.parsed import Parsed
from adapters.lake.domains.filings import FILINGS
from adapters.lake.knowledge import INSTANT, filing_knowledge
from adapters.lake.session_instants import ends_of_day
from nodes.vocabulary.errors import DataError

_NAME, _SOURCE = "submissions.json", "sec-submissions"
_STATED = pl.Datetime("us")
_COLUMNS = ("accessionNumber", "form", "filingDate", "acceptanceDateTime")
_ROW: Mapping[str, pl.DataType] = {
    "cik": pl.String(),
    "accession": pl.String(),
    "symbol": pl.String(),
    "form": pl.String(),
    "filed_on": pl.Date(),
    "stated_at": _STATED,
    "report_on": pl.Date(),
    "items": pl.String(),
}


@dataclass(frozen=True)
class Submissions:
    """The filings of one company.

    Attributes:
        filings: facts of the domain `filings`, and what was set aside.
        acceptance: how its acceptance times are read, and why.
        older_files: names of the files that hold its older filings, to be read as `older`.
    """

    filings: Parsed
    acceptance: Acceptance
    older_files: tuple[str, ...]


def submissions(text: bytes, older: Sequence[bytes] = (), symbol: str | None = None) -> Submissions:
    """The filings of a company's file and of the files with its older filings.

    Args:
        text: the file.
        older: the files that its `filings.files` names; each has the columns of `filings.recent` at its top.
        symbol: ticker of the company, by default the first that the file names.

    Raises:
        DataError: a file is not of this kind at all, or names no ticker and none is given.
    """
    content = json_object(text, _NAME)
    cik, ticker = cik_text(content.get("cik", "")), symbol or _ticker(content)
    filings = content.get("filings")
    parts = [filings.get("recent") if isinstance(filings, dict) else None]
    parts += [json_object(each, f"older {_NAME}") for each in older]
    rows = [row for part in parts for row in _rows(part)]
    parsed = read_entries(_NAME, rows, lambda row: _filing(row, cik, ticker), _ROW)
    unique = parsed.accepted.unique("accession", keep="first", maintain_order=True)
    acceptance = acceptance_of(unique)
    known = Parsed(FILINGS, _SOURCE, _known(unique, acceptance), parsed.rejected)
    return Submissions(known, acceptance, _older_files(filings))


def _ticker(content: Mapping[str, Any]) -> str:
    tickers = content.get("tickers")
    if not isinstance(tickers, list) or not tickers or not isinstance(tickers[0], str):
        message = f"{_NAME} of CIK {content.get('cik')!r} names no ticker ({tickers!r}); give its symbol"
        raise DataError(message)
    return tickers[0]


def _older_files(filings: Any) -> tuple[str, ...]:  # noqa: ANN401  # a value of a file
    files = filings.get("files") if isinstance(filings, dict) else None
    return tuple(str(each["name"]) for each in files or () if isinstance(each, dict) and "name" in each)


def _rows(table: Any) -> Iterator[Entry]:  # noqa: ANN401  # a value of a file
    """The rows of a table that is written as lists side by side."""
    if not isinstance(table, dict) or not all(isinstance(table.get(name), list) for name in _COLUMNS):
        found = sorted(table) if isinstance(table, dict) else table
        message = f"{_NAME} lacks lists {list(_COLUMNS)}, has {found!r}; download it again"
        raise DataError(message)
    lists = {name: cells for name, cells in table.items() if isinstance(cells, list)}
    heights = {len(cells) for cells in lists.values()}
    if len(heights) != 1:
        message = f"{_NAME} has lists of {sorted(heights)} filings side by side, expected one height; download it again"
        raise DataError(message)
    for number in range(heights.pop()):
        yield Entry({name: cells[number] for name, cells in lists.items()}, place=f"filings[{number}]")


def _filing(row: Mapping[str, Any], cik: str, symbol: str) -> dict[str, Any]:
    return {
        "cik": cik,
        "accession": text_of(row, "accessionNumber"),
        "symbol": symbol,
        "form": text_of(row, "form"),
        "filed_on": day_of(row, "filingDate"),
        "stated_at": _stated_at(row),
        "report_on": optional_day_of(row, "reportDate"),
        "items": str(row.get("items") or ""),
    }


def _stated_at(row: Mapping[str, Any]) -> datetime | None:
    """The stated wall-clock time, without the zone that it claims; None where there is none."""
    text = row.get("acceptanceDateTime")
    if is_blank(text):
        return None
    try:
        return datetime.fromisoformat(str(text).removesuffix("Z")).replace(tzinfo=None)
    except ValueError as error:
        message = f"acceptanceDateTime is {text!r}, expected a time like 2019-01-29T16:30:26.000Z; correct it"
        raise DataError(message) from error


def _known(filings: pl.DataFrame, acceptance: Acceptance) -> pl.DataFrame:
    law, evidence = pl.lit(acceptance.law.value), pl.lit(acceptance.evidence)
    accepted = filings.with_columns(accepted_at=acceptance.instants(pl.col("stated_at")).cast(INSTANT))
    dated = accepted.with_columns(
        known_at=filing_knowledge(accepted),
        event_at=pl.coalesce("accepted_at", ends_of_day(accepted["filed_on"])),
        acceptance_law=pl.when(pl.col("accepted_at").is_null()).then(pl.lit("date-only")).otherwise(law),
        acceptance_evidence=evidence,
    )
    columns = (*FILINGS.keys, *FILINGS.values, "event_at", "known_at")
    return dated.sort("known_at", "accession").select(columns)
