"""Every label for a panel of shares: what research learns to predict. Nothing that decides compiles with a label.

The labels' inputs are the nodes that trading uses: prices of `nodes.market`, volatility of `nodes.features`.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from dataflows.engine.catalog import NodeModule, installed_modules
from dataflows.engine.compile import compiled_dataflow
from dataflows.engine.dataflow import Dataflow, Kind
from dataflows.engine.plan import Plan
from nodes.vocabulary.units import Panel
from policies.parse import ParsedPolicy

NAME = "labels"
STAGES = ("market", "features", "labels")
PARAMETERS = Path(__file__).resolve().parents[1] / "policies" / "labels" / "v1.yaml"
"""The shipped parameters of all labels."""
EVENTS = (
    "cusum_event_score",
    "volume_spike_score",
    "regime_change_score",
    "label_event_score",
)
BARRIER = (
    "barrier_label_score",
    "barrier_sign_score",
    "barrier_return_frac",
    "barrier_end_on",
    "label_concurrency_count",
    "label_uniqueness_frac",
    "label_weight_score",
)
TARGETS = ("forward_return_frac", "forward_end_on", "scaled_forward_return_score")
META = ("primary_side_score", "meta_label_score", "meta_return_frac", "meta_end_on")


@dataclass(frozen=True)
class LabelSnapshot:
    """What labels are made of.

    Attributes:
        panel: bars as in `us_equities.SessionSnapshot`, up to session_on.
        calendar: session_on: the exchange's sessions from the panel's first one to the last, without holes, whatever
            the shares traded.
        session_on: the last session whose bars are known.
        primary_oos_side: out-of-sample predictions of a primary model: symbol, session_on, side_score,
            held_out_from_on, held_out_until_on; None without a primary model: then meta-labels are absent.
        scheduled_events: what was announced: symbol, event_on, known_on; None where nothing is known.
    """

    panel: Panel
    calendar: Panel
    session_on: date
    primary_oos_side: Panel | None = None
    scheduled_events: Panel | None = None


LABELS = Dataflow(NAME, Kind.SESSION, STAGES, LabelSnapshot, (*EVENTS, *BARRIER, *TARGETS, *META))


def compiled_labels(parameters: ParsedPolicy, modules: Iterable[NodeModule] | None = None) -> Plan:
    """The plan of all labels. Raises PolicyError or PlanError with every fault.

    Args:
        parameters: the policy that gives every parameter.
        modules: node modules to use in place of the installed ones.
    """
    found = tuple(installed_modules(STAGES) if modules is None else modules)
    return compiled_dataflow(parameters, LABELS, found)
