"""Impacts in JSON."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Annotated

import msgspec

from adapters.sql.job_rows import Job
from api.http.schemas.jobs import MAX_POLICY, JobView, job_view
from api.use_cases.impact_jobs import (
    HORIZON_SESSIONS,
    MAX_HORIZON_SESSIONS,
    MAX_LAST,
    ImpactAsked,
    ImpactSummary,
)
from api.use_cases.impact_views import ImpactView
from governance.impact_rows import ImpactRow
from nodes.vocabulary.canonical import digest_text


class ImpactBody(msgspec.Struct, forbid_unknown_fields=True, frozen=True):
    """A candidate, and which recorded decisions are judged by it.

    Attributes:
        text: the policy; it needs no cases for this.
        file: what to call it in faults.
        last: only the newest decisions, so many; null takes all.
        since: only decisions as of this day or later.
        until: only decisions as of this day or earlier.
        horizon_sessions: over how many sessions later profit and loss is estimated.
        has_path: whether the book is simulated again under the candidate, too.
    """

    text: Annotated[str, msgspec.Meta(min_length=1, max_length=MAX_POLICY)]
    file: Annotated[str, msgspec.Meta(pattern=r"^[A-Za-z0-9._-]{1,100}\.yaml$")] = "candidate.yaml"
    last: Annotated[int, msgspec.Meta(ge=1, le=MAX_LAST)] | None = None
    since: date | None = None
    until: date | None = None
    horizon_sessions: Annotated[int, msgspec.Meta(ge=1, le=MAX_HORIZON_SESSIONS)] = HORIZON_SESSIONS
    has_path: bool = False


class ImpactJobView(msgspec.Struct, frozen=True):
    """An impact.

    Attributes:
        job: its job.
        summary: what it came to, in short, with the digest that an activation names; null until it is done.
        report: all of it; null until it is done.
        decisions: where the decisions that changed are listed; null until it is done.
        events: where its progress can be followed.
    """

    job: JobView
    summary: ImpactSummary | None
    report: ImpactView | None
    decisions: str | None
    events: str


class ImpactDecisionView(msgspec.Struct, frozen=True):
    """A decision that would have come out otherwise.

    Attributes:
        sequence: place of its entry in the log.
        decision_id: the decision.
        symbol: of which share.
        session_on: its session.
        policy_digest: the policy that decided.
        verdict_before: as recorded.
        action_before: as recorded.
        shares_before: as recorded; signed.
        verdict: by the candidate.
        action: by the candidate.
        shares: by the candidate.
        rules_added: rules that object now and did not.
        rules_dropped: rules that objected and do not now.
        because: what the added ones say, for experts.
        price_usd: what a share was worth; null where that is not known.
    """

    sequence: int
    decision_id: str
    symbol: str
    session_on: date
    policy_digest: str
    verdict_before: str
    action_before: str
    shares_before: int
    verdict: str
    action: str
    shares: int
    rules_added: tuple[str, ...]
    rules_dropped: tuple[str, ...]
    because: tuple[str, ...]
    price_usd: Decimal | None


class ImpactDecisionsView(msgspec.Struct, frozen=True):
    """Decisions that would have come out otherwise, in the order of the log.

    Attributes:
        decisions: them.
        next_cursor: of the next page; null on the last one.
    """

    decisions: tuple[ImpactDecisionView, ...]
    next_cursor: str | None


def asked_of(body: ImpactBody) -> ImpactAsked:
    """What a body asks."""
    return ImpactAsked(**{name: getattr(body, name) for name in body.__struct_fields__})


def impact_job_view(job: Job, view: ImpactView | None, path: str) -> ImpactJobView:
    """An impact as it is told, under the path of impacts; `view` is its report when it is done."""
    place = f"{path}/{job.job_id}"
    summary = None if job.result is None else msgspec.json.decode(job.result, type=ImpactSummary)
    return ImpactJobView(
        job=job_view(job),
        summary=summary,
        report=view,
        decisions=None if view is None else f"{place}/decisions",
        events=f"{place}/events",
    )


def impact_decision_view(row: ImpactRow) -> ImpactDecisionView:
    """A decision that would have come out otherwise, as it is told."""
    told = {name: getattr(row, name) for name in row.__struct_fields__}
    return ImpactDecisionView(**{**told, "policy_digest": digest_text(bytes.fromhex(row.policy_digest))})
