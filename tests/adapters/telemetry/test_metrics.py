"""Metric definitions: each has a use, none grows without bound."""

from __future__ import annotations

from adapters.telemetry.metrics import OrderTimes, metrics

_BUSINESS = {"symbol", "account", "account_id", "principal", "key"}


def test_every_metric_says_which_question_it_answers() -> None:
    assert [found.name for found in metrics().registry.collect() if "?" not in found.documentation] == []


def test_every_name_is_ours_and_carries_a_unit_where_it_measures() -> None:
    for found in metrics().registry.collect():
        assert found.name.startswith("assay_")
        if found.type == "histogram":
            assert found.name.endswith(("_seconds", "_entries"))


def test_no_label_takes_values_without_bound() -> None:
    given = metrics()
    labels = {
        label
        for metric in (given.decisions, given.orders, given.problems, given.requests)
        for label in metric._labelnames
    }
    assert labels.isdisjoint(_BUSINESS)


def test_a_decision_counts_once_and_a_kept_answer_not_at_all() -> None:
    given = metrics()
    times = OrderTimes(given)
    times.answered("clip", "act", 0.004)
    times.answered("clip", "act", 0.001, is_replayed=True)
    value = given.registry.get_sample_value
    assert value("assay_decisions_total", {"verdict": "clip", "action": "act"}) == 1
    assert value("assay_orders_replayed_total") == 1
    assert value("assay_order_seconds_count", {"hop": "total"}) == 2


def test_a_batch_is_told_by_its_hops() -> None:
    given = metrics()
    times = OrderTimes(given)
    times.committed(10, 0.001, 0.005, 0.003)
    times.left(17)
    value = given.registry.get_sample_value
    assert value("assay_queue_depth") == 17
    assert value("assay_batch_entries_sum") == 10
    assert value("assay_order_seconds_sum", {"hop": "decide"}) == 0.0005
    assert value("assay_commit_seconds_sum", {"step": "lock"}) == 0.001
    assert value("assay_commit_seconds_sum", {"step": "commit"}) == 0.003
