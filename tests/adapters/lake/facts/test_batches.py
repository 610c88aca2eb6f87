"""All of a batch or nothing, once, whoever dies and however many write."""

from __future__ import annotations

import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from adapters.lake.facts.store import FactStore
from tests.adapters.lake.facts.examples import ASSETS, NOW, fact, frame, store
from tests.adapters.lake.facts.writing import BATCH

REPOSITORY = Path(__file__).resolve().parents[4]
N_GOOD = 5


def command(root: Path, what: str, amount: int) -> list[str]:
    return [sys.executable, "-m", "tests.adapters.lake.facts.writing", str(root), what, str(amount)]


def writer(root: Path, what: str, amount: int) -> subprocess.Popen[bytes]:
    return subprocess.Popen(command(root, what, amount), cwd=REPOSITORY, stdout=subprocess.DEVNULL)  # noqa: S603


def n_stored(facts: FactStore) -> tuple[int, int]:
    return facts.as_of(ASSETS, NOW).collect().height, facts.quarantine(ASSETS).collect().height


def is_whole_after_another_run(root: Path) -> bool:
    """Whether there was all of a batch or none, and all of it once after a second try."""
    before = n_stored(store(root))
    store(root).ingested(ASSETS, BATCH, "test")
    return before in {(0, 0), (N_GOOD, 1)} and n_stored(store(root)) == (N_GOOD, 1)


@pytest.mark.slow
def test_ingest_that_dies_at_any_step_leaves_all_of_its_batch_or_nothing(tmp_path: Path) -> None:
    """Facts and what was set aside with them are one commit: neither is ever there without the other."""
    n_steps = int(subprocess.check_output(command(tmp_path / "whole", "until", -1), cwd=REPOSITORY))  # noqa: S603
    for part in range(10):
        root = tmp_path / str(part)
        dying = writer(root, "until", n_steps * part // 10)
        assert dying.wait(timeout=120) == 9
        assert is_whole_after_another_run(root)


@pytest.mark.slow
@pytest.mark.parametrize("delay_s", [0.0, 0.002, 0.01])
def test_ingest_killed_while_its_files_appear_leaves_all_of_its_batch_or_nothing(
    tmp_path: Path, delay_s: float
) -> None:
    dying = writer(tmp_path, "until", -1)
    while dying.poll() is None and not list((tmp_path / "assets").glob("lane=*/*.parquet")):
        time.sleep(0.0005)
    time.sleep(delay_s)
    dying.send_signal(signal.SIGKILL)
    dying.wait(timeout=60)
    assert is_whole_after_another_run(tmp_path)


@pytest.mark.slow
def test_writers_at_one_table_lose_and_double_nothing(tmp_path: Path) -> None:
    """Sequence numbers are unique and without a gap, in the order of the commits."""
    writers = [writer(tmp_path, name, 8) for name in ("one", "two", "three")]
    assert [process.wait(timeout=240) for process in writers] == [0, 0, 0]
    rows = store(tmp_path).history(ASSETS, NOW).collect().sort("sequence")
    assert rows.height == 8 * 4
    assert rows["sequence"].to_list() == list(range(1, 33))
    assert rows["recorded_at"].is_sorted()
    assert not rows.select("cik", "event_at").is_duplicated().any()


def test_batch_is_stored_once_however_often_it_comes(tmp_path: Path) -> None:
    first = store(tmp_path).ingested(ASSETS, BATCH, "test")
    again = store(tmp_path).ingested(ASSETS, BATCH, "test")
    assert (first.accepted, first.unchanged, first.quarantined) == (5, 0, 1)
    assert (again.accepted, again.unchanged, again.quarantined) == (0, 5, 1)
    assert (first.batch, first.version) == (again.batch, again.version)
    assert n_stored(store(tmp_path)) == (5, 1)


def test_batch_that_comes_again_after_its_correction_does_not_undo_it(tmp_path: Path) -> None:
    old = frame(fact("a", 1, 5, 1.0))
    store(tmp_path).ingested(ASSETS, old, "test")
    store(tmp_path).ingested(ASSETS, frame(fact("a", 1, 5, 2.0)), "test")
    store(tmp_path).ingested(ASSETS, old, "test")
    assert store(tmp_path).as_of(ASSETS, NOW).collect()["value"].to_list() == [2.0]


def test_rows_of_another_batch_that_say_nothing_new_add_nothing(tmp_path: Path) -> None:
    store(tmp_path).ingested(ASSETS, frame(fact("a", 1, 1, 1.0)), "test")
    widened = store(tmp_path).ingested(ASSETS, frame(fact("a", 1, 3, 1.0), fact("a", 2, 3, 2.0)), "test")
    assert (widened.accepted, widened.unchanged) == (1, 1)


def test_sequence_goes_on_after_the_last_commit(tmp_path: Path) -> None:
    store(tmp_path).ingested(ASSETS, frame(fact("b", 1, 1, 1.0), fact("a", 1, 1, 1.0)), "test")
    store(tmp_path).ingested(ASSETS, frame(fact("a", 1, 2, 2.0)), "test")
    rows = store(tmp_path).history(ASSETS, NOW).select("cik", "sequence").collect().rows()
    assert rows == [("a", 2), ("a", 3), ("b", 1)]
