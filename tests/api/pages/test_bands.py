from __future__ import annotations

from api.pages.bands import bands_of, stations, title
from api.views.lineage import deciding_keys
from tests.api.examples import decision_view, node


def test_stages_stand_in_the_order_of_the_argument() -> None:
    assert bands_of(decision_view().nodes) == (
        "data", "features", "signals", "portfolio", "order", "policy", "guardrails", "rules", "routing",
    )  # fmt: skip


def test_a_stage_of_somebodys_own_stands_before_the_rules() -> None:
    nodes = [node("order.rules.r", "Flag", 1), node("order.weather.rain", "Frac", 0.5)]
    assert bands_of(nodes) == ("weather", "rules")
    assert title("weather") == "Weather"


def test_a_station_shows_what_the_stage_handed_on_with_the_deciding_first() -> None:
    view = decision_view()
    features = next(s for s in stations(view, deciding_keys(view)) if s.band == "features")
    assert features.n_nodes == 5
    assert features.outlets[0].name == "adv_shares"


def test_a_station_counts_what_is_absent() -> None:
    view = decision_view()
    assert {s.band: s.n_absent for s in stations(view, frozenset())}["order"] == 1
