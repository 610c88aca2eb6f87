"""What the metrics say of objectives."""

from __future__ import annotations

from adapters.sql.slo_samples import Counted
from adapters.telemetry.counted import counted, series_of
from adapters.telemetry.exposition import exposition
from adapters.telemetry.metrics import metrics
from policies.slo import Objective, shipped_slo_policy

TEXT = b"""# TYPE requests counter
requests_total{status="200"} 98.0
requests_total{status="503"} 2.0
# TYPE took histogram
took_bucket{hop="total",le="0.025"} 90.0
took_bucket{hop="total",le="+Inf"} 100.0
took_count{hop="total"} 100.0
took_sum{hop="total"} 1.0
# TYPE age gauge
age{source="fred"} 60.0
age{source="yahoo"} 200000.0
# EOF
"""
SERIES = series_of(TEXT)


def objective(**given: object) -> Objective:
    return Objective.model_validate({"id": "o", "about": "o", "good_frac": 0.9, **given})


def test_counters_are_added_up() -> None:
    found = objective(total=("requests_total",), bad=('requests_total{status=~"5.."}',))
    assert list(counted(found, SERIES)) == [Counted("o", 100.0, 2.0)]


def test_what_is_not_good_is_bad() -> None:
    found = objective(total=('took_count{hop="total"}',), good=('took_bucket{hop="total", le="0.025"}',))
    assert list(counted(found, SERIES)) == [Counted("o", 100.0, 10.0)]


def test_a_gauge_is_looked_at_for_each_of_its_parts() -> None:
    parts = list(counted(objective(gauge="age", most=100.0, by="source"), SERIES))
    assert parts == [Counted("o/fred", 1.0, 0.0, is_counter=False), Counted("o/yahoo", 1.0, 1.0, is_counter=False)]
    (whole,) = counted(objective(gauge="age", most=100.0), SERIES)
    assert (whole.objective, whole.bad) == ("o", 1.0), "one that is bad makes the whole bad"


def test_a_gauge_that_is_not_shown_says_nothing() -> None:
    assert list(counted(objective(gauge="nothing", least=1.0), SERIES)) == []


def test_every_counter_of_the_shipped_objectives_is_one_that_we_count() -> None:
    """OPS-01: no objective is over a metric that is not there."""
    text = exposition(metrics(), ()).decode()
    for each in shipped_slo_policy().objectives:
        for name in each.metrics if each.gauge is None else ():
            family = name.removesuffix("_total").removesuffix("_count").removesuffix("_bucket")
            assert f"# TYPE {family} " in text, name
