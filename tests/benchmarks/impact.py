"""How long an impact over many recorded decisions takes: `python -m tests.benchmarks.impact [DECISIONS] [WORKERS]`.

The log is made for it: the shipped policy decides snapshots drawn around an ordinary one, and traces and entries are
appended as a desk appends them. Making it is not measured. The candidate lowers three limits, one of them that of a
clip. Measured is the whole job, from the compiled candidate's text to the report: processes begun, log read, bodies
held to their refs, decisions judged, chunks kept durably, sums made. A sample is held to runs in full.
"""

from __future__ import annotations

import random
import resource
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import msgspec
from rich.console import Console

from adapters.log_folder import log_folder
from adapters.sql.jobs import JOBS, JobBox
from api.bootstrap import shell_clock
from api.impact_parts import impact_work
from api.settings import SHIPPED_POLICY, Settings
from api.use_cases.impact_jobs import ImpactAsked, ImpactSummary, RowFilter, asked_impact, impact_rows
from api.use_cases.jobs import done_job
from api.use_cases.policies import Candidate, candidate
from dataflows.engine.recorded import recorded_run
from dataflows.engine.run import OrderRun, Runner
from dataflows.us_equities import OrderSnapshot
from governance.entries import Entry, EntryKind, decision_id
from governance.environment import single_threaded
from governance.ports import LogStore, Transaction
from governance.rows import Record
from nodes.vocabulary.absent import Absent
from nodes.vocabulary.instants import EPOCH
from tests.benchmarks.table import machine
from tests.governance.test_counterfactual import QUIET

ORIGIN = "research/impact-benchmark"
N_DECISIONS, N_WORKERS = 100_000, 2
CHANGES = (
    ("max_participation_frac: 0.0004", "max_participation_frac: 0.0003"),
    ("max_gap_frac: 0.06", "max_gap_frac: 0.03"),
    ("max_order_notional_usd: 150000", "max_order_notional_usd: 120000"),
)
_AT_ONCE, _SAMPLE = 2000, 200
_SYMBOLS = ("AAPL", "GOOG", "IBM", "MSFT")
_FIRST_ON = date(2005, 1, 3)


@dataclass(frozen=True)
class Measured:
    """What one impact took.

    Attributes:
        elapsed_s: from the request to the report.
        cpu_s: processor time of all processes in between.
        summary: what it came to.
        n_sampled: decisions whose run in full was held to it.
    """

    elapsed_s: float
    cpu_s: float
    summary: ImpactSummary
    n_sampled: int


def drawn_snapshot(draw: random.Random) -> OrderSnapshot:
    """An ordinary snapshot, or one in which a limit or two is near or broken, or something is missing."""
    close = Decimal(draw.randint(2000, 20_000)) / 100
    inputs = {
        **QUIET,
        "symbol": draw.choice(_SYMBOLS),
        "proposed_order_shares": draw.choice((-1, 1)) * draw.randint(50, 6000),
        "close_price_usd": close,
        "previous_close_price_usd": close,
        "overnight_gap_frac": draw.gauss(0.0, 0.015),
        "daily_return_frac": draw.gauss(0.0, 0.02),
        "adv_shares": draw.randint(4_000_000, 30_000_000),
        "estimated_spread_bps": draw.choice((None, *(draw.uniform(5, 120) for _ in range(30)))),
        "position_shares": 6000,
        "equity_usd": Decimal(2_000_000),
        "peak_equity_usd": Decimal(2_000_000),
        "day_start_equity_usd": Decimal(2_000_000),
    }
    return OrderSnapshot(**inputs)


def made_log(home: Path, n_decisions: int, tested: Candidate) -> None:
    """A home with so many decisions of the shipped policy."""
    draw, runner = random.Random(7), Runner(tested.generation.order, ORIGIN, b"")  # data to measure on
    folder = log_folder(home, ORIGIN)
    for start in range(0, n_decisions, _AT_ONCE):
        with folder.store.transaction() as transaction:
            for number in range(start, min(start + _AT_ONCE, n_decisions)):
                run = runner.order(drawn_snapshot(draw), EPOCH + timedelta(minutes=number))
                transaction.append(_entry(transaction, number, run, tested))
    folder.store.close()


def _entry(transaction: Transaction, number: int, run: OrderRun, tested: Candidate) -> Entry:
    """A decision with the facts that a desk writes."""
    generation, limit = tested.generation, run.values["limit_price_usd"]
    refs = {
        "policy_ref": transaction.put_body(tested.text),
        "sources_ref": transaction.put_body(b"sources"),
        "session_manifest_ref": transaction.put_body(generation.session.manifest),
        "order_manifest_ref": transaction.put_body(generation.order.manifest),
        "environment_ref": transaction.put_body(b"environment"),
    }
    trace_ref = transaction.put_body(run.trace.body)
    facts = {
        "account_id": "demo",
        "account_digest": bytes(32),
        "principal": "assay",
        "key": f"benchmark/{number}",
        "replaces": (),
        "session_on": _FIRST_ON + timedelta(days=number % 2900),
        "request_digest": bytes(32),
        "trace_digest": run.trace.digest,
        "trace_ref": trace_ref,
        "plan_digest": generation.order.digest,
        "decision_id": decision_id(ORIGIN, run.trace.digest, "assay", str(number)),
        "symbol": run.values["symbol"],
        "verdict": run.decision.verdict.label,
        "action": run.decision.action.value,
        "proposed_order_shares": run.values["proposed_order_shares"],
        "order_shares": run.decision.order_shares,
        "reasons": tuple(rule.rule_id for rule in run.decision.failed),
        "policy_digest": generation.policy_digest,
        "size_reason": run.decision.size_reason,
        "venue": "",
        "limit_price_usd": None if isinstance(limit, Absent) else limit,
        "route": (("SIMULATED-OPEN", run.decision.order_shares, 640_000, "auction"),),
        **refs,
    }
    return Entry(EntryKind.DECISION, ORIGIN, run.trace.as_of, shell_clock(), facts, (trace_ref, *refs.values()))


def measured(home: Path, tested: Candidate, n_workers: int) -> Measured:
    """One impact over all decisions of a home, and a sample of it held to runs in full."""
    settings = replace(Settings(), home=home, origin=ORIGIN)
    asked = ImpactAsked(text=tested.text.decode())
    with JobBox(home / JOBS, shell_clock) as box:
        started_s, worked_s = time.perf_counter(), _worked_s()
        done = done_job(box, asked_impact(box, asked, "benchmark"), impact_work(settings, n_workers))
        elapsed_s, cpu_s = time.perf_counter() - started_s, _worked_s() - worked_s
        rows, _ = impact_rows(box, done.job_id, RowFilter(), 10_000_000)
    summary = msgspec.json.decode(done.result or b"", type=ImpactSummary)
    folder = log_folder(home, ORIGIN)
    changed = {row.sequence: (row.verdict, row.action, row.shares) for row in rows}
    n_sampled = sum(1 for _ in _checked(folder.store, tested, changed))
    folder.store.close()
    return Measured(elapsed_s, cpu_s, summary, n_sampled)


def _worked_s() -> float:
    """Processor time of this process and of those that ended."""
    ended = resource.getrusage(resource.RUSAGE_CHILDREN)
    return time.process_time() + ended.ru_utime + ended.ru_stime


def _checked(store: LogStore, tested: Candidate, changed: dict[int, tuple[str, str, int]]) -> Iterator[Record]:
    """Decisions drawn from all of them, each held to the run of the candidate's whole plan. Raises RuntimeError."""
    runner, draw = Runner(tested.generation.order, ORIGIN, b""), random.Random(11)  # a sample
    with store.reader() as reader:
        places = reader.places(EntryKind.DECISION, 0, 2**62)
        for place in draw.sample(places, min(_SAMPLE, len(places))):
            (record,) = reader.records(place, place + 1)
            facts = record.entry.facts
            run = recorded_run(reader.body(facts["trace_ref"]), reader.body(facts["order_manifest_ref"]))
            snapshot: Any = SimpleNamespace(**{name: run.values[name] for name in run.plan.inputs})
            found = runner.order(snapshot, run.trace.as_of).decision
            now = (found.verdict.label, found.action.value, found.order_shares)
            before = (facts["verdict"], facts["action"], facts["order_shares"])
            if changed.get(place, before) != now:
                message = f"entry {place}: the impact says {changed.get(place, before)}, a run in full {now}"
                raise RuntimeError(message)
            yield record


def main(n_decisions: int = N_DECISIONS, n_workers: int = N_WORKERS) -> None:
    """Print the table."""
    single_threaded()
    console, text = Console(), SHIPPED_POLICY.read_text(encoding="utf-8")
    shipped = candidate(text.encode(), SHIPPED_POLICY.name)
    for old, new in CHANGES:
        text = text.replace(old, new)
    tested = candidate(text.encode(), "candidate.yaml")
    with tempfile.TemporaryDirectory() as folder:
        home = Path(folder) / "home"
        made_log(home, n_decisions, shipped)
        found = measured(home, tested, n_workers)
    per_s = found.summary.n_decisions / found.elapsed_s
    console.print(f"One-step impact on {machine()}")
    console.print(
        f"{found.summary.n_decisions:,} decisions, {n_workers} processes: {found.elapsed_s:.2f} s, {per_s:,.0f}/s"
    )
    console.print(f"{found.cpu_s:.1f} s of processor time, {1e6 * found.cpu_s / n_decisions:.0f} us a decision")
    console.print(f"{found.summary.n_changed:,} changed, {found.summary.n_flipped:,} flipped")
    console.print(f"{found.n_sampled} drawn and run in full: all alike")


if __name__ == "__main__":
    main(*(int(each) for each in sys.argv[1:]))
