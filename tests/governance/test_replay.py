"""Old runs replay bit for bit, also after the nodes changed; what diverges or cannot be judged says why.

Other code is real here: a copy of `nodes` with one formula changed runs the desk in a process of its own.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections import Counter
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from adapters.archived_code import ChildProcess
from adapters.lake.lake import Lake, bundled_lake
from adapters.log_folder import log_folder_to_read
from api.use_cases.replaying import replayed
from dataflows.engine.packing import Layout
from dataflows.engine.recorded import recorded_run
from dataflows.engine.trace import Trace, TraceDigester
from governance.entries import Entry, EntryKind
from governance.environment import Environment, environment_here
from governance.ports import LogReader, LogStore, Transaction
from governance.replay import ReplayOutcome, ReplayReport, replays
from governance.rows import Record
from nodes.vocabulary.canonical import encode
from nodes.vocabulary.errors import LogError
from tests.api.use_cases.homes import POLICY, copied_home, desk_at, records, run_home

ROOT = POLICY.parents[2]
_RUN = """
import sys
from datetime import date
from pathlib import Path
sys.path.insert(0, sys.argv[1])
from adapters.lake.lake import bundled_lake
from tests.api.use_cases.homes import run_home
run_home(Path(sys.argv[2]), bundled_lake(), date(2005, 2, 14))
"""


@pytest.fixture(scope="module")
def lake() -> Lake:
    return bundled_lake()


@pytest.fixture(scope="module")
def ran(tmp_path_factory: pytest.TempPathFactory, lake: Lake) -> Path:
    return run_home(tmp_path_factory.mktemp("ran") / "home", lake)


def _run_with(changes: dict[str, tuple[str, str]], at: Path, *, beside: str = "") -> LogStore:
    """The log of a desk that ran with changed node modules: file: (text, its replacement); `beside` is a library."""
    code = at / "code"
    shutil.copytree(ROOT / "nodes", code / "nodes", ignore=shutil.ignore_patterns("__pycache__"))
    for name, (old, new) in changes.items():
        file = code / "nodes" / name
        text = file.read_text(encoding="utf-8")
        assert old in text
        file.write_text(text.replace(old, new), encoding="utf-8")
    if beside:
        (code / "desk_library.py").write_text(beside, encoding="utf-8")
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    command = [sys.executable, "-c", _RUN, str(code), str(at / "home")]
    subprocess.run(command, check=True, env=environment, cwd=ROOT)  # noqa: S603  # our own interpreter and code
    return log_folder_to_read(at / "home").store


def _runs(store: LogStore) -> list[Record]:
    return [*records(store, EntryKind.PLAN), *records(store, EntryKind.DECISION)]


def test_every_run_replays_identically(ran: Path) -> None:
    """ENG-05."""
    store = log_folder_to_read(ran).store
    reports = replayed(store, _runs(store))
    assert len(reports) == len(_runs(store)) > 15
    assert {report.outcome for report in reports} == {ReplayOutcome.IDENTICAL}
    assert not any(report.is_archived_code for report in reports)


@pytest.fixture(scope="module")
def other_code(tmp_path_factory: pytest.TempPathFactory) -> LogStore:
    """A log of a desk whose volatility was measured otherwise, and whose limits stood further away."""
    changes = {
        "routing/limit.py": (
            "return Frac(limit_volatility_ratio * volatility_frac)",
            "return Frac(1.25 * limit_volatility_ratio * volatility_frac)",
        ),
        "signals/composite.py": ("from __future__ import annotations", "from __future__ import annotations\n\nAGE = 2"),
    }
    return _run_with(changes, tmp_path_factory.mktemp("other"))


def test_old_decisions_replay_with_their_archived_sources_after_the_nodes_changed(other_code: LogStore) -> None:
    reports = replayed(other_code, _runs(other_code))
    assert all(report.is_identical for report in reports)
    assert all(report.is_archived_code for report in reports)


def test_todays_code_diverges_at_the_first_node_that_changed_and_the_cause_is_code(other_code: LogStore) -> None:
    """ENG-05: the first divergent node, with the cause."""
    (report, *_) = replayed(other_code, records(other_code, EntryKind.DECISION), with_current_code=True)
    assert (report.outcome, report.node) == (ReplayOutcome.DIVERGED, "limit_offset_frac")
    assert report.recorded == pytest.approx(1.25 * report.recomputed)
    assert report.causes == ("code of limit_offset_frac is other than recorded",)


def test_runs_that_the_change_does_not_touch_are_identical_under_todays_code(other_code: LogStore) -> None:
    reports = replayed(other_code, records(other_code, EntryKind.PLAN), with_current_code=True)
    assert all(report.is_identical for report in reports)


def test_code_that_needs_a_library_that_is_gone_cannot_run_here(tmp_path: Path) -> None:
    changes = {"routing/limit.py": ("from nodes.kernels.sizes import side", "from desk_library import side")}
    library = "def side(order_shares):\n    return (order_shares > 0) - (order_shares < 0)\n"
    store = _run_with(changes, tmp_path, beside=library)
    (report, *_) = replayed(store, records(store, EntryKind.DECISION))
    assert report.outcome is ReplayOutcome.CANNOT_RUN
    assert any("No module named 'desk_library'" in reason for reason in report.missing)


def _forged(store: LogStore, record: Record, environment: Environment, **values: Any) -> Record:
    """A new decision entry whose trace says other values than the run had, made in another environment."""
    facts = dict(record.entry.facts)
    with store.reader() as reader:
        manifest = reader.body(facts["order_manifest_ref"])
        recorded = recorded_run(reader.body(facts["trace_ref"]), manifest)
    layout = Layout(recorded.plan.computed)
    changed = {**recorded.values, **values}
    packed = layout.packed([changed[node.name] for node in recorded.plan.computed])
    header = replace(recorded.trace.header, environment_digest=environment.digest)
    digester = TraceDigester(header, layout, is_salted=False)
    digest = digester.digest(recorded.trace.as_of, recorded.trace.cites, (packed,), None)
    trace = Trace(header, recorded.trace.as_of, recorded.trace.cites, (packed,), None, digest)

    def append(transaction: Transaction) -> Entry:
        trace_ref = transaction.put_body(trace.body)
        environment_ref = transaction.put_body(encode(environment.content))
        refs = {"trace_ref": trace_ref, "environment_ref": environment_ref, "trace_digest": digest}
        bodies = (*record.entry.bodies, trace_ref, environment_ref)
        entry = replace(record.entry, facts=facts | refs, bodies=bodies, recorded_at=datetime(2030, 1, 1, tzinfo=UTC))
        transaction.append(entry)
        return entry

    with store.transaction() as transaction:
        append(transaction)
    return records(store, EntryKind.DECISION)[-1]


def _forged_report(home: Path, lake: Lake, environment: Environment, **values: Any) -> ReplayReport:
    with desk_at(home, lake) as opened:
        store = opened.desk.store
        whole = [record for record in records(store, EntryKind.DECISION) if record.entry.facts["verdict"] == "pass"]
        (report,) = replayed(store, [_forged(store, whole[0], environment, **values)])
    return report


def test_values_that_the_run_never_had_diverge(ran: Path, lake: Lake, tmp_path: Path) -> None:
    report = _forged_report(copied_home(ran, tmp_path / "home"), lake, environment_here(), expected_fill_shares=1)
    assert (report.outcome, report.node, report.recorded) == (ReplayOutcome.DIVERGED, "expected_fill_shares", 1)
    assert report.causes == ("nothing that is recorded: the node does not always give the same value",)


def test_values_of_another_library_version_diverge_with_that_cause(ran: Path, lake: Lake, tmp_path: Path) -> None:
    here = environment_here()
    other = replace(here, libraries={**here.libraries, "numpy": "1.0.0"})
    report = _forged_report(copied_home(ran, tmp_path / "home"), lake, other, expected_fill_shares=1)
    assert report.causes == (f"library numpy was 1.0.0, is {here.libraries['numpy']} here",)


def test_values_of_another_machine_class_cannot_be_judged_here(ran: Path, lake: Lake, tmp_path: Path) -> None:
    here = environment_here()
    other = replace(here, machine={**here.machine, "blas_core": "openblas of no machine"})
    report = _forged_report(copied_home(ran, tmp_path / "home"), lake, other, expected_fill_shares=1)
    assert report.outcome is ReplayOutcome.CANNOT_RUN
    assert report.missing[0].startswith("blas_core was openblas of no machine")


def test_identical_values_are_identical_whatever_the_machine_was(ran: Path, lake: Lake, tmp_path: Path) -> None:
    here = environment_here()
    other = replace(here, machine={**here.machine, "blas_core": "openblas of no machine"})
    assert _forged_report(copied_home(ran, tmp_path / "home"), lake, other).is_identical


def test_an_entry_that_is_no_run_is_refused(ran: Path) -> None:
    store = log_folder_to_read(ran).store
    (fill, *_) = records(store, EntryKind.FILL)
    with pytest.raises(LogError, match=rf"entry {fill.sequence} is a fill, which is no run"):
        replayed(store, [fill])


def test_an_entry_whose_trace_is_another_one_is_refused(ran: Path, lake: Lake, tmp_path: Path) -> None:
    with desk_at(copied_home(ran, tmp_path / "home"), lake) as opened:
        store = opened.desk.store
        (first, second, *_) = records(store, EntryKind.DECISION)
        facts = {**first.entry.facts, "trace_ref": second.entry.facts["trace_ref"]}
        with store.transaction() as transaction:
            bodies = (*first.entry.bodies, *second.entry.bodies)
            at = datetime(2030, 1, 1, tzinfo=UTC)
            transaction.append(replace(first.entry, facts=facts, bodies=bodies, recorded_at=at))
        swapped = records(store, EntryKind.DECISION)[-1]
        with pytest.raises(LogError, match=rf"entry {swapped.sequence} names trace .* hashes to .*; verify the log"):
            replayed(store, [swapped])


class _CountingReader:
    """A reader of a log that counts how often each body is read."""

    def __init__(self, reader: LogReader) -> None:
        self._reader = reader
        self.reads: Counter[bytes] = Counter()

    def __getattr__(self, name: str) -> Any:
        return getattr(self._reader, name)

    def body(self, ref: bytes) -> bytes:
        self.reads[ref] += 1
        return self._reader.body(ref)


def test_runs_of_one_generation_read_what_they_share_once_and_their_own_trace_each(ran: Path) -> None:
    """What is kept between runs is the same bytes under the same digest: each trace is read, judged and run again."""
    store = log_folder_to_read(ran).store
    decisions = records(store, EntryKind.DECISION)
    assert len(decisions) > 1
    with store.reader() as reader:
        counting = _CountingReader(reader)
        reports = replays(counting, decisions, ChildProcess())
    assert all(report.is_identical for report in reports)
    assert {counting.reads[record.entry.facts["trace_ref"]] for record in decisions} == {1}
    assert counting.reads[decisions[0].entry.facts["environment_ref"]] == 1
    assert counting.reads[decisions[0].entry.facts["order_manifest_ref"]] == 2
