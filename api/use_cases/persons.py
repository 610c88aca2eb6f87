"""Names of persons, as far as four eyes need to tell them apart."""

from __future__ import annotations

import unicodedata

CLOCKWORK = "assay"
"""The principal of what a server does by itself."""


def person(principal: str) -> str:
    """A name as it tells persons apart: not by its case, its spaces or the width of its letters."""
    return "".join(unicodedata.normalize("NFKC", principal).casefold().split())
