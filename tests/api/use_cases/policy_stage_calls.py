"""Versions to put into the shadow and to let decide, for tests: tried in this process, and without cases."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

from adapters.lake.lake import Lake
from api.use_cases.candidates import CandidateFiles, Trial, tried
from api.use_cases.market import opened_market
from api.use_cases.ordering import OrderCommand, OrderOutcome, submitted_order
from api.use_cases.policy_stages import CanaryShare, canary_started, shadow_started
from api.use_cases.reloading import Handed
from api.use_cases.reloads import CandidateOutcome, Source
from api.use_cases.service import Service
from tests.api.use_cases.policies_at import CASES, active_digest, service_at, version

TIGHT = ("max_order_notional_usd: 150000", "max_order_notional_usd: 3000")
"""Of an order of ten shares of AAPL five are then left."""
SYMBOLS = ("AAPL", "IBM")


def tried_without_cases(files: CandidateFiles) -> Trial:
    return tried(replace(files, cases=None, is_draft=True))


@contextmanager
def staged_service(home: Path, lake: Lake, *, is_approved_mode: bool = False) -> Iterator[Service]:
    """A paper service with its first session run."""
    with service_at(home, lake, is_approved_mode=is_approved_mode) as opened:
        service = replace(opened, reloads=replace(opened.reloads, tried=tried_without_cases))
        opened_market(service, "assay")
        yield service


def in_shadow(service: Service, *changes: tuple[str, str], who: str = "ann", number: int = 2) -> CandidateOutcome:
    text = version(number, active_digest(service), *(changes or (TIGHT,)))
    return shadow_started(service, Handed(CandidateFiles(text, "v2.yaml", CASES), who, Source.API), "to see")


def as_canary(
    service: Service, policy_digest: bytes, *symbols: str, share_frac: float = 0.0, who: str = "bob"
) -> CandidateOutcome:
    return canary_started(
        service, policy_digest, CanaryShare(share_frac, symbols), who, because="it held in the shadow"
    )


def order(service: Service, key: str, symbol: str = "AAPL", order_shares: int = 10) -> OrderOutcome:
    return submitted_order(service, OrderCommand("paper", "alice", key, symbol, order_shares)).result(20)
