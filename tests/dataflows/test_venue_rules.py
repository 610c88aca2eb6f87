"""An order leaves for a venue only when every market rule holds and all of it is known."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from dataflows.engine.case_runs import case_inputs, case_results
from dataflows.engine.plan import Plan
from dataflows.engine.run import Runner
from dataflows.venue_rules import ShareMarket, compiled_venue_rules, venue_rules_snapshot
from nodes.kernels.market_rules.halts import Halt
from nodes.kernels.market_rules.price_bands import Bands
from nodes.kernels.market_rules.sessions import SessionTimes
from nodes.kernels.market_rules.ticks import TickClass
from nodes.vocabulary.instants import EPOCH
from nodes.vocabulary.trading import OrdType, Side, TimeInForce, VenueOrder
from nodes.vocabulary.verdict import Action
from policies.cases import parsed_cases, unknown_names, unmet
from policies.coverage import coverage_faults
from policies.parse import ParsedPolicy, parsed_policy
from policies.rulebook import shipped_rulebook
from tests.architecture.code import ROOT

FOLDER = ROOT / "policies" / "venue-rules" / "us-equities"
S = 10**9
SESSION = SessionTimes(date(2020, 3, 9), 0, 23_400 * S)
BUY = VenueOrder(
    "1", "X", Side.BUY, 100, OrdType.LIMIT, TimeInForce.DAY, 1_000_000, None, is_post_only=False, expires_ns=None
)
MARKET = ShareMarket(
    at_ns=60 * S,
    session=SESSION,
    halts=(),
    has_bands=True,
    bands=Bands(950_000, 1_050_000),
    is_restricted=False,
    best_bid_e4=999_900,
    best_ask_e4=1_000_100,
    ticks=shipped_rulebook().on(date(2020, 3, 9)).ticks,
    tick_class=TickClass.CENT,
)


@cache
def parsed(name: str = "v1.yaml") -> ParsedPolicy:
    return parsed_policy(Path(FOLDER / name).read_bytes(), name)


@cache
def plan() -> Plan:
    return compiled_venue_rules(parsed())


def action(order: VenueOrder, market: ShareMarket) -> Action:
    run = Runner(plan(), "paper", b"", is_salted=True).gate(venue_rules_snapshot(order, market), EPOCH, (), b"k" * 32)
    return run.action


def test_every_case_comes_out_and_shows_every_rule_three_ways() -> None:
    cases = parsed_cases((FOLDER / "v1.cases.yaml").read_bytes(), "v1.cases.yaml")
    assert not unknown_names(cases, parsed().policy, case_inputs(plan()))
    results = case_results(plan(), cases)
    assert not [str(fault) for case, result in zip(cases, results, strict=True) for fault in unmet(case, result)]
    assert not [str(fault) for fault in coverage_faults(parsed(), results)]


def test_an_order_that_keeps_the_rules_leaves() -> None:
    assert action(BUY, MARKET) is Action.ACT


@pytest.mark.parametrize(
    ("at_s", "wanted"), [(59, Action.ACT), (60, Action.DENY), (359, Action.DENY), (360, Action.ACT)]
)
def test_no_order_leaves_during_a_halt(at_s: int, wanted: Action) -> None:
    """EXE-03: the guard denies from the first nanosecond of a halt to its last."""
    halt = Halt("X", "assay", "LUDP", 60 * S, 360 * S)
    assert action(BUY, replace(MARKET, at_ns=at_s * S, halts=(halt,))) is wanted


@pytest.mark.parametrize(
    "change",
    [
        {"halts": None},
        {"session": None},
        {"has_bands": None},
        {"bands": None},
        {"bands": Bands(950_000, 999_900)},
        {"ticks": None},
        {"at_ns": 23_400 * S},
    ],
)
def test_what_is_not_known_or_does_not_hold_denies(change: dict[str, Any]) -> None:
    assert action(BUY, replace(MARKET, **change)) is Action.DENY


@pytest.mark.parametrize(("limit_e4", "wanted"), [(999_900, Action.DENY), (1_000_000, Action.ACT)])
def test_a_restricted_short_sale_leaves_above_the_bid_only(limit_e4: int, wanted: Action) -> None:
    short = replace(BUY, side=Side.SELL_SHORT, limit_e4=limit_e4)
    assert action(short, replace(MARKET, is_restricted=True)) is wanted
    assert action(short, MARKET) is Action.ACT


def test_an_order_without_a_limit_is_judged_by_the_quote_it_meets() -> None:
    at_market = replace(BUY, ord_type=OrdType.MARKET, limit_e4=None)
    assert action(at_market, MARKET) is Action.ACT
    assert action(at_market, replace(MARKET, best_ask_e4=None)) is Action.DENY
    assert action(at_market, replace(MARKET, best_ask_e4=1_060_000)) is Action.DENY
