"""Whether a candidate can ever let through what the policy that runs stops: asked of a child process, and told.

The proof itself is `governance.policy_proof`; witnesses start from the newest recorded decisions that the asker may
see. Nothing is written.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from adapters.archived_code import PROOFS, ChildProcess
from api.use_cases.finding import DecisionFilter, newest_decisions
from dataflows.engine.plan import PROPOSED_SIZE
from dataflows.engine.recorded import recorded_run
from governance.entries import EntryKind
from governance.policy_proof import DEFAULT_EFFORT, MAX_BASES, Answer, Claim, ProofReport, State
from governance.ports import LogReader
from governance.proof_job import ProofJob, report_from_bytes
from governance.proof_witness import Base
from governance.rows import Record
from nodes.vocabulary.absent import Absent
from nodes.vocabulary.canonical import digest_text, encode
from nodes.vocabulary.errors import EdgeError, PolicyError
from policies.parse import policy_reading

MAX_ACTIVATIONS = 1_000
MAX_LOOKED_AT = 60
"""Decisions looked at for those that a witness may start from."""
_START_S, _EFFORT_S = 60.0, 60.0
"""Time for the child to begin, and for one claim with an effort of 1, before it is stopped: far more than it takes."""


@dataclass(frozen=True)
class ProofAsked:
    """What is asked.

    Attributes:
        text: the candidate's text.
        file: what to call it in faults.
        against: digest of a policy that was active, or its first digits; "" for the one that runs.
        claims: what is asked about.
        effort: how hard is tried for each claim.
    """

    text: bytes
    file: str
    against: str = ""
    claims: tuple[Claim, ...] = tuple(Claim)
    effort: int = DEFAULT_EFFORT


def proof_job(reader: LogReader, asked: ProofAsked, covers: Callable[[str], bool] = lambda _: True) -> ProofJob:
    """What has to be known of a log to prove something about a candidate and a policy of it.

    Args:
        reader: the log.
        asked: the candidate, and what is asked.
        covers: whether the decisions of an account may be shown.

    Raises:
        EdgeError: the log has no such policy.
        PolicyError: the candidate's form has faults.
    """
    reading = policy_reading(asked.text, asked.file)
    if reading.faults or reading.parsed is None:
        raise PolicyError(reading.faults)
    live = _active(reader, asked.against, reading.parsed.policy.strategy)
    return ProofJob(
        live=reader.body(live.entry.facts["policy_ref"]),
        candidate=asked.text,
        file=asked.file,
        claims=tuple(claim.value for claim in asked.claims),
        bases=_bases(reader, covers),
        effort=asked.effort,
    )


def proof_report(job: ProofJob) -> ProofReport:
    """What can be said of the two policies of a job for all inputs, by a child process.

    Raises:
        EdgeError: the proof could not be run.
        PolicyError: the candidate does not compile; with every fault.
    """
    child = ChildProcess(PROOFS, _START_S + _EFFORT_S * job.effort * len(job.claims))
    return report_from_bytes(child.answer({}, encode(job)))


def _active(reader: LogReader, against: str, strategy: str) -> Record:
    """The activation that a candidate is compared with."""
    digits = against.removeprefix("sha256:")
    found = [
        record
        for record in reader.newest(EntryKind.ACTIVATION, MAX_ACTIVATIONS)
        if digest_text(record.entry.facts["policy_digest"]).removeprefix("sha256:").startswith(digits)
    ]
    if not found:
        named = f"no policy {against}" if against else "no active policy"
        raise EdgeError(f"log holds {named}; look at `assay policy history`", reason="not-found")
    return next((record for record in found if record.entry.facts.get("strategy") == strategy), found[0])


def _bases(reader: LogReader, covers: Callable[[str], bool]) -> tuple[Base, ...]:
    """Recorded inputs that a witness may start from: newest first, those that acted before others, each share once."""
    looked_at: list[Record] = []
    for record in newest_decisions(reader, DecisionFilter()):
        if covers(record.entry.facts["account_id"]):
            looked_at.append(record)
        if len(looked_at) == MAX_LOOKED_AT:
            break
    looked_at.sort(key=lambda record: (record.entry.facts["action"] != "act", -record.sequence))
    of_share: dict[str, Record] = {}
    for record in looked_at:
        of_share.setdefault(record.entry.facts["symbol"], record)
    return tuple(_base(reader, record) for record in list(of_share.values())[:MAX_BASES])


def _base(reader: LogReader, record: Record) -> Base:
    facts = record.entry.facts
    run = recorded_run(reader.body(facts["trace_ref"]), reader.body(facts["order_manifest_ref"]))
    names = dict.fromkeys((*run.plan.inputs, PROPOSED_SIZE))
    inputs: dict[str, Any] = {name: run.proposed.get(name) for name in names}
    known = {name: None if isinstance(value, Absent) else value for name, value in inputs.items()}
    return Base((record.decision_id or b"").hex(), known)


def said(answer: Answer) -> str:
    """An answer in a sentence."""
    about = _ABOUT[answer.claim]
    if answer.state is State.PROVED:
        return f"Proved: for no inputs {about}{'' if answer.is_exact else ', but for rounding of the last digit'}."
    if answer.state is State.WITNESS:
        return f"There are inputs for which {about}; both policies were run on the ones shown."
    if answer.state is State.OUTSIDE:
        rules = ", ".join(dict.fromkeys(unread.rule_id for unread in answer.unread))
        return f"Neither proved nor shown that {about}: not all that {rules} rest on can be read as a formula."
    return f"Not decided with the effort made whether {about}."


_MORE = "the {0} acts where the {1} denies", "the {0} acts where the {1} waits for a person", "the {0} sends more"


def _about(claims: Sequence[Claim], one: str, other: str) -> dict[Claim, str]:
    return {claim: words.format(one, other) for claim, words in zip(claims, _MORE, strict=True)}


_CLAIMS = tuple(Claim)
_ABOUT = {
    **_about(_CLAIMS[:3], "candidate", "live policy"),
    **_about(_CLAIMS[3:], "live policy", "candidate"),
}
