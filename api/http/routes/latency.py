"""How long each hop of an order takes, in percentiles."""

from __future__ import annotations

import msgspec
from litestar import Router, get

from api.http.parts import PartsHere
from api.use_cases.latency import HopReport, hop_report, logged_hops
from nodes.kernels.latency import PRECISION
from nodes.vocabulary.instants import instant_text

SCOPE = "audit:read"
_NS_PER_US = 1_000.0


class HopView(msgspec.Struct, frozen=True):
    """One hop.

    Attributes:
        hop: its name.
        text: from what to what.
        source: worker, measured by the worker that answers since it started; or log, of its newest orders.
        n_values: how many orders, or batches of them, it was measured on.
        percentiles_us: latency in microseconds by percentage; none without any order. 100 is the largest.
    """

    hop: str
    text: str
    source: str
    n_values: int
    percentiles_us: dict[str, float]


class LatencyView(msgspec.Struct, frozen=True):
    """How long orders take, hop by hop.

    Attributes:
        as_of: when this was asked.
        precision_frac: by how much a percentile may be told too long, never too short.
        hops: one for each.
    """

    as_of: str
    precision_frac: float
    hops: tuple[HopView, ...]


def hop_view(report: HopReport, source: str) -> HopView:
    """A hop for clients."""
    shown = {f"{percent:g}": ns / _NS_PER_US for percent, ns in report.percentiles_ns.items()}
    return HopView(report.hop, report.text, source, report.n_values, shown)


@get(
    "/api/v1/latency/report",
    operation_id="latency_report",
    summary="Latency per hop",
    tags=["latency"],
    opt={"scope": SCOPE},
    sync_to_thread=True,
)
def latency_report(parts: PartsHere) -> LatencyView:
    """Percentiles of each hop of an order, as HdrHistogram tells them: nothing is averaged, nothing slow is dropped.

    The hops of the worker that answers are its own since it started; several workers each have theirs.
    """
    parts.telemetry.count()
    worker = [hop_view(hop_report(hop, each), "worker") for hop, each in parts.telemetry.times.hops.items()]
    with parts.service.store.reader() as reader:
        logged = [hop_view(report, "log") for report in logged_hops(reader)]
    return LatencyView(instant_text(parts.service.clock()), 1.0 / PRECISION, (*worker, *logged))


ROUTER = Router("/", route_handlers=[latency_report])
