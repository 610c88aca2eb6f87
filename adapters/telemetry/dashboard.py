"""The dashboard of Grafana: for each question that a metric answers, the panel that shows the answer.

It is made from the rows below and never edited by hand: `assay slo dashboard` prints it, deploy/grafana/assay.json is
what it printed. A test holds every metric that is exported to a panel here or to an alert.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

_WIDTH, _HEIGHT, _COLUMNS = 8, 7, 3
_SOURCE = {"type": "prometheus", "uid": "${source}"}


@dataclass(frozen=True, slots=True)
class Panel:
    """One picture.

    Attributes:
        title: the question that it answers.
        queries: expressions in PromQL, each with how its series are called.
        unit: of its values, as Grafana names units.
        kind: how it is drawn.
    """

    title: str
    queries: tuple[tuple[str, str], ...]
    unit: str = "short"
    kind: str = "timeseries"


ROWS: Mapping[str, Sequence[Panel]] = {
    "Objectives": (
        Panel("How fast do budgets burn?", (("assay:slo_burn:ratio_1h", "{{objective}} {{source}}"),)),
        Panel(
            "What burns too fast?", (('ALERTS{alertname=~"AssayBudgetBurns.*", alertstate="firing"}', "{{objective}}"),)
        ),
        Panel("What has nobody taken on?", (("max by (severity) (assay_alerts_active)", "{{severity}}"),)),
    ),
    "Orders": (
        Panel(
            "What is decided?",
            (("sum by (verdict, action) (rate(assay_decisions_total[5m]))", "{{verdict}} {{action}}"),),
            "ops",
        ),
        Panel(
            "How long do orders take?",
            tuple(
                (
                    f"histogram_quantile({q}, sum by (le, hop) (rate(assay_order_seconds_bucket[5m])))",
                    f"{{{{hop}}}} p{q}",
                )
                for q in (0.5, 0.99)
            ),
            "s",
        ),
        Panel("Do clients retry?", (("sum(rate(assay_orders_replayed_total[5m]))", "replayed"),), "ops"),
        Panel("Do orders get to the broker?", (("max by (state) (assay_outbox_orders)", "{{state}}"),)),
        Panel("Does the broker take orders?", (("max(assay_outbox_pending_age_seconds)", "oldest"),), "s"),
        Panel("What waits for the writer?", (("max(assay_queue_depth)", "depth"),)),
    ),
    "The log": (
        Panel(
            "Can it be read, and do commits fail?",
            (("min(assay_log_up)", "up"), ("sum(rate(assay_append_failures_total[5m]))", "failures")),
        ),
        Panel(
            "How large is it, how far signed?",
            (("max(assay_log_entries)", "entries"), ("max(assay_checkpoint_entries)", "signed")),
        ),
        Panel("Is signing late?", (("max(assay_checkpoint_uncovered_age_seconds)", "oldest unsigned"),), "s"),
        Panel(
            "Is the disk or the database slow?",
            (("histogram_quantile(0.99, sum by (le, step) (rate(assay_commit_seconds_bucket[5m])))", "{{step}} p99"),),
            "s",
        ),
        Panel(
            "How well does group commit work?",
            (
                (
                    "sum(rate(assay_batch_entries_sum[5m])) / sum(rate(assay_batch_entries_count[5m]))",
                    "entries to a commit",
                ),
            ),
        ),
        Panel(
            "Which policy decides?",
            (("max by (strategy, policy_digest) (assay_generation_info)", "{{strategy}} {{policy_digest}}"),),
            "short",
            "table",
        ),
    ),
    "Clients": (
        Panel("Who uses what?", (("sum by (route) (rate(assay_requests_total[5m]))", "{{route}}"),), "reqps"),
        Panel(
            "What goes wrong for clients?",
            (("sum by (reason) (rate(assay_problems_total[5m]))", "{{reason}}"),),
            "reqps",
        ),
        Panel(
            "Who is turned away?",
            (
                ("sum(rate(assay_rate_limited_total[5m]))", "over rate"),
                ("sum by (reason) (rate(assay_auth_refused_total[5m]))", "{{reason}}"),
            ),
            "reqps",
        ),
        Panel(
            "How many workers, how many followers?",
            (("max(assay_workers_up)", "workers"), ("max(assay_stream_clients)", "streams")),
        ),
        Panel(
            "Does background work fail?",
            (("sum by (work) (rate(assay_background_failures_total[5m]))", "{{work}}"),),
            "ops",
        ),
        Panel("Were log lines lost?", (("max(assay_log_lines_dropped)", "lines"),)),
    ),
    "Policies": (
        Panel(
            "What became of candidates?",
            (("sum by (source, outcome) (increase(assay_policy_candidates_total[1h]))", "{{source}} {{outcome}}"),),
        ),
        Panel(
            "How long does a candidate take?",
            (("histogram_quantile(0.99, sum by (le) (rate(assay_policy_candidate_seconds_bucket[1h])))", "p99"),),
            "s",
        ),
        Panel("How often did a worker change over?", (("sum(increase(assay_generation_swaps_total[1h]))", "swaps"),)),
        Panel(
            "What would shadows have decided otherwise?",
            (
                ("max by (entry, flip) (assay_shadow_diverged_total)", "{{entry}} {{flip}}"),
                ("max by (entry) (assay_shadow_compared_total)", "{{entry}} compared"),
                ("min(assay_shadow_board_up)", "board"),
            ),
        ),
    ),
    "Feeds": (
        Panel(
            "How far behind is each feed?", (("max by (source) (assay_feed_watermark_age_seconds)", "{{source}}"),), "s"
        ),
        Panel(
            "When did each last run?",
            (("time() - max by (source) (assay_feed_run_timestamp_seconds)", "{{source}}"),),
            "s",
        ),
        Panel(
            "How do fetches end?",
            (("sum by (source, outcome) (increase(assay_feed_runs_total[1d]))", "{{source}} {{outcome}}"),),
        ),
        Panel(
            "What became of what they brought?",
            (("sum by (source, fate) (increase(assay_feed_rows_total[1d]))", "{{source}} {{fate}}"),),
        ),
        Panel("Do we ask too often?", (("sum by (source) (increase(assay_feed_throttled_total[1d]))", "{{source}}"),)),
        Panel(
            "Which vendors are left alone?",
            (
                ("max by (source) (assay_feed_breaker_state)", "{{source}}"),
                ("max by (source) (assay_feed_failures_in_a_row)", "{{source}} failures"),
                ("min(assay_feeds_readable)", "readable"),
            ),
        ),
    ),
    "Upstreams": (
        Panel("What is away?", (("max by (upstream) (assay_upstream_away)", "{{upstream}}"),)),
        Panel("For how long?", (("max by (upstream) (assay_upstream_away_seconds)", "{{upstream}}"),), "s"),
    ),
    "Models": (
        Panel(
            "What does the watch say?",
            (
                ("max by (family, verdict) (assay_model_watch_verdict) == 1", "{{family}} {{verdict}}"),
                ("max by (family) (assay_model_rollback_called)", "{{family}} rollback"),
            ),
        ),
        Panel(
            "Do features drift?",
            (
                ("max by (family, feature) (assay_model_unusual_psi)", "{{family}} {{feature}}"),
                ("max by (family, feature) (assay_model_psi)", "{{family}} {{feature}} raw"),
            ),
        ),
        Panel(
            "Do features vanish?",
            (("max by (family, feature) (assay_model_missing_rise_ratio)", "{{family}} {{feature}}"),),
            "percentunit",
        ),
        Panel(
            "What are its limits compared with?",
            (("max by (family, figure) (assay_model_watch_figure)", "{{family}} {{figure}}"),),
        ),
        Panel(
            "When was it last watched?",
            (
                ("time() - max(assay_model_watch_measured_seconds)", "ago"),
                ("min(assay_model_watch_readable)", "readable"),
            ),
            "s",
        ),
        Panel(
            "Is what is served what is recomputed?",
            (
                ("max by (feature, cause) (assay_feature_skew_ratio)", "{{feature}} {{cause}}"),
                ("max by (feature) (assay_feature_skew_psi)", "{{feature}} PSI"),
                ("max by (feature) (assay_feature_skew_ks)", "{{feature}} KS"),
            ),
        ),
        Panel(
            "Since when not, when measured?",
            (
                ("time() - min by (feature) (assay_feature_skew_since_seconds)", "{{feature}}"),
                ("time() - max(assay_feature_skew_measured_seconds)", "measured"),
                ("min(assay_feature_skew_readable)", "readable"),
            ),
            "s",
        ),
    ),
    "Alerts": (
        Panel(
            "Do alerts arrive?",
            (("max(assay_alert_delivery_late_seconds)", "oldest due"), ("min(assay_alert_board_up)", "board")),
            "s",
        ),
        Panel("How do channels do?", (("max by (channel, state) (assay_alert_deliveries)", "{{channel}} {{state}}"),)),
        Panel("What is watched?", (("max by (state) (assay_alert_conditions)", "{{state}}"),)),
    ),
}
"""Panels by the row that they stand in."""


def expressions() -> tuple[str, ...]:
    """Every expression of the dashboard."""
    return tuple(query for panels in ROWS.values() for panel in panels for query, _ in panel.queries)


def dashboard_text() -> str:
    """The dashboard as Grafana imports it."""
    shown: list[dict[str, Any]] = []
    top = 0
    for title, panels in ROWS.items():
        place = {"h": 1, "w": _WIDTH * _COLUMNS, "x": 0, "y": top}
        shown.append({"id": len(shown) + 1, "type": "row", "title": title, "collapsed": False, "gridPos": place})
        for number, panel in enumerate(panels):
            row, column = divmod(number, _COLUMNS)
            place = {"h": _HEIGHT, "w": _WIDTH, "x": column * _WIDTH, "y": top + 1 + row * _HEIGHT}
            shown.append(_panel(panel, len(shown) + 1, place))
        top += 1 + -(-len(panels) // _COLUMNS) * _HEIGHT
    source = {"name": "source", "label": "Prometheus", "type": "datasource", "query": "prometheus"}
    found = {
        "uid": "assay",
        "title": "Assay",
        "schemaVersion": 39,
        "editable": False,
        "refresh": "30s",
        "time": {"from": "now-6h", "to": "now"},
        "templating": {"list": [source]},
        "panels": shown,
    }
    return json.dumps(found, indent=1) + "\n"


def _panel(panel: Panel, number: int, place: Mapping[str, int]) -> dict[str, Any]:
    targets = [
        {"refId": chr(ord("A") + at), "datasource": _SOURCE, "expr": query, "legendFormat": legend}
        for at, (query, legend) in enumerate(panel.queries)
    ]
    return {
        "id": number,
        "type": panel.kind,
        "title": panel.title,
        "datasource": _SOURCE,
        "gridPos": dict(place),
        "fieldConfig": {"defaults": {"unit": panel.unit}, "overrides": []},
        "targets": targets,
    }
