"""Served features are recomputed from the lake of now; correction, late bar and code are told apart. PIT-03."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from pathlib import Path

import polars as pl

from adapters.lake.lake import Lake
from adapters.log_folder import log_folder_to_read
from api.use_cases.skew import served_skew
from dataflows.audit.skew import FeatureSkew
from dataflows.engine.compile import compiled_strategy
from dataflows.engine.plan import Plan
from dataflows.us_equities import US_EQUITIES
from policies.parse import parsed_policy
from tests.api.use_cases.homes import LAST_ON, POLICY

CORRECTED_ON = date(2005, 2, 24)


def plan(text: str = "") -> Plan:
    content = POLICY.read_bytes() if not text else text.encode()
    return compiled_strategy(parsed_policy(content, POLICY.name), US_EQUITIES).session


def skews(home: Path, lake: Lake, of: Plan) -> dict[str, FeatureSkew]:
    with log_folder_to_read(home).store.reader() as reader:
        return {skew.feature: skew for skew in served_skew(reader, lake, of, 5)}


def test_what_was_served_comes_out_again_to_the_bit(ran: Path, lake: Lake) -> None:
    found = skews(ran, lake, plan())
    assert {"momentum_frac", "volatility_frac", "adv_shares"} <= found.keys()
    assert {name for name, skew in found.items() if skew.n_mismatched} == set()


def test_a_corrected_bar_is_named_with_its_share_and_first_session(ran: Path, lake: Lake) -> None:
    is_bar = (pl.col("symbol") == "MSFT") & (pl.col("session_on") == CORRECTED_ON)
    moved = pl.when(is_bar).then(pl.col("close_usd") + 0.01).otherwise("close_usd")
    corrected = lake.panel.with_columns(moved.alias("close_usd"))
    skew = skews(ran, replace(lake, panel=corrected), plan())["volatility_frac"]
    assert (skew.symbols, skew.causes) == (("MSFT",), ("correction",))
    assert skew.since_on is not None
    assert CORRECTED_ON <= skew.since_on <= LAST_ON


def test_a_bar_that_arrived_late_is_told_from_a_corrected_one(ran: Path, lake: Lake) -> None:
    is_bar = (pl.col("symbol") == "IBM") & (pl.col("session_on") == CORRECTED_ON)
    other = replace(lake, panel=lake.panel.filter(~is_bar))
    assert skews(ran, other, plan())["volatility_frac"].causes == ("late fact",)


def test_another_parameter_is_named_as_the_policys(ran: Path, lake: Lake) -> None:
    changed = POLICY.read_text(encoding="utf-8").replace("volatility_sessions: 63", "volatility_sessions: 40")
    found = skews(ran, lake, plan(changed))
    assert found["volatility_frac"].causes == ("policy",)
    assert found["momentum_frac"].n_mismatched == 0
