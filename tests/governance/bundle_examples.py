"""Logs with real decisions for the tests of bundles: two sessions of February 2005, signed, read by many tests."""

from __future__ import annotations

import importlib.util
from dataclasses import dataclass
from datetime import date
from functools import cache
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from adapters.lake.lake import bundled_lake
from adapters.log_folder import log_folder, log_folder_to_read
from api.use_cases.main_job import sessions_run
from dataflows.engine.recorded import RecordedRun, recorded_run
from governance.bundle import BundledRuns
from governance.entries import EntryKind
from governance.ports import LogReader, LogStore
from governance.rows import Record
from tests.api.use_cases.homes import FIRST_ON, desk_at

LAST_ON = date(2005, 2, 11)
VERIFIERS = Path(__file__).resolve().parents[2] / "docs" / "verifier"
PAGE = '<!doctype html><p>A page</p><script type="application/json" id="assay-bundle"></script><p>Its end</p>'


@dataclass(frozen=True)
class DecidedHome:
    """A home whose sessions were decided, and the key that its checkpoints are verified with."""

    path: Path
    vkey: str

    @property
    def store(self) -> LogStore:
        return log_folder_to_read(self.path).store


_HOMES: dict[str, DecidedHome] = {}


@pytest.fixture(scope="module")
def decided(tmp_path_factory: pytest.TempPathFactory) -> DecidedHome:
    """A paper log with decisions; modules of one process share it, and only read it."""
    if "paper" not in _HOMES:
        _HOMES["paper"] = decided_home(tmp_path_factory.mktemp("decided") / "home", "paper")
    return _HOMES["paper"]


@pytest.fixture(scope="module")
def research(tmp_path_factory: pytest.TempPathFactory) -> DecidedHome:
    """A research log with the same decisions."""
    if "research" not in _HOMES:
        _HOMES["research"] = decided_home(tmp_path_factory.mktemp("decided") / "research", "research/bundles")
    return _HOMES["research"]


def decided_home(path: Path, origin: str) -> DecidedHome:
    """A home with decisions of two sessions and a checkpoint over all of it."""
    lake = bundled_lake()
    with desk_at(path, lake, origin=origin) as opened:
        sessions_run(opened.desk, lake.sessions(FIRST_ON, LAST_ON), lambda *_: None)
    folder = log_folder(path, origin)
    folder.checkpoint()
    return DecidedHome(path, folder.key.text)


def clipped(reader: LogReader) -> Record:
    """A decision with two passes, after which orders were filled."""
    return next(each for each in reader.of_kind(EntryKind.DECISION) if each.entry.facts["verdict"] == "clip")


def runs_of(reader: LogReader, record: Record) -> BundledRuns:
    """The decision's run and its session's."""
    session = reader.record_of_entry(record.entry.cites[0])
    assert session is not None
    return BundledRuns(record, _run(reader, record), session, _run(reader, session))


def _run(reader: LogReader, record: Record) -> RecordedRun:
    facts = record.entry.facts
    which = "session" if record.kind == EntryKind.PLAN.value else "order"
    return recorded_run(reader.body(facts["trace_ref"]), reader.body(facts[f"{which}_manifest_ref"]))


@cache
def verifier(name: str = "verify_bundle") -> Any:
    """A verifier that is handed out, as a module."""
    spec = importlib.util.spec_from_file_location(name, VERIFIERS / f"{name}.py")
    assert spec is not None
    assert spec.loader is not None
    module: ModuleType = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module
