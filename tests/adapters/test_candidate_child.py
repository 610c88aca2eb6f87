"""The child's side: frames in, frames out, and the end of the parent is the end of the child."""

from __future__ import annotations

import subprocess
import sys

from adapters.candidate_child import LENGTH, Ending, Request, frame

COMMAND = (sys.executable, "-m", "tests.adapters.children")
TRY = Request(is_warming=False, max_wall_s=5.0, max_cpu_s=5.0, max_memory_bytes=2**28)


def exchanged(*requests: bytes) -> bytes:
    """What the child answers before it sees the end of its input."""
    done = subprocess.run(COMMAND, input=b"".join(map(frame, requests)), capture_output=True, timeout=60, check=True)  # noqa: S603
    return done.stdout


def test_a_frame_is_its_length_and_its_bytes() -> None:
    assert frame(b"abc") == LENGTH.pack(3) + b"abc"


def test_warming_work_is_done_by_the_warm_process_itself() -> None:
    answer = exchanged(TRY._replace(is_warming=True).data + b"warm")
    assert answer[LENGTH.size :].startswith(Ending.ANSWER.value + b"warm ")


def test_a_parent_that_goes_takes_the_work_with_it() -> None:
    """The end of the input is seen while the fork still loops: it is killed, and the child ends."""
    answer = exchanged(TRY.data + b"sleep")
    assert answer[LENGTH.size :] == Ending.OUT_OF_TIME.value


def test_a_frame_that_breaks_off_ends_the_child() -> None:
    done = subprocess.run(COMMAND, input=LENGTH.pack(100) + b"x", capture_output=True, timeout=60, check=True)  # noqa: S603
    assert done.stdout == b""
