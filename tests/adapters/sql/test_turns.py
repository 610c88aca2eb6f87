"""Turns between processes: one at a time, nobody overtaken, nothing left behind by a process that was killed."""

from __future__ import annotations

import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest

from adapters.sql.turns import FileTurns
from nodes.vocabulary.errors import EdgeError

_HOLD = """
import sys, time
from pathlib import Path
from adapters.sql.turns import FileTurns
with FileTurns(Path(sys.argv[1]), 10)():
    print("mine", flush=True)
    time.sleep(60)
"""


def test_a_turn_that_is_held_does_not_come_to_another(tmp_path: Path) -> None:
    with (
        FileTurns(tmp_path / "log.db", 1)(),
        pytest.raises(EdgeError, match=r"log\.db-turn: another process has held the log all the while; wait") as caught,
        FileTurns(tmp_path / "log.db", 0.05)(),
    ):
        pass
    assert caught.value.reason == "log-unavailable"


def test_a_process_that_is_killed_gives_its_turn_back(tmp_path: Path) -> None:
    arguments = [sys.executable, "-c", _HOLD, str(tmp_path / "log.db")]
    process = subprocess.Popen(arguments, stdout=subprocess.PIPE, text=True)  # noqa: S603  # this Python
    assert process.stdout is not None
    assert process.stdout.readline() == "mine\n"
    turns = FileTurns(tmp_path / "log.db", 0.05)
    with pytest.raises(EdgeError, match="another process has held the log"), turns():
        pass
    process.kill()
    process.wait()
    process.stdout.close()
    with turns():
        pass


def test_whoever_waits_comes_next_although_the_other_wants_another_turn_at_once(tmp_path: Path) -> None:
    greedy, patient = FileTurns(tmp_path / "log.db", 10), FileTurns(tmp_path / "log.db", 10)
    taken: list[str] = []
    is_over = threading.Event()

    def grab() -> None:
        while not is_over.is_set():
            with greedy():
                taken.append("greedy")
                time.sleep(0.002)

    thread = threading.Thread(target=grab)
    thread.start()
    for _ in range(20):
        n_before = len(taken)
        with patient():
            assert len(taken) - n_before <= 2
    is_over.set()
    thread.join()


def test_a_folder_that_cannot_be_written_is_told(tmp_path: Path) -> None:
    with pytest.raises(EdgeError, match=r"log\.db-door: No such file or directory; make its folder"):
        FileTurns(tmp_path / "no" / "log.db", 1)().__enter__()


def _n_open() -> int:
    return sum(1 for _ in Path("/proc/self/fd").iterdir())


def test_the_files_are_kept_open_and_closed_with_their_owner(tmp_path: Path) -> None:
    turns = FileTurns(tmp_path / "log.db", 1)
    n_before = _n_open()
    for _ in range(10):
        with turns():
            pass
    assert _n_open() == n_before + 2
    del turns
    assert _n_open() == n_before
