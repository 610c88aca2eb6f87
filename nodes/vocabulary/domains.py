"""Domains of facts as nodes know them: which input carries each, and how soon a fact of it can be known at all.

The tables themselves are the lake's (`adapters.lake.domains`); a test holds the two against each other.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

_HOUR_S, _DAY_S = 3_600, 86_400


@dataclass(frozen=True, slots=True)
class SourceDomain:
    """One domain that features are made of.

    Attributes:
        name: of the domain.
        carriers: inputs and market nodes through which its facts reach a feature.
        subject: column that names the share; None where a fact is about no single share.
        least_lag_s: seconds that pass at least between an event and its knowledge; None where knowledge may precede
            the event, as of anything that is scheduled.
    """

    name: str
    carriers: tuple[str, ...]
    subject: str | None = "symbol"
    least_lag_s: int | None = 0


_ALL = (
    SourceDomain("bars_daily", ("panel",)),
    SourceDomain("corporate_actions", ("adjustment_ratio", "split_ratio"), "security_id", None),
    SourceDomain("factors", ("factors", "index_panel"), None),
    SourceDomain("fundamentals", ("fundamentals",)),
    SourceDomain("estimates", ("estimates",)),
    SourceDomain("earnings_actuals", ("earnings_actuals",)),
    SourceDomain("earnings_calendar", ("earnings_calendar",), least_lag_s=None),
    SourceDomain("ratings", ("ratings",), least_lag_s=9 * _HOUR_S),
    SourceDomain("ownership_13f", ("ownership_13f",)),
    SourceDomain("insider_holdings", ("insider_holdings",)),
    SourceDomain("option_quotes", ("options",), "underlying_id"),
    SourceDomain("option_open_interest", ("option_open_interest",), "underlying_id"),
    SourceDomain("short_interest", ("short_interest",), least_lag_s=9 * _DAY_S),
    SourceDomain("fails", ("fails",), least_lag_s=12 * _DAY_S),
    SourceDomain("borrow", ("borrow",)),
    SourceDomain("text_scores", ("text_scores",)),
)

SOURCE_DOMAINS: Mapping[str, SourceDomain] = MappingProxyType({domain.name: domain for domain in _ALL})
"""The domains that a feature contract may name."""

CARRIERS: Mapping[str, str] = MappingProxyType({carrier: domain.name for domain in _ALL for carrier in domain.carriers})
"""Input or market node: the domain that it carries."""
