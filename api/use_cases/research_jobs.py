"""Research as a job: what is asked, what is kept of every fit, and what the result says.

The request is the policy's bytes alone, so that asking again for what was interrupted finds it; how many processes fit
is nobody's business but the machine's.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass

import msgspec
import numpy as np

from adapters.sql.job_rows import Job
from adapters.sql.jobs import JobBox
from api.use_cases.jobs import JobDesk
from api.use_cases.model_desk import ModelDesk
from api.use_cases.research import Research, ResearchDesk, ResearchRequest, research
from api.use_cases.studies import checked_study
from dataflows.features import FeatureSnapshot
from dataflows.research.trials import FitResult
from dataflows.research.verdict import verdict
from nodes.vocabulary.canonical import decode, digest_text, encode
from nodes.vocabulary.errors import DataError
from policies.parse import parsed_policy

KIND = "research"
REPORT = b"report"
"""The key under which the report is kept, among the parts of the job."""


def asked_research(box: JobBox, asked: ResearchAsked, principal: str) -> Job:
    """The job of a study: the one that was asked for and is not under way, or a new one.

    Raises PolicyError with every fault of the policy.
    """
    checked_study(parsed_policy(asked.policy.encode(), asked.file))
    request = msgspec.json.encode(asked)
    return box.unfinished(KIND, request) or box.asked(KIND, request, principal)


class ResearchAsked(msgspec.Struct, frozen=True):
    """What is asked of a research job.

    Attributes:
        policy: text of the research policy.
        file: its name, for faults.
    """

    policy: str
    file: str


class ResearchResult(msgspec.Struct, frozen=True):
    """What a research job came to.

    Attributes:
        verdict: luck, undecided, held or significant.
        headline: a few words.
        sentence: the same in a plain sentence.
        model: family and version that was registered.
        model_digest: its identity.
        action: what the gates say: act, hold or deny.
        figures: the evidence by name.
        n_trials: trials in the family's ledger.
        n_fits: fits of this study.
    """

    verdict: str
    headline: str
    sentence: str
    model: str
    model_digest: str
    action: str
    figures: dict[str, float]
    n_trials: int
    n_fits: int


@dataclass(frozen=True)
class ResearchWork:
    """What does research jobs.

    Attributes:
        models: the desk of the registry, for as long as one job needs it.
        snapshot: the facts that features read.
        page: writes the report.
        n_workers: processes that fit.
        tell: is handed what a run came to, beside the result; for whoever wants to show more of it.
    """

    models: Callable[[], AbstractContextManager[ModelDesk]]
    snapshot: Callable[[], FeatureSnapshot]
    page: Callable[[Research], str]
    n_workers: int
    tell: Callable[[Research], None] | None = None

    def __call__(self, desk: JobDesk, /) -> bytes:
        """The result of a job."""
        asked = msgspec.json.decode(desk.job.request, type=ResearchAsked)
        request = ResearchRequest(
            asked.policy.encode(), asked.file, desk.job.job_id, desk.job.principal, self.n_workers
        )
        with self.models() as models:
            found = research(ResearchDesk(models, self.snapshot, JobFits(desk)), request, desk.progress)
        desk.keep(REPORT, self.page(found).encode())
        if self.tell is not None:
            self.tell(found)
        return msgspec.json.encode(research_result(found))


class JobFits:
    """Results of fits among the parts of a job."""

    def __init__(self, desk: JobDesk) -> None:
        self._desk = desk

    def found(self, key: bytes) -> FitResult | None:
        """What a fit came to before."""
        part = self._desk.part(key)
        return None if part is None else fit_from_bytes(part)

    def keep(self, key: bytes, result: FitResult) -> None:
        """Keep a result, durably."""
        self._desk.keep(key, fit_bytes(result))


def fit_bytes(result: FitResult) -> bytes:
    """A result as canonical bytes."""
    return encode((result.loss, result.predictions, result.centre, result.spread))


def fit_from_bytes(part: bytes) -> FitResult:
    """The result that some bytes say. Raises DataError for others."""
    content = decode(part)
    if not isinstance(content, tuple | list) or len(content) != 4 or not isinstance(content[1], np.ndarray):  # noqa: PLR2004
        raise DataError("a kept fit is not what a fit is kept as; cancel the job and ask for it again")
    loss, predictions, centre, spread = content
    return FitResult(loss, predictions, centre, spread)


def research_result(found: Research) -> ResearchResult:
    """What a run came to, for programs."""
    said = verdict(found.plan, found.judgement.run)
    return ResearchResult(
        verdict=said.word,
        headline=said.headline,
        sentence=said.sentence,
        model=found.model.name,
        model_digest=digest_text(found.model.model_digest),
        action=found.judgement.run.action.value,
        figures=dict(found.evidence.figures),
        n_trials=found.evidence.n_trials,
        n_fits=len(found.outcome.trials) * (found.data.n_folds + 1),
    )
