"""Runs archived sources in a child process: `governance.replay.ArchivedCode`.

The sources are written to a temporary folder that stands first on the child's path, so that `import nodes.features...`
finds the code of then while the engine is that of today. The sources come from the body store, where every byte is
checked against the digest that the log names; who trusts the log's key trusts them.
"""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from tempfile import TemporaryDirectory

from nodes.vocabulary.errors import EdgeError, LogError

TIMEOUT_S = 600
_PACKAGE = "__init__"
_PROGRAM = """
import sys
sys.path.insert(0, sys.argv[1])
from importlib import import_module
sys.stdout.buffer.write(import_module(sys.argv[2]).answered(sys.stdin.buffer.read()))
"""


REPLAYS = "governance.rebuilding"
COUNTERFACTUALS = "governance.counterfactual"
PROOFS = "governance.proof_job"


class ChildProcess:
    """Answers jobs with archived code, one child process a job.

    Args:
        module: which module answers: REPLAYS, COUNTERFACTUALS or PROOFS.
        timeout_s: after which it is stopped.
    """

    def __init__(self, module: str = REPLAYS, timeout_s: float = TIMEOUT_S) -> None:
        self._module = module
        self._timeout_s = timeout_s

    def answer(self, sources: Mapping[str, str], job: bytes) -> bytes:
        """What the archived code answers. Raises EdgeError when the child cannot be run or dies."""
        with TemporaryDirectory(prefix="assay-replay-") as folder:
            _write(Path(folder), sources)
            return _answer(folder, self._module, job, self._timeout_s)


def _write(folder: Path, sources: Mapping[str, str]) -> None:
    for name, text in sources.items():
        parts = name.split(".")
        if not all(part.isidentifier() for part in parts):
            message = f"archived source {name!r} is no module name; verify the log"
            raise LogError(message)
        path = folder.joinpath(*parts).with_suffix(".py")
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
        for package in path.parents:
            if package == folder:
                break
            (package / f"{_PACKAGE}.py").touch()


def _answer(folder: str, module: str, job: bytes, timeout_s: float) -> bytes:
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path), "PYTHONDONTWRITEBYTECODE": "1"}
    command = [sys.executable, "-c", _PROGRAM, folder, module]
    try:
        done = subprocess.run(  # noqa: S603  # our own interpreter and program
            command, input=job, capture_output=True, env=environment, cwd=folder, timeout=timeout_s, check=False
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        message = f"replay with archived code could not be run: {error}; free some resources and try again"
        raise EdgeError(message) from error
    if done.returncode != 0:
        last = done.stderr.decode(errors="replace").strip().splitlines()[-1:] or ["no message"]
        message = f"replay with archived code ended with {done.returncode}: {last[0]}; report this fault"
        raise EdgeError(message)
    return done.stdout
