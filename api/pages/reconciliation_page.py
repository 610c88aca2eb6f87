"""One reconciliation as one HTML page: no other file, no network, no script; for screens and for paper."""

from __future__ import annotations

from base64 import b64encode
from hashlib import sha256

from markupsafe import Markup

from api.pages.research_page import page_environment, page_text
from api.use_cases.reconciliation_report import ReconciliationView

_SECURITY = "default-src 'none'; img-src data:; style-src '{}'; base-uri 'none'; form-action 'none'"
_TREATMENTS = {
    "correct": "Book what the statement says, once a person posts it",
    "claim": "Claim from the broker",
    "wait": "Wait: it heals by itself",
    "review": "A person must know more than either side tells",
}


def reconciliation_page(view: ReconciliationView) -> str:
    """The page of a reconciliation, complete."""
    style = page_text("trace.css") + page_text("research.css")
    return (
        page_environment()
        .get_template("reconciliation.html.jinja")
        .render(
            style=Markup(style),  # noqa: S704  # our own file, named by its digest in the security policy
            security=_SECURITY.format(f"sha256-{b64encode(sha256(style.encode()).digest()).decode()}"),
            view=view,
            treatments=tuple(
                (text, tuple(each for each in view.breaks if each.treatment == name))
                for name, text in _TREATMENTS.items()
                if any(each.treatment == name for each in view.breaks)
            ),
        )
    )
