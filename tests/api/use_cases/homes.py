"""Homes with real logs for the tests of the use cases: fifteen sessions of February and March 2005.

They hold a dividend of MSFT (2005-02-15) and the split of AAPL (2005-02-28).
"""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

from adapters.lake.lake import Lake
from api.bootstrap import OpenDesk, open_desk
from api.settings import Settings
from api.use_cases.main_job import sessions_run
from governance.entries import Entry, EntryKind
from governance.ports import LogStore
from governance.rows import Record

FIRST_ON, LAST_ON = date(2005, 2, 10), date(2005, 3, 3)
POLICY = Path(__file__).parents[3] / "policies" / "us-equities" / "v1.yaml"


def home_settings(home: Path, **changes: Any) -> Settings:
    return replace(Settings(home=home, policy=POLICY, first_on=FIRST_ON), **changes)


@contextmanager
def desk_at(home: Path, lake: Lake, **changes: Any) -> Iterator[OpenDesk]:
    """A desk on the log of a home, made on first use."""
    with open_desk(home_settings(home, **changes), lake=lake) as opened:
        yield opened


def run_home(home: Path, lake: Lake, last_on: date = LAST_ON) -> Path:
    """A home whose sessions up to a day were run."""
    with desk_at(home, lake) as opened:
        sessions_run(opened.desk, lake.sessions(FIRST_ON, last_on), lambda *_: None)
    return home


def copied_home(home: Path, to: Path) -> Path:
    return Path(shutil.copytree(home, to))


def entries(store: LogStore, kind: EntryKind | None = None) -> list[Entry]:
    return [record.entry for record in records(store, kind)]


def records(store: LogStore, kind: EntryKind | None = None) -> list[Record]:
    with store.reader() as reader:
        found = reader.records(0, reader.head().size)
    return [record for record in found if kind is None or record.kind == kind.value]


def told(store: LogStore) -> list[tuple[Any, ...]]:
    """What a log says apart from when it learned it: equal for two runs that came to the same."""
    shells = (EntryKind.GENESIS, EntryKind.ACTIVATION)
    return [(entry.kind, entry.as_of, entry.facts) for entry in entries(store) if entry.kind not in shells]
