"""Candidates: policies that somebody hands in, tried apart from whatever serves.

Trying means reading, compiling and running the cases. It happens in a child process (`adapters.candidate_process`),
which is told the texts and answers with faults or with the digests of what came out; the server compiles only what was
found good, and takes it only when the same came out.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import PurePath

import msgspec

from api.use_cases.policies import Candidate, candidate, policy_test
from nodes.vocabulary.canonical import digest
from nodes.vocabulary.errors import Fault, PlanError, PolicyError
from policies.document import MAX_BYTES


@dataclass(frozen=True)
class CandidateFiles:
    """What is handed in.

    Attributes:
        text: the policy's bytes.
        file: what its author calls it.
        cases: the bytes of its cases; None when none came with it.
        problem: why its file could not be read, and the mend; "" when it was.
        is_draft: whether it is still being written: that cases are missing is then no fault.
    """

    text: bytes
    file: str
    cases: bytes | None = None
    problem: str = ""
    is_draft: bool = False

    @property
    def cases_file(self) -> str:
        """What the cases are called: v3.cases.yaml beside v3.yaml."""
        path = PurePath(self.file)
        return str(path.with_name(f"{path.name.removesuffix(path.suffix)}.cases.yaml"))

    @property
    def digest(self) -> bytes:
        """The identity of exactly these bytes."""
        cases = b"" if self.cases is None else b"\x01" + self.cases
        return digest("candidate", self.text, cases, self.problem.encode())

    @property
    def is_too_large(self) -> bool:
        """Whether either text is larger than any that is read."""
        return max(len(self.text), len(self.cases or b"")) > MAX_BYTES


@dataclass(frozen=True)
class Trial:
    """What trying a candidate showed.

    Attributes:
        faults: everything wrong with it or its cases.
        policy_digest: its identity; empty when there are faults.
        session_plan_digest: of what it compiles to.
        order_plan_digest: of what it compiles to.
        n_cases: how many cases were answered as they want.
        is_ended: whether it came to no answer, because it used up a limit or died.
    """

    faults: tuple[Fault, ...]
    policy_digest: bytes = b""
    session_plan_digest: bytes = b""
    order_plan_digest: bytes = b""
    n_cases: int = 0
    is_ended: bool = False


Tried = Callable[[CandidateFiles], Trial]


def tried(files: CandidateFiles) -> Trial:
    """What trying a candidate in this process shows."""
    if files.problem:
        return Trial((_fault(files.file, files.problem),))
    try:
        tested = candidate(files.text, files.file)
        if files.cases is None:
            return _without_cases(files, tested)
        test = policy_test(tested, files.cases, files.cases_file)
    except PolicyError as error:
        return Trial(error.faults)
    except PlanError as error:
        return Trial(tuple(_fault(files.file, complaint) for complaint in error.complaints))
    if test.faults:
        return Trial(tuple(sorted(test.faults)))
    return _compiled(tested, len(test.cases))


def _without_cases(files: CandidateFiles, tested: Candidate) -> Trial:
    if files.is_draft:
        return _compiled(tested, 0)
    what = f"{files.cases_file} is missing: a policy is activated only after its cases were run"
    return Trial((Fault(files.file, 0, 0, what, "put the cases beside it"),))


def _compiled(tested: Candidate, n_cases: int) -> Trial:
    generation = tested.generation
    return Trial((), generation.policy_digest, generation.session.digest, generation.order.digest, n_cases)


def _fault(file: str, complaint: str) -> Fault:
    what, _, mend = complaint.rpartition("; ")
    return Fault(file, 0, 0, what, mend)


def tried_bytes(request: bytes) -> bytes:
    """`tried` over the bytes that a child process is given and gives."""
    return msgspec.msgpack.encode(tried(msgspec.msgpack.decode(request, type=CandidateFiles)))


def files_bytes(files: CandidateFiles) -> bytes:
    """What a child process is given."""
    return msgspec.msgpack.encode(files)


def tried_by(answer: Callable[[bytes], bytes]) -> Tried:
    """`tried`, done by whoever answers bytes with bytes."""

    def asked(files: CandidateFiles) -> Trial:
        return msgspec.msgpack.decode(answer(files_bytes(files)), type=Trial)

    return asked
