"""The terms that gains are attributed by: those of a file, else the ones that come with Assay."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path

from api.use_cases.policies import file_bytes
from policies.attribution_terms import SHIPPED, AttributionTerms, parsed_attribution_terms


def attribution_terms(file: Path | None = None) -> AttributionTerms:
    """The terms in a file. Raises EdgeError when it cannot be read, PolicyError with every fault."""
    chosen = file or SHIPPED
    return _parsed(file_bytes(chosen), str(chosen))


@lru_cache(maxsize=4)
def _parsed(text: bytes, name: str) -> AttributionTerms:
    return parsed_attribution_terms(text, name)
