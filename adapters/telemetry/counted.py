"""What the metrics of a server say of objectives: its counters added up, its gauges looked at."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, TypeAlias

from prometheus_client.openmetrics.parser import text_string_to_metric_families

from adapters.sql.slo_samples import Counted
from policies.slo import Objective, selector

Series: TypeAlias = Mapping[str, Sequence[tuple[Mapping[str, str], float]]]
"""Labels and value of each series, by name of the sample."""


def series_of(exposition: bytes) -> Series:
    """The series of an exposition."""
    found: dict[str, list[tuple[Mapping[str, str], float]]] = {}
    families: Any = text_string_to_metric_families(exposition.decode())  # type: ignore[no-untyped-call]  # no annotations
    for family in families:
        for sample in family.samples:
            found.setdefault(sample.name, []).append((sample.labels, sample.value))
    return found


def counted(objective: Objective, series: Series) -> Iterator[Counted]:
    """What the series say of an objective; nothing of a gauge that is not shown: it is not known to be good."""
    if objective.gauge is None:
        total, bad = _sum(objective.total, series), _sum(objective.bad, series)
        yield Counted(objective.id, total, bad if objective.bad else total - _sum(objective.good, series))
        return
    chosen = selector(objective.gauge)
    looked = [
        (labels, value) for labels, value in series.get(chosen.metric, ()) if chosen.chooses(chosen.metric, labels)
    ]
    for name in sorted({_part(objective, labels) for labels, _ in looked}):
        is_bad = any(objective.is_bad(value) for labels, value in looked if _part(objective, labels) == name)
        yield Counted(name, 1.0, float(is_bad), is_counter=False)


def _part(objective: Objective, labels: Mapping[str, str]) -> str:
    """The name of the objective that a series is about: one for each value of the label that parts it."""
    return objective.id if objective.by is None else f"{objective.id}/{labels.get(objective.by, '')}"


def _sum(texts: Sequence[str], series: Series) -> float:
    chosen = [selector(text) for text in texts]
    return sum(
        value for each in chosen for labels, value in series.get(each.metric, ()) if each.chooses(each.metric, labels)
    )
