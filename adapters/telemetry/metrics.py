"""Every metric that a worker counts, each with the question that it answers.

The help text of a metric is that question; after "Alert:" stands the alert that uses it, where one does. Labels
take values of closed lists only (verdicts, reasons, hops): no symbol, account or principal ever becomes a label.
What can be read from the log when someone asks is not counted here: see `adapters.telemetry.log_facts`.
How several workers are added up: docs/adr/0010.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram

from nodes.kernels.latency import LatencyHistogram

ORDER_BUCKETS_S = (0.001, 0.002, 0.003, 0.005, 0.0075, 0.01, 0.015, 0.025, 0.05, 0.1, 0.25, 1.0, 5.0)
"""Fine around the target: p99 under 25 ms."""
COMMIT_BUCKETS_S = (0.0005, 0.001, 0.002, 0.004, 0.008, 0.016, 0.032, 0.064, 0.128, 0.5, 2.0)
BATCH_BUCKETS = (1.0, 2.0, 4.0, 8.0, 16.0, 32.0, 64.0, 128.0, 256.0, 512.0, 1024.0)
_NS_PER_S = 1e9
CANDIDATE_BUCKETS_S = (0.05, 0.1, 0.25, 0.5, 1.0, 2.0, 5.0, 15.0, 60.0)


@dataclass(frozen=True, slots=True)
class Metrics:
    """The counters of one worker, with the registry that shows them."""

    registry: CollectorRegistry
    decisions: Counter
    replays: Counter
    orders: Histogram
    batch_entries: Histogram
    commits: Histogram
    append_failures: Counter
    queue_depth: Gauge
    reloads: Counter
    candidates: Histogram
    generation_swaps: Counter
    rate_limited: Counter
    auth_refused: Counter
    problems: Counter
    requests: Counter
    stream_clients: Gauge
    workers_up: Gauge
    log_lines_dropped: Gauge
    background_failures: Counter


def metrics() -> Metrics:
    """A worker's metrics, all at zero."""
    registry = CollectorRegistry()
    decisions, replays, orders = _of_orders(registry)
    batch_entries, commits, append_failures, queue_depth = _of_the_log(registry)
    reloads, candidates, generation_swaps = _of_policies(registry)
    rate_limited, auth_refused, problems, requests = _of_callers(registry)
    stream_clients, workers_up, log_lines_dropped, background_failures = _of_workers(registry)
    return Metrics(
        registry=registry,
        decisions=decisions,
        replays=replays,
        orders=orders,
        batch_entries=batch_entries,
        commits=commits,
        append_failures=append_failures,
        queue_depth=queue_depth,
        reloads=reloads,
        candidates=candidates,
        generation_swaps=generation_swaps,
        rate_limited=rate_limited,
        auth_refused=auth_refused,
        problems=problems,
        requests=requests,
        stream_clients=stream_clients,
        workers_up=workers_up,
        log_lines_dropped=log_lines_dropped,
        background_failures=background_failures,
    )


def _of_orders(registry: CollectorRegistry) -> tuple[Counter, Counter, Histogram]:
    """What an order counts: its verdict, its answer, its way through the hops."""
    return (
        Counter(
            "assay_decisions",
            "Does the policy let through what the desk expects? Decisions made, by verdict and action. "
            "Alert: AssayDenyShareHigh",
            ("verdict", "action"),
            registry=registry,
        ),
        Counter(
            "assay_orders_replayed",
            "Do clients retry? Orders answered from a kept answer, decided before under the same key",
            registry=registry,
        ),
        Histogram(
            "assay_order_seconds",
            "Where does an order's time go? By hop: decide (a batch's run, shared among its entries), total (from "
            "arrival to answer, the wait for the writer and for the commit included). Alert: AssayOrdersSlow",
            ("hop",),
            buckets=ORDER_BUCKETS_S,
            registry=registry,
        ),
    )


def _of_the_log(registry: CollectorRegistry) -> tuple[Histogram, Histogram, Counter, Gauge]:
    """What a commit counts: its entries, its steps, what waits behind it."""
    return (
        Histogram(
            "assay_batch_entries",
            "How well does group commit work? Entries to one commit",
            buckets=BATCH_BUCKETS,
            registry=registry,
        ),
        Histogram(
            "assay_commit_seconds",
            "Is the disk or the database slow? By step: lock (waiting for the log's write lock), commit (writing rows "
            "and making them durable). Alert: AssayCommitsSlow",
            ("step",),
            buckets=COMMIT_BUCKETS_S,
            registry=registry,
        ),
        Counter(
            "assay_append_failures",
            "Did commits fail, so that nothing of their batch was acknowledged? Alert: AssayLogUnavailable",
            registry=registry,
        ),
        Gauge(
            "assay_queue_depth",
            "How many pieces of work wait for the writer? Alert: AssayQueueFilling",
            registry=registry,
            multiprocess_mode="livesum",
        ),
    )


def _of_policies(registry: CollectorRegistry) -> tuple[Counter, Histogram, Counter]:
    """What a reload counts: candidates, their time, changes of generation."""
    return (
        Counter(
            "assay_policy_candidates",
            "What became of candidate policies? By source (watch, signal, api, cli) and outcome (active, proposed, "
            "scheduled, withdrawn, unchanged, refused). Alert: AssayCandidateRefused",
            ("source", "outcome"),
            registry=registry,
        ),
        Histogram(
            "assay_policy_candidate_seconds",
            "How long does a candidate take to compile and to answer its cases?",
            buckets=CANDIDATE_BUCKETS_S,
            registry=registry,
        ),
        Counter(
            "assay_generation_swaps",
            "How often did this worker change to another generation?",
            registry=registry,
        ),
    )


def _of_callers(registry: CollectorRegistry) -> tuple[Counter, Counter, Counter, Counter]:
    """What a request counts, and what it is refused for."""
    return (
        Counter(
            "assay_rate_limited",
            "Are principals over their rate? Requests refused with 429. Alert: AssayRateLimiting",
            registry=registry,
        ),
        Counter(
            "assay_auth_refused",
            "Does somebody try doors? Requests refused for want of a good token, by reason. Alert: AssayAuthRefusals",
            ("reason",),
            registry=registry,
        ),
        Counter(
            "assay_problems",
            "What goes wrong for clients? Problem answers by reason (a slug of the catalogue) and status. "
            "Alert: AssayServerFaults",
            ("reason", "status"),
            registry=registry,
        ),
        Counter(
            "assay_requests",
            "Who uses what? Requests by route template, method and status",
            ("route", "method", "status"),
            registry=registry,
        ),
    )


def _of_workers(registry: CollectorRegistry) -> tuple[Gauge, Gauge, Gauge, Counter]:
    """What a worker is busy with."""
    return (
        Gauge(
            "assay_stream_clients",
            "How many clients hold an event stream open?",
            registry=registry,
            multiprocess_mode="livesum",
        ),
        Gauge(
            "assay_workers_up",
            "How many workers serve? Alert: AssayWorkersMissing",
            registry=registry,
            multiprocess_mode="livesum",
        ),
        Gauge(
            "assay_log_lines_dropped",
            "Were log lines lost because nobody read them? Lines dropped since the workers started",
            registry=registry,
            multiprocess_mode="livesum",
        ),
        Counter(
            "assay_background_failures",
            "Do orders get to the broker, and policies from their folder? Rounds of a worker's own threads that went "
            "wrong, by work (dispatcher, policy-watch). Alert: AssayBackgroundFailing",
            ("work",),
            registry=registry,
        ),
    )


class OrderTimes:
    """The hot path's way into the metrics: children looked up once, so that an order costs a few microseconds.

    Attributes:
        hops: how long each hop took, for percentiles that a histogram of few buckets cannot tell.
    """

    def __init__(self, given: Metrics) -> None:
        self._decision = lru_cache(maxsize=64)(lambda verdict, action: given.decisions.labels(verdict, action).inc)
        self._replayed = given.replays.inc
        self._decide, self._total = (given.orders.labels(hop).observe for hop in ("decide", "total"))
        self.hops = {hop: LatencyHistogram() for hop in ("lock", "decide", "commit", "total")}
        self._lock = given.commits.labels("lock").observe
        self._commit = given.commits.labels("commit").observe
        self._batch = given.batch_entries.observe
        self._depth = given.queue_depth.set
        self._failed = given.append_failures.inc

    def answered(self, verdict: str, action: str, total_s: float, *, is_replayed: bool = False) -> None:
        """One order was answered."""
        self._total(total_s)
        self.hops["total"].record(int(total_s * _NS_PER_S))
        if is_replayed:
            self._replayed()
        else:
            self._decision(verdict, action)()

    def committed(self, n_entries: int, lock_s: float, run_s: float, commit_s: float) -> None:
        """One batch became durable."""
        self._batch(n_entries)
        self._lock(lock_s)
        self._commit(commit_s)
        self.hops["lock"].record(int(lock_s * _NS_PER_S))
        self.hops["commit"].record(int(commit_s * _NS_PER_S))
        if n_entries:
            self._decide(run_s / n_entries)
            self.hops["decide"].record(int(run_s / n_entries * _NS_PER_S))

    def left(self, n_waiting: int) -> None:
        """A batch was committed and left so many pieces of work waiting."""
        self._depth(n_waiting)

    def failed(self) -> None:
        """A batch did not become durable: nothing of it was acknowledged."""
        self._failed()
