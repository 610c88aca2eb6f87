"""Changed markets: what a change says happens to every bar it concerns, and nothing before it moves by a bit."""

from __future__ import annotations

from datetime import date, timedelta

import numpy as np
import polars as pl
import pytest

from dataflows.scenarios.draws import drawn_sessions
from dataflows.scenarios.market import Market, changed_market, level_fracs
from nodes.vocabulary.errors import DataError
from policies.scenario import Bootstrap, Scenario, parsed_scenario

FIRST = date(2012, 1, 2)
DAYS = [day for day in (FIRST + timedelta(days=n) for n in range(120)) if day.weekday() < 5][:80]
HEAD = f"""scenario: mine
version: 1
title: t
owner: risk
why: to see
basis: hypothetical
first_on: {DAYS[60]}
last_on: {DAYS[75]}
"""
PRICES = ["open_usd", "high_usd", "low_usd", "close_usd"]


def scenario(changes: str = "") -> Scenario:
    text = HEAD + (f"changes: [{changes}]" if changes else "")
    return parsed_scenario(text.encode(), "mine.yaml")


def bars(symbol: str, seed: int) -> pl.DataFrame:
    draws = np.random.Generator(np.random.PCG64(seed))
    closes = np.round(100.0 * np.cumprod(1.0 + draws.normal(0.0, 0.01, len(DAYS))), 2)
    opens = np.round(closes * (1.0 + draws.normal(0.0, 0.002, len(DAYS))), 2)
    ratio = np.ones(len(DAYS))
    if symbol == "A":
        closes[40:], opens[40:], ratio[40] = closes[40:] / 2.0, opens[40:] / 2.0, 2.0
    high, low = np.maximum(opens, closes) * 1.003, np.minimum(opens, closes) * 0.997
    columns = dict(zip(PRICES, (opens, high, low, closes), strict=True))
    volume = draws.integers(1_000_000, 2_000_000, len(DAYS))
    return pl.DataFrame(
        {"symbol": symbol, "session_on": DAYS, **columns, "volume_shares": volume, "adjustment_ratio": ratio}
    )


@pytest.fixture(scope="module")
def market() -> Market:
    panel = pl.concat([bars("A", 1), bars("B", 2)])
    closes = bars("C", 3)["close_usd"]
    return Market(panel, pl.DataFrame({"session_on": DAYS, "close_usd": closes}))


def part(found: Market, symbol: str, place: int) -> dict[str, float]:
    return found.panel.filter((pl.col("symbol") == symbol) & (pl.col("session_on") == DAYS[place])).row(0, named=True)


def test_a_replay_ends_with_its_span_and_changes_no_byte(market: Market) -> None:
    found = changed_market(market, scenario())
    assert found.panel.equals(market.panel.filter(pl.col("session_on") <= DAYS[75]))
    assert found.index_panel.equals(market.index_panel.head(76))


def test_a_shock_falls_at_the_opening_and_stays_in_every_later_price(market: Market) -> None:
    """SCN-01."""
    found = changed_market(market, scenario(f"{{kind: shock, on: {DAYS[65]}, price_frac: -0.2, volume_ratio: 3}}"))
    for place in (65, 75):
        before, after = part(market, "A", place), part(found, "A", place)
        assert [after[name] for name in PRICES] == pytest.approx([0.8 * before[name] for name in PRICES], abs=2e-3)
    assert part(found, "A", 65)["volume_shares"] == 3 * part(market, "A", 65)["volume_shares"]
    assert found.index_panel["close_usd"][75] == pytest.approx(0.8 * market.index_panel["close_usd"][75], abs=2e-3)
    assert part(found, "A", 64) == part(market, "A", 64)


def test_a_shock_of_one_share_leaves_the_others_and_the_index(market: Market) -> None:
    found = changed_market(market, scenario(f"{{kind: shock, on: {DAYS[65]}, price_frac: 0.1, symbols: [B]}}"))
    assert part(found, "A", 75) == part(market, "A", 75)
    assert part(found, "B", 75)["close_usd"] > part(market, "B", 75)["close_usd"]
    assert found.index_panel.equals(market.index_panel.head(76))


def test_turbulence_multiplies_every_move_of_its_span(market: Market) -> None:
    change = f"{{kind: turbulence, first_on: {DAYS[62]}, last_on: {DAYS[70]}, move_ratio: 3}}"
    found = changed_market(market, scenario(change))
    for place in (62, 66, 70):
        was = part(market, "B", place)["close_usd"] / part(market, "B", place - 1)["close_usd"] - 1.0
        now = part(found, "B", place)["close_usd"] / part(found, "B", place - 1)["close_usd"] - 1.0
        assert now == pytest.approx(3.0 * was, abs=1e-5)


def test_a_drought_takes_volume_and_widens_ranges_around_the_same_closes(market: Market) -> None:
    change = (
        f"{{kind: liquidity-drought, first_on: {DAYS[62]}, last_on: {DAYS[70]}, volume_ratio: 0.1, range_ratio: 3}}"
    )
    found = changed_market(market, scenario(change))
    before, after = part(market, "A", 66), part(found, "A", 66)
    assert after["close_usd"] == pytest.approx(before["close_usd"], abs=1e-3)
    assert after["volume_shares"] == round(before["volume_shares"] * 0.1)
    wide = (after["high_usd"] - after["low_usd"]) / (before["high_usd"] - before["low_usd"])
    assert wide == pytest.approx(3.0, rel=1e-2)


def test_shares_go_along_with_the_index_by_their_betas(market: Market) -> None:
    change = f"{{kind: index-path, first_on: {DAYS[61]}, index_fracs: [-0.1, 0.05], beta_sessions: 50}}"
    found = changed_market(market, scenario(change))
    closes = found.index_panel["close_usd"]
    assert closes[61] / closes[60] - 1.0 == pytest.approx(-0.1, abs=1e-5)
    first, second = (
        part(found, "B", place)["close_usd"] / part(found, "B", place - 1)["close_usd"] - 1.0 for place in (61, 62)
    )
    assert first / second == pytest.approx(-2.0, rel=1e-2)


def test_every_bar_of_a_changed_market_is_a_bar(market: Market) -> None:
    span = f"first_on: {DAYS[60]}, last_on: {DAYS[75]}"
    changes = ", ".join(
        (
            f"{{kind: bootstrap, drawn_from: {DAYS[21]}, drawn_to: {DAYS[50]}, seed: 3}}",
            f"{{kind: turbulence, {span}, move_ratio: 30}}",
            f"{{kind: liquidity-drought, {span}, volume_ratio: 0.5, range_ratio: 9}}",
        )
    )
    panel = changed_market(market, scenario(changes)).panel
    low, high = pl.col("low_usd"), pl.col("high_usd")
    sound = panel.select(
        ((low > 0) & pl.col("open_usd").is_between(low, high) & pl.col("close_usd").is_between(low, high)).all()
    )
    assert sound.item()


def test_drawn_sessions_are_the_same_for_every_share_and_the_index(market: Market) -> None:
    """SCN-01: the correlation between shares is that of the days that were drawn."""
    change = Bootstrap(kind="bootstrap", drawn_from=DAYS[21], drawn_to=DAYS[50], seed=7, n_paths=2)
    text = f"{{kind: bootstrap, drawn_from: {DAYS[21]}, drawn_to: {DAYS[50]}, seed: 7, n_paths: 2}}"
    found = changed_market(market, scenario(text), path=1)
    places = [21 + at for at in drawn_sessions(change, 30, 16, 1)]
    for symbol in ("A", "B"):
        for place, source in zip(range(60, 76), places, strict=True):
            bar = part(market, symbol, source)
            was = bar["close_usd"] * bar["adjustment_ratio"] / part(market, symbol, source - 1)["close_usd"]
            assert part(found, symbol, place)["close_usd"] / part(found, symbol, place - 1)["close_usd"] == (
                pytest.approx(was, abs=1e-5)
            )
    assert found.panel.filter(pl.col("session_on") >= DAYS[60])["adjustment_ratio"].to_list() == [1.0] * 32


def test_dividends_are_told_by_how_much_the_price_under_them_changed(market: Market) -> None:
    found = changed_market(market, scenario(f"{{kind: shock, on: {DAYS[65]}, price_frac: -0.5, symbols: [A]}}"))
    levels = level_fracs(market.panel, found.panel)
    assert {symbol for symbol, _ in levels} == {"A"}
    assert levels["A", DAYS[70]] == pytest.approx(0.5, abs=1e-4)


def test_a_span_that_the_index_does_not_cover_is_refused(market: Market) -> None:
    early = Market(market.panel, market.index_panel.head(50))
    with pytest.raises(DataError, match=r"the index has levels from .* name a lake that covers the span"):
        changed_market(early, scenario())
