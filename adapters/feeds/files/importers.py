"""The kinds of files that can be imported, each with its reader: what `assay data import` offers.

A kind takes a file or a folder. A file of a folder that is not of the kind at all is one row of the quarantine; a
single file that is not is refused.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from pathlib import Path

import polars as pl

from adapters.feeds.files.bundled_facts import bundled_facts
from adapters.feeds.files.calendars import calendar_actuals, earnings_calendar
from adapters.feeds.files.estimates import estimize_estimates, estimize_releases
from adapters.feeds.files.exchange_files import borrow_list, fails_to_deliver, halts, short_interest
from adapters.feeds.files.fama_french import fama_french
from adapters.feeds.files.holdings_13f import holdings_13f
from adapters.feeds.files.insiders import holdings_after_forms
from adapters.feeds.files.lean import lean_folder
from adapters.feeds.files.lean_options import lean_options
from adapters.feeds.files.lobster import books, lobster_day
from adapters.feeds.files.macro_calendar import macro_calendar
from adapters.feeds.files.mapped import mapped_files
from adapters.feeds.files.mapping import import_mapping
from adapters.feeds.files.membership import membership
from adapters.feeds.files.option_tables import option_file
from adapters.feeds.files.parsed import Parsed, nothing_parsed
from adapters.feeds.files.ratings import analyst_ratings
from adapters.feeds.files.request import ImportRequest
from adapters.feeds.files.reverse_splits import reverse_splits
from adapters.feeds.files.sec_folder import sec_folder
from adapters.feeds.files.tables import file_bytes, reject
from adapters.feeds.files.vintages import vintages
from adapters.lake.domains.calendars import EARNINGS_CALENDAR, MACRO_CALENDAR
from adapters.lake.domains.corporate_actions import CORPORATE_ACTIONS
from adapters.lake.domains.estimates import EARNINGS_ACTUALS, ESTIMATES
from adapters.lake.domains.factors import FACTORS, MACRO
from adapters.lake.domains.market_events import BORROW, FAILS, HALTS, SHORT_INTEREST
from adapters.lake.domains.options import OPTION_QUOTES
from adapters.lake.domains.ownership import INSIDER_HOLDINGS
from adapters.lake.domains.ratings import RATINGS
from adapters.lake.domains.universe import MEMBERSHIP
from adapters.lake.facts.domain import Domain
from nodes.vocabulary.errors import DataError, EdgeError

Importer = Callable[[ImportRequest], Iterator[Parsed]]
_Reader = Callable[[Path, ImportRequest], Parsed]


def _files(domain: Domain, read: _Reader) -> Importer:
    """An importer of one file, or of every file of a folder."""

    def every(request: ImportRequest) -> Iterator[Parsed]:
        if request.place.is_file():
            yield _named(request.place, read(request.place, request))
            return
        for path in _files_in(request.place):
            try:
                yield _named(path, read(path, request))
            except DataError as error:
                yield nothing_parsed(domain, "files", reject(path.name, 0, "", "", str(error)))

    return every


def _named(path: Path, parsed: Parsed) -> Parsed:
    """What was read, its rejected rows under the file's own name."""
    return replace(parsed, rejected=parsed.rejected.with_columns(file=pl.lit(path.name)))


def _files_in(folder: Path) -> list[Path]:
    if not folder.is_dir():
        message = f"{folder} is no file and no folder; name what was downloaded"
        raise EdgeError(message)
    found = sorted(path for path in folder.iterdir() if path.is_file())
    if not found:
        message = f"{folder} holds no file; name the folder that the files are in"
        raise EdgeError(message)
    return found


def _lean(request: ImportRequest) -> Iterator[Parsed]:
    return lean_folder(request.place, request.held.leases)


def _mapped(request: ImportRequest) -> Iterator[Parsed]:
    if request.besides.mapping is None:
        message = "a CSV or Parquet file needs a mapping that says what its columns mean; give one with --mapping FILE"
        raise EdgeError(message)
    mapping = import_mapping(file_bytes(request.besides.mapping), str(request.besides.mapping))
    return mapped_files(request.place, mapping, request.held.domains)


def _lobster(request: ImportRequest) -> Iterator[Parsed]:
    found = books(request.place)
    if not found:
        message = f"{request.place} holds no LOBSTER message file; name the folder that both files are in"
        raise EdgeError(message)
    for path in found:
        yield from lobster_day(path, request.held.leases)


def _estimates(path: Path, request: ImportRequest) -> Parsed:
    return estimize_estimates(file_bytes(path), request.embedded())


def _releases(path: Path, request: ImportRequest) -> Parsed:
    return estimize_releases(file_bytes(path), request.embedded(), request.filings())


def _calendar(path: Path, request: ImportRequest) -> Parsed:
    return earnings_calendar(file_bytes(path), request.besides.taken_at or request.held.now, request.year_ends())


def _calendar_actuals(path: Path, request: ImportRequest) -> Parsed:
    return calendar_actuals(file_bytes(path), request.embedded(), request.year_ends(), request.filings())


def _options(path: Path, request: ImportRequest) -> Parsed:
    return option_file(path, request.held.leases, request.besides.bar_s)


IMPORTERS: Mapping[str, Importer] = {
    "bundled": lambda _: bundled_facts(),
    "lean": _lean,
    "csv": _mapped,
    "lobster": _lobster,
    "halts": _files(HALTS, lambda path, _: halts(path)),
    "fama-french": _files(FACTORS, lambda path, _: fama_french(path)),
    "short-interest": _files(SHORT_INTEREST, lambda path, _: short_interest(path)),
    "fails": _files(FAILS, lambda path, _: fails_to_deliver(path)),
    "borrow": _files(BORROW, lambda path, _: borrow_list(path)),
    "membership": _files(MEMBERSHIP, lambda path, request: membership(path, request.besides.index)),
    "sec": lambda request: sec_folder(request.place, request.besides.symbol),
    "lean-options": lambda request: lean_options(request.place, request.held.leases),
    "ratings": _files(RATINGS, lambda path, _: analyst_ratings(file_bytes(path))),
    "insiders": _files(INSIDER_HOLDINGS, lambda path, _: holdings_after_forms(file_bytes(path))),
    "reverse-splits": _files(CORPORATE_ACTIONS, lambda path, _: reverse_splits(file_bytes(path))),
    "estimates": _files(ESTIMATES, _estimates),
    "releases": _files(EARNINGS_ACTUALS, _releases),
    "earnings-calendar": _files(EARNINGS_CALENDAR, _calendar),
    "earnings-calendar-results": _files(EARNINGS_ACTUALS, _calendar_actuals),
    "13f": holdings_13f,
    "options": _files(OPTION_QUOTES, _options),
    "macro-calendar": _files(MACRO_CALENDAR, lambda path, _: macro_calendar(file_bytes(path))),
    "vintages": _files(MACRO, lambda path, request: vintages(path, request.besides.unit)),
}
