"""A proof as a job for a child process, both ways as canonical bytes: a solver that dies takes nobody along."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from dataflows.engine.compile import Generation, compiled_strategy, installed_strategy
from governance.input_bounds import Bound
from governance.policy_proof import Answer, Claim, ProofReport, State, Unread, policy_proof
from governance.proof_witness import Base, Changed, Ruling, Witness
from nodes.vocabulary.canonical import decode, encode
from nodes.vocabulary.errors import Fault, PlanError, PolicyError
from policies.parse import parsed_policy


@dataclass(frozen=True)
class ProofJob:
    """What is asked.

    Attributes:
        live: text of the policy that runs.
        candidate: text of the other.
        file: what to call the candidate in faults.
        claims: values of the claims.
        bases: recorded decisions that a witness may start from.
        effort: how hard is tried for each claim.
    """

    live: bytes
    candidate: bytes
    file: str
    claims: tuple[str, ...]
    bases: tuple[Base, ...]
    effort: int


def answered(data: bytes) -> bytes:
    """The report on a job, both as canonical bytes; the faults of a candidate that does not compile in its place."""
    content = decode(data)
    job = ProofJob(**{**content, "bases": tuple(Base(**base) for base in content["bases"])})
    try:
        return encode({"report": _content(_report(job)), "faults": (), "complaints": ()})
    except PolicyError as error:
        return encode({"report": None, "faults": tuple(error.faults), "complaints": ()})
    except PlanError as error:
        return encode({"report": None, "faults": (), "complaints": tuple(error.complaints)})


def _report(job: ProofJob) -> ProofReport:
    claims = tuple(Claim(claim) for claim in job.claims)
    live, candidate = _compiled(job.live, "live policy"), _compiled(job.candidate, job.file)
    return policy_proof(live, candidate, claims, job.bases, job.effort)


def _compiled(text: bytes, file: str) -> Generation:
    parsed = parsed_policy(text, file)
    return compiled_strategy(parsed, installed_strategy(parsed.policy.strategy))


def _content(report: ProofReport) -> dict[str, Any]:
    answers = tuple(
        {**vars(answer), "claim": answer.claim.value, "state": answer.state.value} for answer in report.answers
    )
    return {**vars(report), "answers": answers}


def report_from_bytes(data: bytes) -> ProofReport:
    """The report that `answered` wrote. Raises PolicyError or PlanError when it wrote what was wrong instead."""
    content = decode(data)
    if content["faults"]:
        raise PolicyError(Fault(**fault) for fault in content["faults"])
    if content["complaints"]:
        raise PlanError(*content["complaints"])
    report = content["report"]
    bounds = {name: Bound(**bound) for name, bound in report["bounds"].items()}
    return ProofReport(**{**report, "answers": tuple(map(_answer, report["answers"])), "bounds": bounds})


def _answer(content: Mapping[str, Any]) -> Answer:
    shown = content["witness"]
    return Answer(
        **{
            **content,
            "claim": Claim(content["claim"]),
            "state": State(content["state"]),
            "witness": None if shown is None else _witness(shown),
            "unread": tuple(Unread(**unread) for unread in content["unread"]),
        }
    )


def _witness(content: Mapping[str, Any]) -> Witness:
    return Witness(
        **{
            **content,
            "changed": tuple(Changed(**changed) for changed in content["changed"]),
            "live": Ruling(**content["live"]),
            "candidate": Ruling(**content["candidate"]),
        }
    )
