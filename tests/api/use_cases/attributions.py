"""An account's attribution over the fifteen sessions of the home of these tests, for all tests that only look at it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from adapters.lake.lake import Lake
from adapters.log_folder import log_folder_to_read
from api.use_cases.attribution import Asked, Attribution, AttributionReport, attribution, attribution_report
from api.use_cases.attribution_terms import attribution_terms
from governance.ports import LogReader

ACCOUNT = "demo"


@dataclass(frozen=True)
class Attributed:
    """An attribution, what it says, and the log that it was read from."""

    reader: LogReader
    lake: Lake
    found: Attribution
    report: AttributionReport


@contextmanager
def attributed_at(home: Path, lake: Lake, asked: Asked | None = None) -> Iterator[Attributed]:
    """The attribution of a home's account, its log open."""
    folder = log_folder_to_read(home)
    try:
        with folder.store.reader() as reader:
            found = attribution(reader, lake, attribution_terms(), asked or Asked(ACCOUNT))
            yield Attributed(reader, lake, found, attribution_report(reader, found))
    finally:
        folder.store.close()
