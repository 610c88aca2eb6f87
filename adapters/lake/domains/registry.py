"""Every domain of the lake, by name."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from adapters.lake.facts.domain import Domain

_ALL: tuple[Domain, ...] = ()

DOMAINS: Mapping[str, Domain] = MappingProxyType({domain.name: domain for domain in _ALL})
"""The domains whose tables the lake holds."""
