"""One decision as one HTML page: no other file, no network, the same bytes for the same trace.

Jinja's autoescaping is the first guard against hostile text (a symbol, a reason, a node of somebody's package); the
second is a content security policy that admits only the style and the script whose digests it names.
"""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from hashlib import sha256
from importlib.resources import files

from jinja2 import Environment, FunctionLoader, StrictUndefined
from markupsafe import Markup

from api.pages.bands import bands_of, drawing_bands, stations, title
from api.pages.hallmark import hallmark
from api.pages.layout import Drawing, Sizes, Vertex, drawing
from api.views.decision import DecisionView, NodeView, RuleView, headline, summary
from api.views.lineage import deciding_keys, drawn_nodes
from api.views.shown import told_apart

_MAX_NAME = 25
# Pixels: the box less its padding is shared by the value and, in smaller letters, its unit.
_PADDING, _VALUE_LETTER, _UNIT_LETTER = 26, 7.9, 6.1
_SECURITY = "default-src 'none'; img-src data:; style-src '{}'; script-src '{}'; base-uri 'none'; form-action 'none'"
_SIZES = Sizes(box_width=176, column_gap=38)
_MAX_COLUMNS = 6
_NOTHING = Markup()


@dataclass(frozen=True)
class Card:
    """What is written in one box of the drawing.

    Attributes:
        node: the node.
        name: its name, cut to the box.
        value: its value, cut to the box.
        state: "plain", "input", "absent", or for a rule its effect.
        is_deciding: whether it is on the deciding path.
    """

    node: NodeView
    name: str
    value: str
    state: str
    is_deciding: bool


@dataclass(frozen=True)
class Figure:
    """One lineage drawing with its words.

    Attributes:
        figure_id: unique on the page.
        label: its name on the switch.
        caption: what it shows, in one sentence.
        drawing: where everything stands.
        windows: the parts of the drawing that fit a sheet of paper: (left side, width) pairs.
        cards: what is written in each box, by key.
    """

    figure_id: str
    label: str
    caption: str
    drawing: Drawing
    windows: tuple[tuple[float, float], ...]
    cards: dict[str, Card]


@dataclass(frozen=True)
class Chapter:
    """The nodes of one stage, for the table."""

    band: str
    title: str
    nodes: tuple[NodeView, ...]


def trace_page(view: DecisionView, annex: Markup = _NOTHING, data: Markup = _NOTHING) -> str:
    """The page of a decision, complete.

    Args:
        view: the decision.
        annex: further sections, before how to check it.
        data: what programs read, at the end of the page.
    """
    deciding = deciding_keys(view)
    template = page_environment().get_template("trace.html.jinja")
    return template.render(
        **_enclosed(_text("trace.css"), _text("trace.js")),
        view=view,
        annex=annex,
        data=data,
        headline=headline(view),
        summary=summary(view),
        hallmark=hallmark(view.decision_id),
        stations=stations(view),
        told_apart=told_apart,
        figures=_figures(view, deciding),
        chapters=_chapters(view),
        code_digests={node.key: node.code_digest for node in view.nodes},
        rules=sorted(view.rules, key=lambda rule: rule.is_quiet),
        names={node.key: node.name for node in view.nodes},
        titles={node.band: title(node.band) for node in view.nodes},
    )


def _enclosed(style: str, script: str) -> dict[str, str]:
    """The page's own style and script, and the security policy that admits nothing else."""
    return {
        "style": Markup(style),  # noqa: S704  # our own file, named by its digest in the security policy
        "script": Markup(script),  # noqa: S704  # likewise
        "security": _SECURITY.format(_source(style), _source(script)),
    }


def _source(text: str) -> str:
    """A text as a content security policy names it."""
    return f"sha256-{b64encode(sha256(text.encode()).digest()).decode()}"


def _text(name: str) -> str:
    return files("api.pages").joinpath("templates", name).read_text(encoding="utf-8")


def page_environment() -> Environment:
    """What renders templates: everything escaped, nothing undefined."""
    return Environment(
        autoescape=True, loader=FunctionLoader(_text), undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True
    )


def _figures(view: DecisionView, deciding: frozenset[str]) -> tuple[Figure, ...]:
    nodes = drawn_nodes(view.nodes)
    focus = tuple(node for node in nodes if node.key in deciding)
    objected = "the rules that objected" if view.deciders else "the order that was asked for"
    ruled = {rule.key: rule for rule in view.rules}
    cards = {node.key: _card(node, ruled.get(node.key), node.key in deciding) for node in nodes}
    band_of = drawing_bands(view.nodes)
    caption = f"The lineage of {objected}: {len(focus)} of {len(nodes)} nodes."
    small, large = _drawing(focus, band_of), _drawing(nodes, band_of)
    all_of_it = f"The whole lineage of the decision: {len(nodes)} nodes."
    return (
        Figure("deciding", "What decided", caption, small, _windows(small), cards),
        Figure("whole", "Everything", all_of_it, large, ((0, large.width),), cards),
    )


def _windows(whole: Drawing) -> tuple[tuple[float, float], ...]:
    """A wide drawing cut between columns, for paper."""
    step = whole.sizes.box_width + whole.sizes.column_gap
    n_columns = 1 + max((box.column for box in whole.boxes), default=0)
    n_sheets = -(-n_columns // _MAX_COLUMNS)
    per_sheet = -(-n_columns // n_sheets)
    width = per_sheet * step + 2 * whole.sizes.margin - whole.sizes.column_gap
    return tuple((sheet * per_sheet * step, width) for sheet in range(n_sheets))


def _drawing(nodes: Sequence[NodeView], band_of: Mapping[str, str]) -> Drawing:
    return drawing([Vertex(node.key, band_of[node.key], node.reads) for node in nodes], bands_of(nodes), _SIZES)


def _card(node: NodeView, rule: RuleView | None, is_deciding: bool) -> Card:  # noqa: FBT001  # a fact about the node
    if rule is not None:
        said = rule.final if rule.proposed == rule.final else f"{rule.proposed}, then {rule.final}"
        return Card(node, _cut(rule.rule_id, _MAX_NAME), said, rule.effect, is_deciding)
    state = "absent" if node.value.is_absent else "input" if node.kind == "input" else "plain"
    room = int((_SIZES.box_width - _PADDING - _UNIT_LETTER * len(node.unit)) / _VALUE_LETTER)
    return Card(node, _cut(node.name, _MAX_NAME), _cut(node.value.text, room), state, is_deciding)


def _cut(text: str, length: int) -> str:
    return text if len(text) <= length else f"{text[: length - 1]}…"


def _chapters(view: DecisionView) -> tuple[Chapter, ...]:
    """The nodes by stage, but for the rules, which have a table of their own."""
    ruled = {rule.key for rule in view.rules}
    nodes = [node for node in view.nodes if node.key not in ruled]
    return tuple(
        Chapter(band, title(band), tuple(node for node in nodes if node.band == band)) for band in bands_of(nodes)
    )
