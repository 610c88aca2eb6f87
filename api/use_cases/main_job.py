"""The main job: every session in turn, then a checkpoint, a verification and the replay of a sample."""

from __future__ import annotations

import time
from collections import deque
from concurrent.futures import Future
from dataclasses import dataclass
from datetime import date

from adapters.log_folder import LogFolder
from api.use_cases.desk import Desk
from api.use_cases.replaying import replayed_sample
from api.use_cases.sessions import SessionOutcome, submitted_session
from api.use_cases.shadows import shadow_scored
from api.use_cases.summary import RunSummary, run_summary
from governance.entries import EntryKind
from governance.findings import Progress, Report
from governance.replay import ReplayReport
from governance.rows import CheckpointRow
from nodes.vocabulary.errors import EdgeError

MAX_AHEAD = 16
"""Sessions under way at a time: enough to share commits, few enough for a steady progress bar."""


@dataclass(frozen=True, slots=True)
class JobTiming:
    """How long the sessions of one job took.

    Attributes:
        n_sessions: sessions run now; those of an earlier run are not counted.
        n_decisions: decisions made now.
        elapsed_s: from the first session to the last commit.
        deciding_s: of that, deciding orders inside the append: order runs, entries, answers, account.
    """

    n_sessions: int
    n_decisions: int
    elapsed_s: float
    deciding_s: float

    @property
    def sessions_per_s(self) -> float:
        """Sessions settled, run and decided a second."""
        return self.n_sessions / self.elapsed_s if self.elapsed_s else 0.0

    @property
    def decisions_per_s(self) -> float:
        """Decisions a second of deciding; commits, which sessions share, are not counted."""
        return self.n_decisions / self.deciding_s if self.deciding_s else 0.0


@dataclass(frozen=True)
class JobResult:
    """What the main job came to.

    Attributes:
        summary: what happened to orders and money.
        timing: how long it took.
        checkpoint: the signed tree head.
        verification: what verifying the whole log found.
        replays: what replaying a sample found.
        log_bytes: size of the database on disk.
        elapsed_s: everything together.
    """

    summary: RunSummary
    timing: JobTiming
    checkpoint: CheckpointRow
    verification: Report
    replays: tuple[ReplayReport, ...]
    log_bytes: int
    elapsed_s: float


def main_job(
    desk: Desk, folder: LogFolder, sessions: tuple[date, ...], n_replays: int, progress: Progress
) -> JobResult:
    """The whole job. A job that was interrupted goes on where it stopped.

    Args:
        desk: who trades.
        folder: the log's folder, for its checkpoint and verification.
        sessions: the sessions, ascending; `Lake.sessions` gives them.
        n_replays: how many decisions to replay, and how many session runs.
        progress: told what is being done, how much is done and how much there is.
    """
    started_s = time.perf_counter()
    timing = sessions_run(desk, sessions, progress)
    checkpoint = folder.checkpoint()
    verification = folder.verification(progress=progress)
    replays = replayed_sample(folder.store, n_replays, progress)
    with folder.store.reader() as reader:
        summary = run_summary(reader, desk)
    log_bytes = sum(file.stat().st_size for file in folder.path.glob("log.db*"))
    elapsed_s = time.perf_counter() - started_s
    return JobResult(summary, timing, checkpoint, verification, replays, log_bytes, elapsed_s)


def require_known_account(desk: Desk, *, may_open: bool) -> None:
    """Raises EdgeError for an account that a log with other accounts lacks: a slip in its name must not open one."""
    with desk.store.reader() as reader:
        is_known = reader.account(desk.account_id) is not None
        others = {record.entry.facts["account_id"] for record in reader.newest(EntryKind.PLAN, 1)}
    if others and not (is_known or may_open):
        message = (
            f"log {desk.store.origin!r} has no account {desk.account_id!r}, its newest plan is of {min(others)!r}; "
            "correct ASSAY_ACCOUNT_ID, or name the account in ASSAY_ACCOUNTS to open it"
        )
        raise EdgeError(message, reason="unknown-account")


def sessions_run(desk: Desk, sessions: tuple[date, ...], progress: Progress) -> JobTiming:
    """Every session in turn. Up to `MAX_AHEAD` are under way at a time, so that they share commits.

    When one fails, those before it are kept, those after it are not begun, and its error is raised. The first goes
    alone: an account that has not begun yet would begin with whichever of them comes through.
    """
    started_s = time.perf_counter()
    outcomes: list[SessionOutcome] = []
    under_way: deque[Future[SessionOutcome]] = deque()
    waiting = deque(sessions)
    while waiting or under_way:
        while waiting and len(under_way) < (MAX_AHEAD if outcomes else 1):
            under_way.append(submitted_session(desk, waiting.popleft()))
        outcomes.append(under_way.popleft().result())
        if outcomes[-1].is_new:
            shadow_scored(desk, outcomes[-1].session_on)
        progress("sessions", len(outcomes), len(sessions))
    elapsed_s = time.perf_counter() - started_s
    return JobTiming(
        n_sessions=sum(outcome.is_new for outcome in outcomes),
        n_decisions=sum(len(outcome.answers) for outcome in outcomes),
        elapsed_s=elapsed_s,
        deciding_s=sum(outcome.deciding_s for outcome in outcomes),
    )
