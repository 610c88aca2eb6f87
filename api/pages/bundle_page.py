"""The page of an audit bundle: the page of its decision, with what proves it, its policy and its code."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from markupsafe import Markup

from api.pages.trace_page import page_environment, trace_page
from api.views.decision import DecisionView
from governance.bundle import END, START, BundleData
from governance.entries import EntryKind
from nodes.vocabulary.instants import instant_text


@dataclass(frozen=True)
class EntryLine:
    """One entry of the bundle, for people."""

    index: int
    kind: str
    recorded_at: str
    entry_id: str
    leaf_hash: str
    n_path: int


@dataclass(frozen=True)
class BodyLine:
    """One archived body of the bundle, for people."""

    ref: str
    words: str
    n_bytes: int


def bundle_page(view: DecisionView, data: BundleData, policy: str, sources: Mapping[str, str]) -> str:
    """The page, with an empty place for the bundle's data.

    Args:
        view: the decision, masked values blank.
        data: what the bundle holds.
        policy: the policy's text.
        sources: code by the name of its module.
    """
    template = page_environment().get_template("bundle.html.jinja")
    annex = template.render(
        view=view,
        data=data,
        entries=[_entry_line(data, place) for place in range(len(data.entries))],
        bodies=_body_lines(data),
        policy=policy,
        sources=sorted((module, text) for module, text in sources.items() if text.strip()),
    )
    block = START + END
    return trace_page(view, Markup(annex), Markup(block))  # noqa: S704  # rendered with every value escaped


def _entry_line(data: BundleData, place: int) -> EntryLine:
    record, path = data.entries[place].record, data.entries[place].path
    return EntryLine(
        record.sequence,
        record.kind,
        instant_text(record.entry.recorded_at),
        record.entry_id.hex(),
        record.leaf_hash.hex(),
        len(path),
    )


def _body_lines(data: BundleData) -> list[BodyLine]:
    words: dict[bytes, str] = {}
    for entry in data.entries:
        facts = entry.record.entry.facts
        whose = "session's " if entry.record.kind == EntryKind.PLAN.value else ""
        for name, value in facts.items():
            if name.endswith("_ref") and isinstance(value, bytes):
                words.setdefault(value, whose + name.removesuffix("_ref").replace("_", " "))
    return [BodyLine(ref.hex(), words.get(ref, "part of the snapshot"), len(body)) for ref, body in data.bodies.items()]
