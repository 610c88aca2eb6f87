"""A job that is killed in the middle is taken up to the very log that it would have written undisturbed."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

from adapters.lake.lake import Lake
from adapters.log_folder import log_folder_to_read
from api.use_cases.replaying import replayed_sample
from governance.entries import EntryKind
from nodes.vocabulary.errors import AssayError
from tests.api.use_cases.homes import POLICY, entries, run_home, told

ROOT = POLICY.parents[2]
_RUN = """
import sys
from pathlib import Path
from adapters.lake.lake import bundled_lake
from nodes.vocabulary.errors import AssayError
from tests.api.use_cases.homes import run_home
run_home(Path(sys.argv[1]), bundled_lake())
"""
_PATIENCE_S = 120


def _killed_after(home: Path, n_plans: int) -> None:
    """Start the job in a process of its own, and kill -9 it once the log holds some sessions."""
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    with subprocess.Popen([sys.executable, "-c", _RUN, str(home)], env=environment, cwd=ROOT) as job:  # noqa: S603
        give_up_at = time.monotonic() + _PATIENCE_S
        while job.poll() is None and _n_plans(home) < n_plans and time.monotonic() < give_up_at:
            time.sleep(0.01)
        job.send_signal(signal.SIGKILL)


def _n_plans(home: Path) -> int:
    if not (home / "log.db").exists() or not (home / "key.pub").exists():
        return 0
    store = log_folder_to_read(home).store
    try:
        return len(entries(store, EntryKind.PLAN))
    except AssayError:
        return 0  # the tables are not there yet
    finally:
        store.close()


def test_a_killed_job_goes_on_to_the_same_log(ran: Path, lake: Lake, tmp_path: Path) -> None:
    home = tmp_path / "home"
    for n_plans in (1, 5):
        _killed_after(home, n_plans)
    run_home(home, lake)
    store = log_folder_to_read(home).store
    assert told(store) == told(log_folder_to_read(ran).store)
    assert all(report.is_identical for report in replayed_sample(store, 3))
    assert log_folder_to_read(home).verification().is_intact
