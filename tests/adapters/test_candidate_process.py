"""A child process may loop, swell, die or talk: the parent says which, and goes on (SGN-09)."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Iterator
from contextlib import suppress

import pytest

from adapters.candidate_process import CandidateProcess, EndedError, Limits
from nodes.vocabulary.errors import EdgeError

COMMAND = ("-m", "tests.adapters.children")
LIMITS = Limits(wall_s=5.0, cpu_s=1.0, memory_bytes=256 * 2**20)


@pytest.fixture
def child() -> Iterator[CandidateProcess]:
    with CandidateProcess(COMMAND, b"warm", LIMITS) as process:
        yield process


def test_each_answer_comes_from_a_fork_of_one_warm_process(child: CandidateProcess) -> None:
    answers = [child.answer(b"hello").split() for _ in range(3)]
    assert {word for word, *_ in answers} == {b"hello"}
    assert len({pid for _, pid, _ in answers}) == 3
    assert len({parent for *_, parent in answers}) == 1


@pytest.mark.parametrize(
    ("word", "message"),
    [
        ("loop", "it took more than 1 s of CPU time and was stopped; find what loops"),
        ("swell", "it took more than 256 MiB and was stopped; make it smaller"),
        ("die", "trying it ended the process with status -6"),
        ("raise", "trying it raised ValueError: raise"),
        ("write", "trying it raised OSError"),
    ],
)
def test_work_that_goes_wrong_is_told_and_the_next_is_answered(
    child: CandidateProcess, word: str, message: str
) -> None:
    with pytest.raises(EndedError, match=message):
        child.answer(word.encode())
    assert child.answer(b"hello").startswith(b"hello")


def test_work_that_waits_for_ever_is_stopped_by_the_clock() -> None:
    with CandidateProcess(COMMAND, b"warm", Limits(wall_s=0.3)) as child:
        child.answer(b"hello")
        started_s = time.monotonic()
        with pytest.raises(EndedError, match=r"it took more than 0\.3 s and was stopped"):
            child.answer(b"sleep")
        assert time.monotonic() - started_s < 30  # the work itself waits 60 s


def test_the_child_is_given_no_variable_of_ours(child: CandidateProcess, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ASSAY_SECRET", "x")
    names = set(child.answer(b"environment").decode().split())
    assert "ASSAY_SECRET" not in names
    assert names <= {"PYTHONPATH", "PYTHONUTF8", "OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"} | {
        "POLARS_MAX_THREADS",
        "LC_CTYPE",
    }


def test_what_the_work_prints_does_not_reach_the_answer(child: CandidateProcess) -> None:
    assert child.answer(b"talk").startswith(b"talk ")


def test_a_child_that_was_killed_is_replaced(child: CandidateProcess) -> None:
    _, _, parent = child.answer(b"hello").split()
    os.killpg(int(parent), signal.SIGKILL)
    with suppress(EdgeError):  # it may be seen only when it is spoken to
        child.answer(b"hello")
    assert child.answer(b"hello").split()[2] != parent


@pytest.mark.parametrize("n_bytes", [1, 4 * 2**20])
def test_a_child_that_was_stopped_holds_nobody_up_for_longer_than_a_candidate_may_take(n_bytes: int) -> None:
    """Stopped, it takes no more than a pipe holds; what is larger would be handed over for ever."""
    with CandidateProcess(COMMAND, b"warm", Limits(wall_s=0.3)) as child:
        _, _, parent = child.answer(b"hello").split()
        os.kill(int(parent), signal.SIGSTOP)
        started_s = time.monotonic()
        with pytest.raises(EdgeError, match=r"process for trying policies (took no work|gave no answer) within 2\.3 s"):
            child.answer(b"x" * n_bytes)
        assert time.monotonic() - started_s < 30
        assert child.answer(b"hello").startswith(b"hello")


def test_large_work_is_handed_over_whole(child: CandidateProcess) -> None:
    assert len(child.answer(b"x" * (3 * 2**20)).split()[0]) == 3 * 2**20


def test_closing_ends_the_child_and_what_it_forked(child: CandidateProcess) -> None:
    _, _, parent = child.answer(b"hello").split()
    child.close()
    with pytest.raises(ProcessLookupError, match="No such process"):
        os.kill(int(parent), 0)


def test_a_program_that_does_not_start_is_told() -> None:
    with (
        CandidateProcess(("-m", "tests.adapters.no_such_program"), b"warm") as child,
        pytest.raises(EdgeError, match=r"process for trying policies (gave no answer|is gone)"),
    ):
        child.answer(b"hello")
