"""The sink of log lines: nothing waits for its reader, nothing is written in part."""

from __future__ import annotations

import os
import threading
from pathlib import Path

from adapters.telemetry.lines import LineSink


def _file(path: Path) -> int:
    return os.open(path, os.O_CREAT | os.O_WRONLY | os.O_APPEND)


def _write(sink: LineSink, name: bytes) -> None:
    for _ in range(500):
        sink.write(name * 40)


def test_lines_of_many_threads_come_out_whole(tmp_path: Path) -> None:
    with LineSink(_file(tmp_path / "lines"), flush_s=0.001) as sink:
        threads = [threading.Thread(target=_write, args=(sink, name)) for name in (b"a", b"b", b"c")]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    lines = (tmp_path / "lines").read_bytes().split(b"\n")
    assert sorted(lines) == sorted([b"", *(name * 40 for name in (b"a", b"b", b"c") for _ in range(500))])


def test_a_reader_that_does_not_read_costs_lines_not_time() -> None:
    reading, writing = os.pipe()
    sink = LineSink(writing, max_waiting=10, flush_s=60)
    for _ in range(25):
        sink.write(b"line")
    assert sink.n_dropped == 15
    sink.close()
    assert os.read(reading, 1000) == b"line\n" * 10


def test_a_reader_that_has_gone_away_does_not_end_the_server() -> None:
    reading, writing = os.pipe()
    os.close(reading)
    with LineSink(writing, flush_s=60) as sink:
        sink.write(b"line")
        sink.flush()
        assert sink.n_dropped == 1
