"""One file for an auditor: a decision with all that proves it, as a page that opens without a network."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass

from api.views.built import Recorded, decision_view, recorded_decision
from api.views.decision import DecisionView
from api.views.masked import masked_view
from dataflows.us_equities import ROW_NODES
from governance.bundle import BundleData, BundledRuns, bundle_data, bundle_file
from governance.disclosure import masked_values
from governance.ports import LogReader
from governance.rows import Record
from nodes.vocabulary.canonical import decode

Draw = Callable[[DecisionView, BundleData, str, Mapping[str, str]], str]
"""Draws a bundle's page: of a decision, of what the file holds, of the policy's text and of code by module."""


@dataclass(frozen=True)
class Bundle:
    """A bundle.

    Attributes:
        decision_id: of which decision, 64 hexadecimal digits.
        file: the file.
        data: what it holds.
    """

    decision_id: str
    file: bytes
    data: BundleData

    @property
    def name(self) -> str:
        """A name for the file."""
        return f"bundle-{self.decision_id[:12]}{'-redacted' if self.data.masked.names else ''}.html"


def bundled(reader: LogReader, record: Record, draw: Draw, masked_names: Collection[str] = ()) -> Bundle:
    """The bundle of a decision, with some of its values masked.

    Args:
        reader: a view of the log.
        record: the decision's entry.
        draw: draws the page.
        masked_names: nodes whose values are withheld.

    Raises:
        EdgeError: no checkpoint covers it, or a name cannot be masked.
        LogError: something that it needs is missing or broken.
    """
    recorded = recorded_decision(reader, record)
    runs = _runs(reader, recorded)
    masked = masked_values(masked_names, runs.order, runs.session, ROW_NODES, recorded.entry.facts)
    data = bundle_data(reader, runs, masked)
    facts = recorded.entry.facts
    has_session = runs.session_record in [each.record for each in data.entries]
    view = masked_view(decision_view(recorded), masked, runs, with_session=has_session)
    policy, sources = (_kept(reader, facts[name]) for name in ("policy_ref", "sources_ref"))
    page = draw(view, data, (policy or b"").decode(), decode(sources) if sources else {})
    return Bundle(view.decision_id, bundle_file(page, data), data)


def _kept(reader: LogReader, ref: bytes) -> bytes | None:
    """A body's content; None when it was dropped."""
    return None if reader.stored_body(ref) is None else reader.body(ref)


def _runs(reader: LogReader, recorded: Recorded) -> BundledRuns:
    cited = [found for cite in recorded.entry.cites if (found := reader.record_of_entry(cite)) is not None]
    return BundledRuns(recorded.record, recorded.order, cited[0] if cited else None, recorded.session)
