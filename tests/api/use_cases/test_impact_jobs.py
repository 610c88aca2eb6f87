"""Impacts as jobs: asked once, done chunk by chunk, resumed where they broke off, read page by page."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import date
from functools import partial
from pathlib import Path

import msgspec
import pytest

from adapters.sql.job_rows import JobState
from adapters.sql.jobs import JobBox
from api.bootstrap import shell_clock
from api.impact_parts import impact_work
from api.use_cases import impact_jobs
from api.use_cases.impact_jobs import (
    ImpactAsked,
    ImpactSummary,
    ImpactWork,
    Judges,
    RowFilter,
    asked_impact,
    impact_job,
    impact_rows,
    kept_impact,
)
from api.use_cases.jobs import done_job
from api.use_cases.policies import Candidate
from governance.impact_report import impact_digest, impact_facts
from nodes.vocabulary.canonical import digest_text
from nodes.vocabulary.errors import EdgeError, PolicyError
from tests.api.use_cases.homes import POLICY, home_settings

TEXT = POLICY.read_text(encoding="utf-8")
STRICT = TEXT.replace("max_day_orders_count: 3", "max_day_orders_count: 1").replace("0.0004", "0.0002")


@pytest.fixture
def box(tmp_path: Path) -> Iterator[JobBox]:
    with JobBox(tmp_path / "jobs.db", shell_clock) as found:
        yield found


@pytest.fixture
def work(ran: Path, monkeypatch: pytest.MonkeyPatch) -> ImpactWork:
    """Impacts on a home that was run, in chunks of five decisions, judged in this process."""
    monkeypatch.setattr(impact_jobs, "CHUNK_DECISIONS", 5)
    return impact_work(home_settings(ran), 1)


def _done(box: JobBox, work: ImpactWork, asked: ImpactAsked) -> tuple[str, ImpactSummary]:
    done = done_job(box, asked_impact(box, asked, "officer"), work)
    return done.job_id, msgspec.json.decode(done.result or b"", type=ImpactSummary)


def test_an_impact_is_done_kept_and_named_by_its_digest(box: JobBox, work: ImpactWork) -> None:
    """ENG-06."""
    job_id, summary = _done(box, work, ImpactAsked(STRICT))
    body = kept_impact(box, job_id)
    facts = impact_facts(body)
    assert summary.impact_digest == digest_text(impact_digest(body))
    assert (facts["n_decisions"], facts["unread"]) == (summary.n_decisions, {})
    assert 0 < summary.n_flipped <= summary.n_changed < summary.n_decisions
    assert facts["subject"]["live_digest"] != facts["subject"]["candidate_digest"]
    assert kept_impact(box, job_id, facts["subject"]["candidate_digest"]) == body
    with pytest.raises(EdgeError, match="is about policy sha256:"):
        kept_impact(box, job_id, bytes(32))


def test_an_impact_that_broke_off_goes_on_where_it_was(box: JobBox, work: ImpactWork) -> None:
    """ENG-06: chunks are kept; a killed server goes on, and comes to the same bytes."""
    judged: list[int] = []

    class Dying:
        def __init__(self, inner: Judges, n_left: int) -> None:
            self._inner, self._n_left = inner, n_left

        def chunks(self, places: Sequence[tuple[int, tuple[int, ...]]]) -> Iterator[tuple[int, bytes]]:
            for number, part in self._inner.chunks(places):
                if not self._n_left:
                    raise KeyboardInterrupt("stopped")
                self._n_left -= 1
                judged.append(number)
                yield number, part

    @contextmanager
    def judges(n_left: int, tested: Candidate, n_chunks: int) -> Iterator[Judges]:
        with work.judges(tested, n_chunks) as inner:
            yield Dying(inner, n_left)

    asked = ImpactAsked(STRICT)
    job = asked_impact(box, asked, "officer")
    with pytest.raises(KeyboardInterrupt, match="stopped"):
        done_job(box, job, ImpactWork(work.store, partial(judges, 2), work.later, work.path))
    assert box.job(job.job_id).state is JobState.QUEUED
    assert asked_impact(box, asked, "officer").job_id == job.job_id
    told: list[int] = []
    whole = ImpactWork(work.store, partial(judges, 100), work.later, work.path)
    done_job(box, job, whole, lambda what, done, _total: told.append(done) if what == "decisions" else None)
    assert judged == sorted(set(judged))
    assert told[0] == 10
    other, _ = _done(box, work, ImpactAsked(STRICT))
    assert kept_impact(box, other) == kept_impact(box, job.job_id)


def test_decisions_are_chosen_by_day_and_by_number(box: JobBox, work: ImpactWork) -> None:
    _, every = _done(box, work, ImpactAsked(STRICT))
    job_id, last = _done(box, work, ImpactAsked(STRICT, last=3))
    assert (last.n_decisions, every.n_decisions > 10) == (3, True)
    assert impact_facts(kept_impact(box, job_id))["subject"]["asked"] == "the newest 3 decisions"
    _, early = _done(box, work, ImpactAsked(STRICT, until=date(2005, 2, 15)))
    _, late = _done(box, work, ImpactAsked(STRICT, since=date(2005, 2, 16)))
    assert early.n_decisions + late.n_decisions == every.n_decisions
    _, none = _done(box, work, ImpactAsked(STRICT, since=date(2010, 1, 1)))
    assert (none.n_decisions, none.n_changed) == (0, 0)


def test_changed_decisions_are_read_page_by_page_and_filtered(box: JobBox, work: ImpactWork) -> None:
    """ENG-06: drill down to each decision."""
    job_id, summary = _done(box, work, ImpactAsked(STRICT))
    every, more = impact_rows(box, job_id, RowFilter(), 1000)
    assert (len(every), more) == (summary.n_changed, False)
    first, more = impact_rows(box, job_id, RowFilter(), 3)
    rest, _ = impact_rows(box, job_id, RowFilter(), 1000, first[-1].sequence)
    assert ((*first, *rest), more) == (every, True)
    for wanted in (RowFilter(symbol="IBM"), RowFilter(rule="message-rate"), RowFilter(flip=every[0].flip)):
        found, _ = impact_rows(box, job_id, wanted, 1000)
        assert found == tuple(row for row in every if wanted.takes(row)) != ()
    assert impact_rows(box, job_id, RowFilter(symbol="NONE"), 10) == ((), False)


def test_what_cannot_be_asked_is_refused(box: JobBox) -> None:
    with pytest.raises(PolicyError, match="expected"):
        asked_impact(box, ImpactAsked(TEXT.replace("version: 1", "version: one")), "officer")
    with pytest.raises(EdgeError, match="since 2005-03-01 until 2005-02-01 are none"):
        asked_impact(box, ImpactAsked(TEXT, since=date(2005, 3, 1), until=date(2005, 2, 1)), "officer")
    other = box.asked("backtest", b"{}", "quant")
    with pytest.raises(EdgeError, match="is of kind backtest, no impact"):
        impact_job(box, other.job_id)
    waiting = asked_impact(box, ImpactAsked(TEXT), "officer")
    with pytest.raises(EdgeError, match="is queued and has no report; wait until it is done"):
        kept_impact(box, waiting.job_id)
