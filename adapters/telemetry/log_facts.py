"""What the log itself says at the moment someone asks, as metrics: right for any number of workers.

These values are read from the log in one view, not counted: whichever worker is asked gives the same answer. A log
that cannot be read says `assay_log_up 0` and nothing else: missing is never zero.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime

from prometheus_client.core import GaugeMetricFamily, InfoMetricFamily, Metric

from adapters.telemetry.fact_collector import FactCollector
from governance.ports import LogReader, LogStore
from governance.rows import OrderState
from nodes.vocabulary.canonical import digest_text
from nodes.vocabulary.instants import instant_ns

WATCHED = (OrderState.PENDING, OrderState.SENT)
"""States of an outbound order that ask for something to happen."""
_NS_A_SECOND = 1e9


@dataclass(frozen=True, slots=True)
class LogFacts:
    """What one view of a log says.

    Attributes:
        n_entries: its size.
        n_covered: how many entries the newest checkpoint covers; 0 without one.
        uncovered_age_s: how long ago the oldest entry was recorded that no checkpoint covers; 0 when all are covered.
        policies: digest of the active policy by strategy.
        n_outbound: how many orders are in each watched state.
        pending_age_s: how long ago the oldest order was decided that waits for the broker; 0 when none waits.
    """

    n_entries: int
    n_covered: int
    uncovered_age_s: float
    policies: Mapping[str, bytes] = field(default_factory=dict)
    n_outbound: Mapping[OrderState, int] = field(default_factory=dict)
    pending_age_s: float = 0.0


def log_facts(store: LogStore, at: datetime) -> LogFacts:
    """What the log says now. Raises AssayError when it cannot be read."""
    with store.reader() as reader:
        head, checkpoint = reader.head(), reader.newest_checkpoint()
        n_covered = 0 if checkpoint is None else checkpoint.size
        return LogFacts(
            n_entries=head.size,
            n_covered=n_covered,
            uncovered_age_s=_age_s(at, _recorded_at_ns(reader, n_covered)),
            policies={each.strategy: each.policy_digest for each in reader.activations()},
            n_outbound={state: reader.n_outbound(state) for state in WATCHED},
            pending_age_s=_age_s(at, reader.oldest_outbound_ns(OrderState.PENDING)),
        )


def _recorded_at_ns(reader: LogReader, sequence: int) -> int | None:
    return next((record.recorded_at_ns for record in reader.records(sequence, sequence + 1)), None)


def _age_s(at: datetime, since_ns: int | None) -> float:
    return 0.0 if since_ns is None else max(0.0, (instant_ns(at) - since_ns) / _NS_A_SECOND)


def log_collector(store: LogStore, clock: Callable[[], datetime]) -> FactCollector:
    """The facts of a log as metrics."""
    return FactCollector(
        "assay_log_up",
        "Can the log be read? Alert: AssayLogUnavailable",
        lambda: _families(log_facts(store, clock())),
    )


def _families(facts: LogFacts) -> Iterator[Metric]:
    yield _gauge("assay_log_entries", "How large is the log? Entries committed", facts.n_entries)
    yield _gauge("assay_checkpoint_entries", "How far is the log signed? Entries covered", facts.n_covered)
    yield _gauge(
        "assay_checkpoint_uncovered_age_seconds",
        "Is signing late? Age of the oldest entry that no checkpoint covers. Alert: AssayCheckpointLate",
        facts.uncovered_age_s,
    )
    outbox = GaugeMetricFamily(
        "assay_outbox_orders", "Do orders get to the broker? Outbound orders by state", labels=["state"]
    )
    for state, n_orders in facts.n_outbound.items():
        outbox.add_metric([state.value], n_orders)
    yield outbox
    yield _gauge(
        "assay_outbox_pending_age_seconds",
        "Does the broker take orders? Age of the oldest order that waits for it. Alert: AssayOutboxStuck",
        facts.pending_age_s,
    )
    generation = InfoMetricFamily(
        "assay_generation", "Which policy decides? One line a strategy", labels=["strategy", "policy_digest"]
    )
    for strategy, digest in facts.policies.items():
        generation.add_metric([strategy], {"policy_digest": digest_text(digest)})
    yield generation


def _gauge(name: str, question: str, value: float) -> Metric:
    return GaugeMetricFamily(name, question, value=value)
