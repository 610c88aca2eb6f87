"""The program of the child process, started as the server starts it."""

from __future__ import annotations

from adapters.candidate_process import CandidateProcess, Limits
from api.use_cases.candidates import CandidateFiles, files_bytes, tried, tried_by
from tests.api.use_cases.homes import POLICY
from tests.api.use_cases.policies_at import CASES

GOOD = CandidateFiles(POLICY.read_bytes(), "v1.yaml", CASES)


def test_the_child_finds_what_would_be_found_here() -> None:
    """Same installed packages, same digests: what the child found good, the server can take up."""
    bomb = CandidateFiles(b"a: &a [x]\nb: [" + b"*a, " * 5_000 + b"]\n", "v2.yaml", CASES)
    with CandidateProcess(("-m", "api.candidate_main"), files_bytes(GOOD), Limits(wall_s=60.0, cpu_s=60.0)) as child:
        ask = tried_by(child.answer)
        assert ask(GOOD) == tried(GOOD)
        assert ask(bomb) == tried(bomb)
        assert len(ask(bomb).faults) > 5_000
