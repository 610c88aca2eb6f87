"""How long each hop of an order takes, in percentiles: those that a server measures, and those that the log knows.

The log tells the two hops that cross processes: from the decision to the broker's first word, and from a cancel that
was asked for to its end. A server adds its own: waiting for the log's lock, the decision, the commit, the whole answer.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from governance.entries import EntryKind
from governance.ports import LogReader
from nodes.kernels.latency import LatencyHistogram
from nodes.vocabulary.instants import instant_ns

PERCENTILES = (50.0, 75.0, 90.0, 95.0, 99.0, 99.9, 100.0)
MAX_ORDERS = 500
_ANSWERING = {EntryKind.DECISION: "broker", EntryKind.CANCEL_REQUEST: "cancel"}


@dataclass(frozen=True, slots=True)
class HopReport:
    """One hop.

    Attributes:
        hop: its name.
        text: from what to what.
        n_values: how many orders it was measured on.
        percentiles_ns: latency by percentage; empty without any.
    """

    hop: str
    text: str
    n_values: int
    percentiles_ns: Mapping[float, int]


HOPS: Mapping[str, str] = {
    "lock": "from the wish to write to the log's lock",
    "decide": "a batch's run, shared among its entries",
    "commit": "writing a batch and making it durable",
    "total": "from an order's arrival to its answer, everything waited for included",
    "broker": "from the decision to the broker's first word",
    "cancel": "from a cancel that was asked for to the end of the order",
}


def hop_report(hop: str, histogram: LatencyHistogram) -> HopReport:
    """What a histogram says of a hop."""
    found = histogram.percentiles_ns(PERCENTILES)
    return HopReport(hop, HOPS[hop], histogram.n_values, dict(zip(PERCENTILES, found, strict=False)))


def logged_hops(reader: LogReader, n_orders: int = MAX_ORDERS) -> tuple[HopReport, ...]:
    """The hops that the log knows, of the newest orders that a broker has answered."""
    found = {"broker": LatencyHistogram(), "cancel": LatencyHistogram()}
    newest = reader.newest(EntryKind.ACKNOWLEDGEMENT, n_orders)
    for decision_id in dict.fromkeys(record.decision_id for record in newest):
        if decision_id is not None:
            _measure(reader, decision_id, found)
    return tuple(hop_report(hop, histogram) for hop, histogram in found.items())


def _measure(reader: LogReader, decision_id: bytes, found: Mapping[str, LatencyHistogram]) -> None:
    """Each acknowledgement answers what was said of the order before it."""
    asked: tuple[str, int] | None = None
    for record in reader.history(decision_id):
        entry = record.entry
        if entry.kind in _ANSWERING:
            asked = _ANSWERING[entry.kind], instant_ns(entry.recorded_at)
        elif entry.kind is EntryKind.ACKNOWLEDGEMENT and asked is not None:
            found[asked[0]].record(instant_ns(entry.recorded_at) - asked[1])
            asked = None
