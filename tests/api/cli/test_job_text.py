from __future__ import annotations

from dataclasses import replace
from datetime import date
from decimal import Decimal

from api.cli.job_text import print_job, replayed_words
from api.use_cases.main_job import JobResult, JobTiming
from api.use_cases.summary import Fills, RunSummary, Tally
from governance.findings import Finding, Report
from governance.replay import ReplayOutcome, ReplayReport
from governance.rows import CheckpointRow
from nodes.journal.account import opened_account
from tests.api.cli.paper import Paper

SUMMARY = RunSummary(
    origin="research/test",
    policy="us-equities v1",
    first_on=date(2005, 1, 3),
    last_on=date(2005, 1, 6),
    n_sessions=4,
    n_entries=1234,
    n_decisions=8,
    verdicts=(Tally("pass", "act", 6, b"\x01" * 32), Tally("deny", "deny", 2, b"\x02" * 32)),
    reasons=(Tally("notional", "deny", 2, b"\x02" * 32),),
    fills=Fills(6, 1, Decimal(1000), Decimal("12.34"), Decimal("56.78")),
    account=opened_account("demo", Decimal(1_000_000)),
    return_frac=0.5,
    index_return_frac=-0.1,
    max_drawdown_frac=0.2,
    index_drawdown_frac=0.3,
    turnover_frac=1.5,
)
REPORT = Report("research/test", 1234, b"\x00" * 32, (), {"entries": 1234})


def replay(outcome: ReplayOutcome) -> ReplayReport:
    return ReplayReport(1, b"\x01" * 32, "AAPL", outcome, b"\x00" * 32)


def table(**changes: object) -> str:
    result = JobResult(
        summary=SUMMARY,
        timing=JobTiming(4, 8, 2.0, 0.01),
        checkpoint=CheckpointRow(1234, b"\x07" * 32, b""),
        verification=REPORT,
        replays=(replay(ReplayOutcome.IDENTICAL),) * 3,
        log_bytes=12_300_000,
        elapsed_s=3.0,
    )
    paper = Paper()
    print_job(paper.console, replace(result, **changes), "var/demo")  # type: ignore[arg-type]  # test data
    return paper.text


def test_the_table_tells_orders_by_verdict_and_reason() -> None:
    lines = [line.split() for line in table().splitlines()]
    assert any(words[:2] == ["pass", "6"] for words in lines)
    assert any(words[:2] == ["notional", "2"] and words[-1] == "020202020202" for words in lines)


def test_the_table_tells_return_drawdown_turnover_cost_speed_and_size() -> None:
    text = " ".join(table().split())
    for part in (
        "+50.0%, index -10.0%",
        "20.0% at worst, index 30.0%",
        "1.50 times",
        "$12.34 fees, $56.78",
        "800/s in the append",
        "1,234 entries, 12.3 MB",
        "signed over 1,234 entries",
        "3 identical",
    ):
        assert part in text


def test_the_gravest_decision_is_offered_to_look_at() -> None:
    text = table()
    assert "assay trace show 020202020202 --home var/demo" in text
    assert "assay decisions --verdict deny" in text


def test_an_earlier_run_is_told_apart_from_this_one() -> None:
    text = table(timing=JobTiming(0, 0, 0.1, 0.0))
    assert "nothing was left to decide" in text
    assert "decided," not in text


def test_findings_are_counted_and_lead_to_verify() -> None:
    report = replace(REPORT, findings=(Finding("entry 3", "is broken", "restore it"),))
    assert "1 findings; see `assay verify`" in table(verification=report)


def test_a_run_without_orders_still_ends_with_a_table() -> None:
    empty = replace(SUMMARY, n_decisions=0, verdicts=(), reasons=())
    text = table(summary=empty)
    assert "Objections" not in text
    assert "assay trace show latest" in text


def test_replays_are_counted_by_outcome() -> None:
    assert (
        replayed_words((replay(ReplayOutcome.IDENTICAL), replay(ReplayOutcome.DIVERGED))) == "1 identical, 1 diverged"
    )
    assert replayed_words(()) == "none"
