"""The parent's side of trying candidates: a child process that may fail, loop or swell without harm to the server.

The child is started once and kept warm (`adapters.candidate_child`); it is given nothing of the environment but what
Python needs to find the same packages. When it does not answer in time it is killed with all that it started, and the
next candidate gets a new one.
"""

from __future__ import annotations

import os
import select
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Self

from adapters.candidate_child import LENGTH, MAX_ANSWER_BYTES, Ending, Request, frame
from nodes.vocabulary.errors import EdgeError

START_S = 30.0
"""How long the child may take to load what it needs."""
_GRACE_S = 2.0
_CHUNK_BYTES = 65_536


@dataclass(frozen=True)
class Limits:
    """What a candidate may use up.

    Attributes:
        wall_s: seconds by the clock.
        cpu_s: seconds of CPU time.
        memory_bytes: memory beyond what the warm child has.
    """

    wall_s: float = 10.0
    cpu_s: float = 8.0
    memory_bytes: int = 512 * 1024 * 1024


class EndedError(EdgeError):
    """The work came to no answer: it used up a limit, or died."""


class CandidateProcess:
    """A child process that does one piece of work at a time. Use as a context manager, or close it.

    Args:
        command: arguments that make Python run the child's program, like ("-m", "api.candidate_main").
        warming: work that the child does when it starts, to have loaded what every candidate needs.
        limits: what a piece of work may use up.
    """

    def __init__(self, command: Sequence[str], warming: bytes, limits: Limits | None = None) -> None:
        self.limits = limits or Limits()
        self._command = (sys.executable, "-P", *command)
        self._warming = warming
        self._process: subprocess.Popen[bytes] | None = None
        self._is_warm = False
        self._lock = threading.Lock()

    def start(self) -> None:
        """Start the child and let it warm up while others go on; the first answer then comes at once."""
        with self._lock:
            self._started()

    def answer(self, work: bytes) -> bytes:
        """What the child answers.

        Raises:
            EndedError: the work used up a limit or died; the message says which.
            EdgeError: the child cannot be started or does not answer.
        """
        with self._lock:
            process = self._started()
            if not self._is_warm:
                _ended(self._received(process, START_S), self.limits)
                self._is_warm = True
            header = Request(False, self.limits.wall_s, self.limits.cpu_s, self.limits.memory_bytes)  # noqa: FBT003
            self._send(process, header, work, self.limits.wall_s + _GRACE_S)
            return _ended(self._received(process, self.limits.wall_s + _GRACE_S), self.limits)

    def close(self) -> None:
        """End the child."""
        with self._lock:
            self._end()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_error: object) -> None:
        self.close()

    def _started(self) -> subprocess.Popen[bytes]:
        if self._process is not None and self._process.poll() is None:
            return self._process
        self._end()
        try:
            self._process = subprocess.Popen(  # noqa: S603  # our own interpreter and program
                self._command,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
                cwd="/",
                env=_environment(),
                start_new_session=True,
            )
        except OSError as error:
            message = f"process for trying policies cannot be started: {error.strerror}; free memory or processes"
            raise EdgeError(message) from error
        self._is_warm = False
        assert self._process.stdin is not None  # noqa: S101  # a pipe was asked for
        os.set_blocking(self._process.stdin.fileno(), False)
        self._send(self._process, Request(True, 0.0, 0.0, 0), self._warming, START_S)  # noqa: FBT003
        return self._process

    def _send(self, process: subprocess.Popen[bytes], header: Request, work: bytes, timeout_s: float) -> None:
        """Hand work to the child, which may be stopped, so that it takes no more than the pipe holds."""
        assert process.stdin is not None  # noqa: S101  # a pipe was asked for
        try:
            is_sent = _written(process.stdin.fileno(), frame(header.data + work), time.monotonic() + timeout_s)
        except OSError as error:
            self._end()
            message = f"process for trying policies is gone: {error.strerror}; try again"
            raise EdgeError(message) from error
        if not is_sent:
            self._end()
            message = f"process for trying policies took no work within {timeout_s:g} s; try again"
            raise EdgeError(message)

    def _received(self, process: subprocess.Popen[bytes], timeout_s: float) -> bytes:
        assert process.stdout is not None  # noqa: S101  # a pipe was asked for
        until_s, data, stream = time.monotonic() + timeout_s, b"", process.stdout.fileno()
        while len(data) < LENGTH.size or len(data) < LENGTH.size + LENGTH.unpack_from(data)[0]:
            chunk = _chunk(stream, until_s)
            if not chunk or len(data) > MAX_ANSWER_BYTES + LENGTH.size:
                self._end()
                message = f"process for trying policies gave no answer within {timeout_s:g} s; try again"
                raise EdgeError(message)
            data += chunk
        return data[LENGTH.size :]

    def _end(self) -> None:
        process, self._process = self._process, None
        if process is None:
            return
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        for stream in (process.stdin, process.stdout):
            if stream is not None:
                with suppress(OSError):
                    stream.close()
        process.wait()


def _written(stream: int, data: bytes, until_s: float) -> bool:
    """Write to a stream that does not block. Returns whether all of it was taken in time."""
    poll, left = select.poll(), memoryview(data)
    poll.register(stream, select.POLLOUT)
    while left:
        left_s = until_s - time.monotonic()
        if left_s <= 0 or not poll.poll(left_s * 1000):
            return False
        left = left[os.write(stream, left) :]
    return True


def _chunk(stream: int, until_s: float) -> bytes:
    """What comes next; nothing when the stream ends or time runs out."""
    poll = select.poll()
    poll.register(stream, select.POLLIN)
    left_s = until_s - time.monotonic()
    return os.read(stream, _CHUNK_BYTES) if left_s > 0 and poll.poll(left_s * 1000) else b""


def _ended(answer: bytes, limits: Limits) -> bytes:
    ending, body = Ending(answer[:1]), answer[1:]
    said = body.decode(errors="replace")
    messages = {
        Ending.OUT_OF_TIME: f"it took more than {limits.wall_s:g} s and was stopped; find what loops",
        Ending.OUT_OF_CPU: f"it took more than {limits.cpu_s:g} s of CPU time and was stopped; find what loops",
        Ending.OUT_OF_MEMORY: f"it took more than {limits.memory_bytes // 2**20} MiB and was stopped; make it smaller",
        Ending.FAILED: f"trying it raised {said}; mend the code that it names",
        Ending.DIED: f"trying it ended the process with status {said}; mend the code that it names",
    }
    if ending is not Ending.ANSWER:
        raise EndedError(messages[ending])
    return body


def _environment() -> dict[str, str]:
    """Nothing but what finds the same packages, in one thread; no secret of ours is in it."""
    paths = [path for path in sys.path if path]
    threads = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "POLARS_MAX_THREADS")
    return {"PYTHONPATH": os.pathsep.join(paths), "PYTHONUTF8": "1", **dict.fromkeys(threads, "1")}
