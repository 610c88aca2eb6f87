from __future__ import annotations

from api.pages.bands import bands_of, drawing_bands, stations, title
from tests.api.examples import decision_view, node


def test_stages_stand_in_the_order_of_the_argument() -> None:
    assert bands_of(decision_view().nodes) == (
        "data", "features", "signals", "portfolio", "order", "policy", "guardrails", "rules", "routing",
    )  # fmt: skip


def test_a_stage_of_somebodys_own_stands_before_the_rules() -> None:
    nodes = [node("order.rules.r", "Flag", 1), node("order.weather.rain", "Frac", 0.5)]
    assert bands_of(nodes) == ("weather", "rules")
    assert title("weather") == "Weather"


def test_a_station_shows_what_was_nearest_to_the_decision() -> None:
    at = {station.band: station for station in stations(decision_view())}
    assert at["features"].n_nodes == 5
    assert [node.name for node in at["features"].outlets] == ["adv_shares"]
    assert at["guardrails"].outlets[0].name == "participation_frac"


def test_a_station_that_decided_nothing_shows_its_last_nodes() -> None:
    at = {station.band: station for station in stations(decision_view())}
    assert [node.name for node in at["signals"].outlets] == ["composite_score"]


def test_a_station_counts_what_is_absent() -> None:
    assert {station.band: station.n_absent for station in stations(decision_view())}["order"] == 1


def test_a_route_that_a_rule_judges_is_drawn_before_the_rules() -> None:
    limit = node("order.routing.limit_price_usd", "UsdPerShare", 1)
    collar = node("order.rules.collar_holds", "Flag", 1, "limit_price_usd", kind="rule")
    venue = node("order.routing.venue", "Text", "X")
    assert drawing_bands([limit, collar, venue]) == {
        limit.key: "guardrails",
        collar.key: "rules",
        venue.key: "routing",
    }
