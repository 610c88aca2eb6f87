"""Peers whose pins clash with ours live in environments of their own: `python -m tests.benchmarks.peers` makes them.

Their turns are taken by a process of that environment, which is given the same arrays and times itself, so that neither
its start nor the pipe counts.
"""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
import venv
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from nodes.kernels.arrays import Array

ROOT = Path(__file__).resolve().parents[2]
FOLDER = ROOT / "var" / "peers"
COMMAND = "python -m tests.benchmarks.peers"
REQUIREMENTS = {
    "mlfinpy": ("mlfinpy==0.1.2", "scikit-learn==1.5.2"),
    "simulators": (
        "backtesting==0.6.6",
        "vectorbt==1.0.0",
        "plotly==5.24.1",
        "hftbacktest==2.4.4",
        "nautilus_trader==1.221.0",
    ),
    "feast": ("feast==0.67.0", "ibis-framework==12.0.0", "duckdb==1.4.5", "pyarrow-hotfix==0.7"),
}
"""What each peer needs: mlfinpy wants numpy under 1.27, and imports scikit-learn without asking for it; feast reaches
DuckDB through ibis, which knows none of its later versions."""


@dataclass(frozen=True)
class Turn:
    """What a peer's turn came to.

    Attributes:
        seconds: by its own clock.
        found: its answer.
    """

    seconds: float
    found: Array


class Peer:
    """A process of a peer that takes turns."""

    def __init__(self, process: subprocess.Popen[str]) -> None:
        self._process = process

    def turn(self, name: str) -> Turn:
        """One turn at a piece of work."""
        answer = json.loads(self._asked(name))
        return Turn(answer["seconds"], np.array(answer["found"], np.float64))

    def _asked(self, line: str | None = None) -> str:
        sent, answers = self._process.stdin, self._process.stdout
        assert sent is not None
        assert answers is not None
        if line is not None:
            sent.write(f"{line}\n")
            sent.flush()
        answer = answers.readline()
        if not answer:
            message = f"the peer ended with {self._process.wait()} before it answered {line!r}; run {COMMAND} again"
            raise RuntimeError(message)
        return answer


def interpreter(name: str, folder: Path = FOLDER) -> Path | None:
    """The interpreter of a peer's environment; None where it was not made."""
    found = folder / name / "bin" / "python"
    return found if found.is_file() else None


@contextmanager
def peer(python: Path, script: Path, data: Mapping[str, Array | float]) -> Iterator[Peer]:
    """A peer that was given some arrays and is ready.

    Args:
        python: interpreter of its environment.
        script: what it runs: `peer_turns` or one that speaks as it does.
        data: arrays by name.
    """
    with tempfile.TemporaryDirectory() as folder:
        arrays = Path(folder) / "data.npz"
        np.savez(arrays, allow_pickle=False, **{name: np.asarray(value) for name, value in data.items()})
        command = [str(python), str(script), str(arrays)]
        with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:  # noqa: S603  # our own script
            try:
                ready = Peer(process)
                ready._asked()
                yield ready
            finally:
                process.kill()


def main() -> None:
    """Make the environment of each peer."""
    for name, packages in REQUIREMENTS.items():
        sys.stdout.write(f"Making an environment for {name} in {FOLDER / name} ...\n")
        venv.create(FOLDER / name, with_pip=True, clear=True)
        pip = [str(FOLDER / name / "bin" / "python"), "-m", "pip", "install", "--quiet", *packages]
        subprocess.run(pip, check=True)  # noqa: S603  # the packages named above


if __name__ == "__main__":
    main()
