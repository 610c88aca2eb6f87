"""Impact reports that proposals and activations rest on: bound by digest, kept as a body, held to what they are for."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from governance.impact_report import impact_digest, impact_facts
from governance.ports import LogStore
from nodes.vocabulary.canonical import digest_text
from nodes.vocabulary.errors import Fault, LogError

IMPACT_DIGEST = "impact_digest"
_MEND = "run `assay policy impact` on it and hand it in with that"


def impact_fact(impact: bytes | None) -> dict[str, bytes]:
    """The fact of an entry that names a report; {} without one."""
    return {} if impact is None else {IMPACT_DIGEST: impact_digest(impact)}


def archived_impact(store: LogStore, facts: Mapping[str, Any]) -> bytes | None:
    """The report that an entry archived; None where it names none."""
    ref = facts.get("impact_ref")
    if ref is None:
        return None
    with store.reader() as reader:
        return reader.body(ref)


@dataclass(frozen=True)
class ImpactWanted:
    """What the report of a candidate must be about.

    Attributes:
        origin: the log.
        policy_digest: the candidate.
        live_digest: what is active.
        is_needed: whether there must be one.
    """

    origin: str
    policy_digest: bytes
    live_digest: bytes
    is_needed: bool

    def complaints(self, file: str, impact: bytes | None) -> tuple[Fault, ...]:
        """What is wrong with the report that a candidate came with, or that it came without one."""
        if impact is None:
            what = "no impact report came with it, and this log asks for one"
            return (Fault(file, 0, 0, what, _MEND),) if self.is_needed else ()
        try:
            subject = impact_facts(impact)["subject"]
        except LogError as error:
            return (Fault(file, 0, 0, f"impact report cannot be read: {error}", _MEND),)
        found = (
            ("is about policy", digest_text(subject["candidate_digest"]), digest_text(self.policy_digest)),
            (
                "was judged while another policy ran,",
                digest_text(subject["live_digest"]),
                digest_text(self.live_digest),
            ),
            ("is of log", subject["origin"], self.origin),
        )
        return tuple(
            Fault(file, 0, 0, f"impact report {what} {was}, expected {expected}", _MEND)
            for what, was, expected in found
            if was != expected
        )
