"""Names of persons, as far as four eyes need to tell them apart."""

from __future__ import annotations

import unicodedata

CLOCKWORK = "assay"
"""The principal of what a server does by itself."""
_UNSEEN = frozenset({"Cc", "Cf"})
"""Unicode's categories of characters that are not shown: controls, joiners, soft hyphens, spaces of no width."""


def person(principal: str) -> str:
    """A name as it tells persons apart: not by its case, its spaces, the width of its letters or what nobody sees."""
    letters = unicodedata.normalize("NFKC", principal).casefold()
    return "".join(each for each in letters if not each.isspace() and unicodedata.category(each) not in _UNSEEN)
