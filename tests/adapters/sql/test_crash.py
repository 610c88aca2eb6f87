"""Processes that are killed, that share a log, that meet a full disk: nothing acknowledged is ever lost."""

from __future__ import annotations

import random
import subprocess
import sys
import threading
from collections.abc import Iterable
from pathlib import Path

import pytest

from adapters.log_folder import log_folder
from tests.adapters.sql.appending import ORIGIN

_FOREVER = 10**9
_N_KILLS = 6


def _process(path: Path, name: str, n_appends: int, *limits: int | str) -> subprocess.Popen[str]:
    arguments = [sys.executable, "-m", "tests.adapters.sql.appending", str(path), name, str(n_appends)]
    return subprocess.Popen(  # noqa: S603  # this Python, this repository
        [*arguments, *map(str, limits)], stdout=subprocess.PIPE, text=True
    )


def _acknowledged(lines: Iterable[str]) -> dict[int, int]:
    """Sequence to number; a line that was cut off by a kill does not count."""
    whole = [line.split() for line in lines if line.endswith("\n") and not line.startswith("refused")]
    return {int(sequence): int(number) for sequence, number in whole}


def _check(path: Path, acknowledged: dict[str, dict[int, int]], database_url: str | None = None) -> int:
    """Open the log as after any crash, verify all of it, and find every acknowledged entry in its place."""
    folder = log_folder(path, ORIGIN, database_url)
    report = folder.verification()
    assert report.findings == ()
    with folder.store.reader() as reader:
        for name, numbers in acknowledged.items():
            for sequence, number in numbers.items():
                (record,) = reader.records(sequence, sequence + 1)
                assert (record.entry.facts["by"], record.entry.facts["number"]) == (name, number)
    folder.checkpoint()
    folder.store.close()
    return report.size


def _killed(path: Path, name: str, after_s: float, *limits: int | str) -> dict[int, int]:
    """What a process had acknowledged when it was killed, some time after its first acknowledgement."""
    process = _process(path, name, _FOREVER, *limits)
    assert process.stdout is not None
    first = process.stdout.readline()
    killer = threading.Timer(after_s, process.kill)
    killer.start()
    rest = process.stdout.readlines()
    process.wait()
    process.stdout.close()
    return _acknowledged([first, *rest])


@pytest.mark.slow
def test_a_log_whose_writer_is_killed_again_and_again_loses_nothing_acknowledged(tmp_path: Path) -> None:
    rng = random.Random(2)
    acknowledged = {}
    for kill in range(_N_KILLS):
        name = f"life {kill}"
        acknowledged[name] = _killed(tmp_path, name, rng.uniform(0.0, 0.3))
    size = _check(tmp_path, acknowledged)
    assert size >= sum(map(len, acknowledged.values())) > _N_KILLS


@pytest.mark.slow
def test_two_processes_on_one_log_leave_no_gap(tmp_path: Path) -> None:
    log_folder(tmp_path, ORIGIN).store.close()
    processes = {name: _process(tmp_path, name, 400) for name in ("one", "other")}
    acknowledged = {
        name: _acknowledged(process.communicate()[0].splitlines(keepends=True)) for name, process in processes.items()
    }
    assert sorted(sequence for numbers in acknowledged.values() for sequence in numbers) == list(range(800))
    assert _check(tmp_path, acknowledged) == 800


@pytest.mark.slow
def test_a_process_goes_on_while_another_one_on_the_same_log_is_killed(tmp_path: Path) -> None:
    log_folder(tmp_path, ORIGIN).store.close()
    steady = _process(tmp_path, "steady", 1500)
    killed = _killed(tmp_path, "killed", 0.2)
    survived = _acknowledged(steady.communicate()[0].splitlines(keepends=True))
    assert len(survived) == 1500
    _check(tmp_path, {"steady": survived, "killed": killed})


@pytest.mark.slow
def test_processes_on_one_log_in_postgresql_leave_no_gap_although_one_is_killed(
    tmp_path: Path, postgres_url: str
) -> None:
    log_folder(tmp_path, ORIGIN, postgres_url).store.close()
    steady = _process(tmp_path, "steady", 600, -1, postgres_url)
    killed = _killed(tmp_path, "killed", 0.2, -1, postgres_url)
    survived = _acknowledged(steady.communicate()[0].splitlines(keepends=True))
    assert len(survived) == 600
    size = _check(tmp_path, {"steady": survived, "killed": killed}, postgres_url)
    assert size >= len(survived | killed) == len(survived) + len(killed)


@pytest.mark.slow
def test_a_full_disk_refuses_appends_and_a_freed_one_takes_them(tmp_path: Path) -> None:
    """The file size limit of the process stands for the disk: chmod and quotas do not bind root."""
    lines = _process(tmp_path, "full", 3000, 800_000).communicate()[0].splitlines(keepends=True)
    refused = [line for line in lines if line.startswith("refused")]
    assert refused
    assert all("nothing" in line and ("free some space" in line or "space and limits" in line) for line in refused)
    acknowledged = _acknowledged(lines)
    assert len(acknowledged) + len(refused) == 3000
    assert not lines[-1].startswith("refused")
    assert _check(tmp_path, {"full": acknowledged}) == len(acknowledged)
