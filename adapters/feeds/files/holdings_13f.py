"""13F filings in files: complete submissions of EDGAR and CSV tables of several filings, the oldest filing first.

An amendment that restates takes back what the filer no longer names, so what was read before it counts as known.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

import polars as pl

from adapters.feeds.files.entries import read_csv_entries, text_of
from adapters.feeds.files.ownership import Filing13F, holdings_table, information_table
from adapters.feeds.files.parsed import Parsed, nothing_parsed
from adapters.feeds.files.request import ImportRequest
from adapters.feeds.files.submission_13f import cover_13f, is_restatement, table_13f
from adapters.feeds.files.tables import file_bytes, reject
from adapters.lake.domains.ownership import OWNERSHIP_13F
from nodes.vocabulary.errors import DataError, EdgeError

_SOURCE = "sec-13f"
_TABLES = (".csv", ".csv.gz")
_CUSIPS: Mapping[str, pl.DataType] = {"cusip": pl.String(), "symbol": pl.String()}


@dataclass(frozen=True, slots=True)
class _Submission:
    """A filing: where it is, its text and its cover."""

    path: Path
    text: bytes
    cover: Filing13F


def holdings_13f(request: ImportRequest) -> Iterator[Parsed]:
    """The holdings in a file, or in every file of a folder.

    Raises:
        EdgeError: there is no such file or folder.
        DataError: the one file is none of these.
    """
    symbols = _symbols(request.besides.cusips)
    known = request.held.facts(OWNERSHIP_13F).select(*OWNERSHIP_13F.keys, *OWNERSHIP_13F.values, "event_at", "known_at")
    if request.place.is_file():
        yield _read(request.place, symbols, known)
        return
    submissions: list[_Submission] = []
    for path in _paths(request.place):
        try:
            if path.name.endswith(_TABLES):
                yield _renamed(path, holdings_table(file_bytes(path), symbols))
            else:
                submissions.append(_submission(path))
        except DataError as error:
            yield _refused(path, error)
    for submission in sorted(submissions, key=lambda each: (each.cover.filed_on, each.cover.accession)):
        try:
            parsed = _holdings(submission, symbols, known)
        except DataError as error:
            yield _refused(submission.path, error)
            continue
        known = _with(known, parsed.facts)
        yield parsed


def _paths(folder: Path) -> list[Path]:
    paths = sorted(path for path in folder.rglob("*") if path.is_file())
    if not paths:
        message = f"{folder} holds no file; name the folder that the filings are in"
        raise EdgeError(message)
    return paths


def _read(path: Path, symbols: Mapping[str, str], known: pl.DataFrame) -> Parsed:
    if path.name.endswith(_TABLES):
        return _renamed(path, holdings_table(file_bytes(path), symbols))
    return _holdings(_submission(path), symbols, known)


def _submission(path: Path) -> _Submission:
    text = file_bytes(path)
    return _Submission(path, text, cover_13f(text, path.name))


def _holdings(filing: _Submission, symbols: Mapping[str, str], known: pl.DataFrame) -> Parsed:
    cover = filing.cover
    table = table_13f(filing.text, filing.path.name)
    of_quarter = known.filter(pl.col("filer") == cover.filer, pl.col("period_on") == cover.period_on)
    restates = of_quarter.filter(pl.col("accession") != cover.accession) if is_restatement(filing.text) else None
    return _renamed(filing.path, information_table(table, cover, symbols, restates))


def _with(known: pl.DataFrame, facts: pl.DataFrame) -> pl.DataFrame:
    """What is known after facts are: those that they take back are not."""
    later = facts.sort("known_at", maintain_order=True)
    newest = pl.concat([known.with_columns(is_retracted=False), later.select(*known.columns, "is_retracted")])
    standing = newest.unique([*OWNERSHIP_13F.keys], keep="last", maintain_order=True)
    return standing.filter(~pl.col("is_retracted")).drop("is_retracted")


def _renamed(path: Path, parsed: Parsed) -> Parsed:
    return replace(parsed, rejected=parsed.rejected.with_columns(file=pl.lit(path.name)))


def _refused(path: Path, error: DataError) -> Parsed:
    return nothing_parsed(OWNERSHIP_13F, _SOURCE, reject(path.name, 0, "", "", str(error)))


def _symbols(cusips: Path | None) -> Mapping[str, str]:
    """Tickers by CUSIP. Raises DataError when the file has a row that is none."""
    if cusips is None:
        return {}
    read = read_csv_entries(cusips.name, file_bytes(cusips), _CUSIPS, _cusip, _CUSIPS)
    if read.rejected.height:
        line, reason = read.rejected.select("line", "reason").row(0)
        message = f"{cusips.name}:{line}: {reason}"
        raise DataError(message)
    return dict(read.accepted.iter_rows())


def _cusip(row: Mapping[str, object]) -> dict[str, str]:
    return {"cusip": text_of(row, "cusip").upper(), "symbol": text_of(row, "symbol").upper()}
