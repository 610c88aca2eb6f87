"""The child's side of trying candidates: a warm process that forks once for each candidate.

Forking a process that has loaded everything takes milliseconds, where starting one takes seconds. The fork does the
work under limits of CPU time, memory and files; the warm process waits for it up to a deadline and kills it
after that. When the parent goes, both go.

A frame in either direction is its length and its bytes. A request begins with a `Request` header; an answer with one
byte of `Ending`.
"""

from __future__ import annotations

import gc
import os
import resource
import select
import signal
import struct
import sys
import time
from collections.abc import Callable
from enum import Enum
from pathlib import Path
from typing import NamedTuple

LENGTH = struct.Struct(">I")
MAX_ANSWER_BYTES = 8 * 1024 * 1024
NICENESS = 5
_HEADER = struct.Struct(">?ddQ")
_CHUNK_BYTES = 65_536
_OUT_OF_MEMORY = 3
_FAILED = 4


class Ending(Enum):
    """How a piece of work ended."""

    ANSWER = b"A"
    OUT_OF_TIME = b"T"
    OUT_OF_CPU = b"C"
    OUT_OF_MEMORY = b"M"
    FAILED = b"F"
    DIED = b"D"


class Request(NamedTuple):
    """The header of a request.

    Attributes:
        is_warming: whether the warm process does the work itself, to know what every candidate needs.
        max_wall_s: seconds by the clock.
        max_cpu_s: seconds of CPU time.
        max_memory_bytes: memory beyond what the warm process has.
    """

    is_warming: bool
    max_wall_s: float
    max_cpu_s: float
    max_memory_bytes: int

    @property
    def data(self) -> bytes:
        """The header's bytes."""
        return _HEADER.pack(*self)


def frame(data: bytes) -> bytes:
    """Bytes with their length before them."""
    return LENGTH.pack(len(data)) + data


def serve(work: Callable[[bytes], bytes]) -> None:
    """Answer requests from standard input on standard output until it ends. What `work` prints goes nowhere."""
    requests, answers = os.dup(0), os.dup(1)
    nowhere = os.open(os.devnull, os.O_RDWR)
    for stream in (0, 1):
        os.dup2(nowhere, stream)
    os.nice(NICENESS)
    while (request := _request(requests)) is not None:
        header, body = Request(*_HEADER.unpack_from(request)), request[_HEADER.size :]
        if header.is_warming:
            answer = Ending.ANSWER.value + work(body)
            gc.collect()
            gc.freeze()  # forks share what is loaded until somebody writes to it, and the collector would
        else:
            answer = _tried(work, header, body, requests)
        _write(answers, frame(answer))


def _request(stream: int) -> bytes | None:
    length = _read(stream, LENGTH.size)
    return None if length is None else _read(stream, LENGTH.unpack(length)[0])


def _read(stream: int, n_bytes: int) -> bytes | None:
    """That many bytes; None when the stream ended before."""
    data = b""
    while len(data) < n_bytes:
        chunk = os.read(stream, n_bytes - len(data))
        if not chunk:
            return None
        data += chunk
    return data


def _write(stream: int, data: bytes) -> None:
    while data:
        data = data[os.write(stream, data) :]


def _tried(work: Callable[[bytes], bytes], header: Request, body: bytes, requests: int) -> bytes:
    """What a fork answers, or how it ended instead."""
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:
        os.close(reading)
        _work_and_exit(work, header, body, writing)
    os.close(writing)
    try:
        answer, is_over = _collected(reading, requests, time.monotonic() + header.max_wall_s)
    finally:
        os.close(reading)
    if not is_over:
        os.kill(child, signal.SIGKILL)
    _, status = os.waitpid(child, 0)
    if not is_over:
        return Ending.OUT_OF_TIME.value
    return _ending(status, answer)


def _ending(status: int, answer: bytes) -> bytes:
    code = os.waitstatus_to_exitcode(status)
    if code == 0:
        return Ending.ANSWER.value + answer
    if code in (-signal.SIGXCPU, -signal.SIGKILL):
        return Ending.OUT_OF_CPU.value
    if code == _OUT_OF_MEMORY:
        return Ending.OUT_OF_MEMORY.value
    if code == _FAILED:
        return Ending.FAILED.value + answer
    return Ending.DIED.value + str(code).encode()


def _collected(reading: int, requests: int, until_s: float) -> tuple[bytes, bool]:
    """What the fork wrote, and whether it came to its end; it did not when time ran out or the parent went."""
    answer, poll = b"", select.poll()
    poll.register(reading, select.POLLIN)
    poll.register(requests, 0)  # its end only: a parent sends nothing while it waits
    while (left_s := until_s - time.monotonic()) > 0 and len(answer) <= MAX_ANSWER_BYTES:
        ready = dict(poll.poll(left_s * 1000))
        if requests in ready:
            return b"", False
        if reading in ready:
            chunk = os.read(reading, _CHUNK_BYTES)
            if not chunk:
                return answer, True
            answer += chunk
    return b"", False


def _work_and_exit(work: Callable[[bytes], bytes], header: Request, body: bytes, writing: int) -> None:
    """Do the work under limits and leave without running anything that belongs to the warm process."""
    code = _FAILED
    try:
        _limit(header)
        _write(writing, work(body))
        code = 0
    except MemoryError:
        code = _OUT_OF_MEMORY
    except BaseException as error:  # noqa: BLE001  # whatever it is, it ends this fork and is told
        _write(writing, f"{type(error).__name__}: {error}".encode(errors="replace")[:_CHUNK_BYTES])
    finally:
        os._exit(code)


def _limit(header: Request) -> None:
    cpu_s = max(1, round(header.max_cpu_s + time.process_time()))
    _set_limit(resource.RLIMIT_CPU, cpu_s, cpu_s + 1)
    _set_limit(resource.RLIMIT_FSIZE, 0, 0)
    _set_limit(resource.RLIMIT_CORE, 0, 0)
    sizes = Path("/proc/self/statm")
    if sizes.exists():
        n_pages = int(sizes.read_text(encoding="ascii").split()[0])
        n_bytes = n_pages * resource.getpagesize() + header.max_memory_bytes
        _set_limit(resource.RLIMIT_AS, n_bytes, n_bytes)


def _set_limit(kind: int, soft: int, hard: int) -> None:
    """Lower a limit; one that is lower already stays."""
    _, highest = resource.getrlimit(kind)
    if highest != resource.RLIM_INFINITY:
        soft, hard = min(soft, highest), min(hard, highest)
    resource.setrlimit(kind, (soft, hard))


def require_pipes() -> None:
    """Exit with a word when a person started this by hand."""
    if sys.stdin.isatty():
        sys.exit("this is a part of `assay serve`, which starts it by itself")
