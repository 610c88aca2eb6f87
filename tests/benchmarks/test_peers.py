"""A peer in a process of its own takes turns; without an environment there is no peer."""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np
import pytest

from tests.benchmarks.peers import REQUIREMENTS, interpreter, peer

DOUBLING = """
import json, sys
import numpy as np
values = np.load(sys.argv[1])["values"]
print("ready", flush=True)
for line in sys.stdin:
    if line.strip() == "stop":
        sys.exit(3)
    print(json.dumps({"seconds": 0.5, "found": [2.0 * float(value) for value in values]}), flush=True)
"""


def script(folder: Path) -> Path:
    written = folder / "doubling.py"
    written.write_text(DOUBLING, encoding="utf-8")
    return written


def test_a_peer_answers_from_the_arrays_that_it_was_given(tmp_path: Path) -> None:
    with peer(Path(sys.executable), script(tmp_path), {"values": np.array([1.0, np.nan])}) as other:
        turns = [other.turn("any") for _ in range(2)]
    assert [turn.seconds for turn in turns] == [0.5, 0.5]
    assert turns[1].found == pytest.approx([2.0, np.nan], nan_ok=True)


def test_a_peer_that_ends_early_is_told_with_the_mend(tmp_path: Path) -> None:
    with (
        peer(Path(sys.executable), script(tmp_path), {"values": 1.0 * np.ones(1)}) as other,
        pytest.raises(RuntimeError, match=r"the peer ended with 3 before it answered 'stop'; run python -m"),
    ):
        other.turn("stop")


def test_there_is_no_interpreter_before_it_is_made(tmp_path: Path) -> None:
    assert interpreter("mlfinpy", tmp_path) is None
    (tmp_path / "mlfinpy" / "bin").mkdir(parents=True)
    (tmp_path / "mlfinpy" / "bin" / "python").touch()
    assert interpreter("mlfinpy", tmp_path) == tmp_path / "mlfinpy" / "bin" / "python"


def test_every_peer_is_pinned() -> None:
    assert all("==" in package for packages in REQUIREMENTS.values() for package in packages)
