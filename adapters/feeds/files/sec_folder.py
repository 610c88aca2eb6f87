"""A folder of SEC's JSON files: submissions, their older parts, and company facts, as anyone can download them.

The files are told apart by what they hold, never by their names. Submissions come first, since they say under which
ticker a company's facts stand and when each of its filings was known.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import polars as pl

from adapters.feeds.files.companyfacts import cik_text, company_facts
from adapters.feeds.files.entries import json_object
from adapters.feeds.files.parsed import Parsed, nothing_parsed
from adapters.feeds.files.submissions import submissions
from adapters.feeds.files.tables import file_bytes, reject
from adapters.lake.domains.filings import FILINGS
from adapters.lake.domains.fundamentals import FUNDAMENTALS
from adapters.lake.facts.domain import Domain
from nodes.vocabulary.errors import DataError, EdgeError

_SOURCE = "sec-files"


@dataclass
class _Company:
    """The files of one company."""

    submissions: Path | None = None
    older: list[Path] = field(default_factory=list)
    facts: list[Path] = field(default_factory=list)


def sec_folder(place: Path) -> Iterator[Parsed]:
    """Facts of the domains `filings` and `fundamentals` of every company in a folder, or of one file.

    A file that is of no such kind, or facts whose submissions are not there, is one row of the quarantine.

    Raises:
        EdgeError: there is no JSON file.
    """
    paths = [place] if place.is_file() else sorted(place.glob("*.json"))
    if not paths:
        message = f"{place} holds no JSON file; name the folder that submissions and company facts are in"
        raise EdgeError(message)
    companies: dict[str, _Company] = {}
    for path in paths:
        try:
            _sort_in(companies, path)
        except DataError as error:
            yield _aside(FILINGS, path, str(error))
    for cik, company in sorted(companies.items()):
        yield from _of_company(cik, company)


def _sort_in(companies: dict[str, _Company], path: Path) -> None:
    content = json_object(file_bytes(path), path.name)
    if "facts" in content:
        companies.setdefault(cik_text(content.get("cik", "")), _Company()).facts.append(path)
    elif "filings" in content:
        companies.setdefault(cik_text(content.get("cik", "")), _Company()).submissions = path
    elif "accessionNumber" in content:
        # An older part says whose it is in its name alone: CIK0000320193-submissions-001.json.
        companies.setdefault(cik_text(path.name.removeprefix("CIK").partition("-")[0]), _Company()).older.append(path)
    else:
        message = f"{path.name} holds {sorted(content)[:5]}, neither submissions nor company facts; leave it out"
        raise DataError(message)


def _of_company(cik: str, company: _Company) -> Iterator[Parsed]:
    found = None
    if company.submissions is not None:
        try:
            older = [file_bytes(path) for path in company.older]
            found = submissions(file_bytes(company.submissions), older).filings
        except DataError as error:
            yield _aside(FILINGS, company.submissions, str(error))
        else:
            yield found
    for path in company.facts:
        yield _facts(path, cik, None if found is None else found.facts)


def _facts(path: Path, cik: str, filings: pl.DataFrame | None) -> Parsed:
    if filings is None or filings.is_empty():
        reason = f"no submissions file names the ticker of CIK {cik}; put its submissions.json beside it"
        return _aside(FUNDAMENTALS, path, reason)
    try:
        return company_facts(file_bytes(path), str(filings["symbol"][0]), filings)
    except DataError as error:
        return _aside(FUNDAMENTALS, path, str(error))


def _aside(domain: Domain, path: Path, reason: str) -> Parsed:
    return nothing_parsed(domain, _SOURCE, reject(path.name, 0, "", "", reason))
