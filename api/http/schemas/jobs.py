"""Jobs and research runs in JSON."""

from __future__ import annotations

from typing import Annotated, Literal

import msgspec

from adapters.sql.job_rows import Job, JobEvent
from api.use_cases.research_jobs import ResearchResult
from nodes.vocabulary.instants import instant_text

JobStateText = Literal["queued", "running", "done", "failed", "cancelled"]
MAX_POLICY = 262_144


class ResearchBody(msgspec.Struct, forbid_unknown_fields=True, frozen=True):
    """A study to run.

    Attributes:
        policy: text of the research policy.
        file: what the policy's faults call it.
    """

    policy: Annotated[str, msgspec.Meta(min_length=1, max_length=MAX_POLICY)]
    file: Annotated[str, msgspec.Meta(max_length=200)] = "policy.yaml"


class JobView(msgspec.Struct, frozen=True):
    """A job as it stands.

    Attributes:
        job_id: its name.
        kind: of work.
        state: how far it is.
        is_cancelled: whether somebody asked for its end.
        what: what is being done.
        done: how much of that.
        total: how much there is of that.
        n_claims: how many processes took it up, each after the one before ended.
        principal: who asked.
        made_at: when it was asked for.
        changed_at: when anything last happened to it.
        because: why it failed, with the mend; "" otherwise.
    """

    job_id: str
    kind: str
    state: JobStateText
    is_cancelled: bool
    what: str
    done: int
    total: int
    n_claims: int
    principal: str
    made_at: str
    changed_at: str
    because: str


class JobsView(msgspec.Struct, frozen=True):
    """The newest jobs, newest first."""

    jobs: tuple[JobView, ...]


class JobEventView(msgspec.Struct, frozen=True):
    """One change of a job.

    Attributes:
        sequence: its number; also its id in the stream.
        job_id: the job.
        state: how far it was.
        what: what was being done.
        done: how much of it.
        total: how much there was.
        at: when.
    """

    sequence: int
    job_id: str
    state: JobStateText
    what: str
    done: int
    total: int
    at: str


class ResearchResultView(msgspec.Struct, frozen=True):
    """What a study came to.

    Attributes:
        verdict: luck, undecided, held or significant; it follows from the gates.
        headline: the verdict in a few words.
        sentence: the same in a plain sentence.
        model: family and version that was registered.
        model_digest: its identity.
        action: what the gates say: act, hold or deny.
        figures: the evidence by name; one that is not known is left out.
        n_trials: trials in the family's ledger.
        n_fits: fits of this study.
    """

    verdict: Literal["luck", "undecided", "held", "significant"]
    headline: str
    sentence: str
    model: str
    model_digest: str
    action: Literal["act", "hold", "deny"]
    figures: dict[str, float]
    n_trials: int
    n_fits: int


class ResearchRunView(msgspec.Struct, frozen=True):
    """A research run.

    Attributes:
        job: how far it is.
        result: what it came to; null before it is done.
    """

    job: JobView
    result: ResearchResultView | None


def job_view(job: Job) -> JobView:
    """A job as it is told."""
    return JobView(
        job_id=job.job_id,
        kind=job.kind,
        state=job.state.value,
        is_cancelled=job.is_cancelled,
        what=job.what,
        done=job.done,
        total=job.total,
        n_claims=job.n_claims,
        principal=job.principal,
        made_at=instant_text(job.made_at),
        changed_at=instant_text(job.changed_at),
        because=job.because,
    )


def job_event_view(event: JobEvent) -> JobEventView:
    """A change as it is told."""
    return JobEventView(
        sequence=event.sequence,
        job_id=event.job_id,
        state=event.state.value,
        what=event.what,
        done=event.done,
        total=event.total,
        at=instant_text(event.at),
    )


def research_run_view(job: Job) -> ResearchRunView:
    """A research run as it is told."""
    result = None
    if job.result is not None:
        found = msgspec.json.decode(job.result, type=ResearchResult)
        result = msgspec.convert(msgspec.structs.asdict(found), ResearchResultView)
    return ResearchRunView(job_view(job), result)
