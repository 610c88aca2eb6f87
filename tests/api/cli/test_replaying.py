from __future__ import annotations

from decimal import Decimal

from api.cli.replaying import print_replays
from governance.replay import ReplayOutcome, ReplayReport
from nodes.vocabulary.absent import Absent
from tests.api.cli.invoking import answer, invoked, json_answer
from tests.api.cli.paper import Paper


def test_one_decision_replays_to_the_same_bits(home: str) -> None:
    (report,) = json_answer("replay", "latest", "--home", home)
    assert report["outcome"] == "identical"


def test_every_run_of_a_log_replays(home: str) -> None:
    reports = json_answer("replay", "--all", "--home", home)
    assert {report["outcome"] for report in reports} == {"identical"}
    assert [report["sequence"] for report in reports] == sorted(report["sequence"] for report in reports)


def test_a_sample_is_counted_for_people(home: str) -> None:
    assert "2 identical" in answer("replay", "--sample", "1", "--home", home)


def test_a_replay_of_nothing_in_particular_asks_what(home: str) -> None:
    result = invoked("replay", "--home", home)
    assert result.exit_code == 2
    assert "--all" in result.stderr


def printed(*reports: ReplayReport) -> str:
    paper = Paper()
    print_replays(paper.console, reports)
    return paper.text


def report(outcome: ReplayOutcome, **changes: object) -> ReplayReport:
    return ReplayReport(3, b"\xab" * 32, "AAPL 2005-01-03", outcome, b"\x00" * 32, **changes)  # type: ignore[arg-type]  # test data


def test_a_divergence_names_the_node_both_values_and_the_cause() -> None:
    text = printed(
        report(
            ReplayOutcome.DIVERGED,
            node="order_notional_usd",
            recorded=Decimal("10.00"),
            recomputed=Absent("order_notional_usd", "raised ZeroDivisionError"),
            causes=("code of order_notional_usd is other than recorded",),
        )
    )
    assert "first at order_notional_usd: recorded 10.00, now absent (raised ZeroDivisionError" in text
    assert "because code of order_notional_usd is other than recorded" in text
    assert "1 diverged" in text


def test_what_cannot_run_here_says_what_is_missing() -> None:
    text = printed(report(ReplayOutcome.CANNOT_RUN, missing=("blas_core was SKYLAKEX, is HASWELL here",)))
    assert "missing: blas_core was SKYLAKEX" in text


def test_of_many_replays_only_the_odd_ones_are_named() -> None:
    text = printed(*[report(ReplayOutcome.IDENTICAL)] * 30, report(ReplayOutcome.DIVERGED, node="x"))
    assert text.count("AAPL") == 1
    assert "30 identical, 1 diverged" in text
