"""The lines on labels stand without their peer, and with one only where both find the same."""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np
import pytest

from tests.benchmarks import labels
from tests.benchmarks.peers import COMMAND

LITTLE = labels.Work(n_bars=400, n_events=6, horizon=10, n_fractional=200, n_samples=8, n_many=200, n_turns=1)
AGREEING = """
import json, sys
import numpy as np
sys.path.insert(0, {root!r})
from tests.benchmarks import labels
with np.load(sys.argv[1]) as arrays:
    work = labels.ours({{name: arrays[name] for name in arrays.files}})
print("ready", flush=True)
for line in sys.stdin:
    found = work[line.strip()]() + {error}
    print(json.dumps({{"seconds": 1000.0, "found": found.tolist()}}), flush=True)
"""


def peer(folder: Path, error: float) -> Path:
    """A script that speaks as a peer does, and finds what we find, give or take an error."""
    script = folder / "peer.py"
    script.write_text(AGREEING.format(root=str(Path(labels.__file__).parents[2]), error=error), encoding="utf-8")
    return script


def test_without_its_peer_a_line_says_how_to_get_it() -> None:
    found = labels.rows(LITTLE)
    assert [row.beside for row in found[:-1]] == [f"mlfinpy: not here, see {COMMAND}"] * 4
    assert all(row.measured for row in found)
    assert found[-1].is_met


def test_beside_a_peer_a_line_has_its_ratio(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(labels, "SCRIPT", peer(tmp_path, 0.0))
    found = labels.rows(LITTLE, Path(sys.executable))
    assert found[0].is_met
    assert all(row.ratio.endswith("x") for row in found[:-1])


def test_times_of_different_answers_are_not_compared(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(labels, "SCRIPT", peer(tmp_path, 1e-3))
    with pytest.raises(RuntimeError, match="triple-barrier: mlfinpy and we find different things"):
        labels.rows(LITTLE, Path(sys.executable))


def test_our_turns_find_something() -> None:
    for name, call in labels.ours(labels.arrays(LITTLE)).items():
        assert np.isfinite(call()).any(), name
