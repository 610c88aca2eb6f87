"""A folder of SEC's JSON files: submissions and company facts, told apart by what is in them.

Submissions come first: they say which ticker a company has and when each filing was accepted, and company facts without
an acceptance time would count from the session after their filing.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import msgspec
import polars as pl

from adapters.feeds.files.companyfacts import cik_text, company_facts
from adapters.feeds.files.parsed import Parsed, nothing_parsed
from adapters.feeds.files.submissions import submissions
from adapters.feeds.files.tables import file_bytes, reject
from adapters.lake.domains.filings import FILINGS
from adapters.lake.domains.fundamentals import FUNDAMENTALS
from nodes.vocabulary.errors import DataError, EdgeError

_SOURCE = "sec"


class _Head(msgspec.Struct):
    """What tells the files apart."""

    cik: int | str = ""
    filings: msgspec.Raw = msgspec.Raw()
    facts: msgspec.Raw = msgspec.Raw()
    tickers: list[str] = msgspec.field(default_factory=list)


@dataclass(frozen=True, slots=True)
class _Company:
    """What submissions say of a company."""

    symbol: str
    filings: pl.DataFrame


def sec_folder(place: Path, symbol: str | None = None) -> Iterator[Parsed]:
    """The filings and the facts of every company in a folder, or of one file.

    Args:
        place: the folder or the file.
        symbol: ticker of a company whose files name none.

    Raises:
        EdgeError: there is no JSON file.
    """
    paths = [place] if place.is_file() else sorted(place.rglob("*.json")) + sorted(place.rglob("*.json.gz"))
    if not paths:
        message = f"{place} holds no JSON file; name the folder with SEC's submissions and company facts"
        raise EdgeError(message)
    companies: dict[str, _Company] = {}
    stated: list[tuple[Path, _Head]] = []
    for path in paths:
        try:
            head = _head(path)
            if head.facts:
                stated.append((path, head))
            elif head.filings:
                company, parsed = _submitted(path, head, paths, symbol)
                companies[cik_text(head.cik)] = company
                yield parsed
        except DataError as error:
            yield nothing_parsed(FILINGS, _SOURCE, reject(path.name, 0, "", "", str(error)))
    for path, head in stated:
        yield _facts(path, head, companies, symbol)


def _head(path: Path) -> _Head:
    try:
        return msgspec.json.decode(file_bytes(path), type=_Head)
    except (msgspec.DecodeError, msgspec.ValidationError) as error:
        message = f"{path.name} is none of SEC's JSON files: {error}; download it again"
        raise DataError(message) from error


def _submitted(path: Path, head: _Head, paths: Sequence[Path], symbol: str | None) -> tuple[_Company, Parsed]:
    """A company's submissions with the older ones that lie beside them, named CIK...-submissions-001.json."""
    older = [file_bytes(other) for other in paths if other.name.startswith(f"{path.name.split('.')[0]}-submissions-")]
    read = submissions(file_bytes(path), older, symbol)
    named = symbol or head.tickers[0]
    return _Company(named, read.filings.facts), read.filings


def _facts(path: Path, head: _Head, companies: dict[str, _Company], symbol: str | None) -> Parsed:
    try:
        company = companies.get(cik_text(head.cik))
        named = company.symbol if company is not None else symbol
        if named is not None:
            return company_facts(file_bytes(path), named, None if company is None else company.filings)
        reason = "names no ticker; put the company's submissions beside it or give its symbol"
    except DataError as error:
        reason = str(error)
    return nothing_parsed(FUNDAMENTALS, _SOURCE, reject(path.name, 0, "", "", reason))
