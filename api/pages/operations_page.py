"""The operator's page: how everything is and what was away, as one HTML page without a script."""

from __future__ import annotations

from base64 import b64encode
from hashlib import sha256

from markupsafe import Markup

from api.pages.research_page import page_environment, page_text
from api.use_cases.health import State
from api.use_cases.operations import Operations, duration, outage_sentences
from nodes.vocabulary.instants import instant_text

_SECURITY = "default-src 'none'; img-src data:; style-src '{}'; base-uri 'none'; form-action 'none'"
_TONES = {State.OK: "significant", State.DEGRADED: "held", State.DOWN: "luck"}
_SAID = {
    State.OK: "Everything answers.",
    State.DEGRADED: "It serves on; something is not well.",
    State.DOWN: "Something is down: no orders are taken here.",
}


def operations_page(found: Operations) -> str:
    """The page, complete."""
    style = page_text("trace.css") + page_text("research.css")
    return (
        page_environment()
        .get_template("operations.html.jinja")
        .render(
            style=Markup(style),  # noqa: S704  # our own file, named by its digest in the security policy
            security=_SECURITY.format(f"sha256-{b64encode(sha256(style.encode()).digest()).decode()}"),
            found=found,
            as_of=instant_text(found.as_of),
            tones={state.value: tone for state, tone in _TONES.items()},
            sentence=_SAID[found.state],
            n_away=sum(outage.ended_at is None for outage in found.outages),
            sentences=outage_sentences,
            duration=duration,
            instant=instant_text,
        )
    )
