"""Every metric serves a panel or an alert, and every alert has a runbook (OPS-01, OPS-02, OPS-03, OPS-12)."""

from __future__ import annotations

import json
import re
from typing import Any

import yaml

from adapters.telemetry.dashboard import dashboard_text, expressions
from policies.slo import shipped_slo_policy
from tests.architecture.code import ROOT

RULES = ROOT / "deploy" / "prometheus"
FILE = ROOT / "deploy" / "grafana" / "assay.json"
_NAME = re.compile(r'"(assay_[a-z_]+)"')
_METRIC = re.compile(r"\bassay_[a-z_]+")


def rules() -> list[dict[str, Any]]:
    files = sorted(RULES.glob("*.rules.yml"))
    groups = [group for file in files for group in yaml.safe_load(file.read_text(encoding="utf-8"))["groups"]]
    return [rule for group in groups for rule in group["rules"]]


def exported() -> set[str]:
    """Names that the code of a server's metrics holds; a counter or a histogram without its ending."""
    files = [file for file in (ROOT / "adapters" / "telemetry").glob("*.py") if file.name != "dashboard.py"]
    return {name for file in files for name in _NAME.findall(file.read_text(encoding="utf-8"))}


def used() -> set[str]:
    texts = (*expressions(), *(rule["expr"] for rule in rules()))
    return {name for text in texts for name in _METRIC.findall(text)}


def test_the_committed_dashboard_is_the_one_that_is_made() -> None:
    """Make it again with `assay slo dashboard > deploy/grafana/assay.json`."""
    assert FILE.read_text(encoding="utf-8") == dashboard_text()


def test_every_metric_serves_a_panel_or_an_alert() -> None:
    shown = used()
    endings = ("", "_total", "_bucket", "_count", "_sum", "_info")
    assert sorted(name for name in exported() if not any(f"{name}{ending}" in shown for ending in endings)) == []


def test_every_panel_and_alert_is_about_a_metric_that_there_is() -> None:
    known = exported()
    stems = {name: re.sub(r"_(total|bucket|count|sum|info)$", "", name) for name in used()}
    assert sorted(name for name, stem in stems.items() if not {name, stem} & known) == []


def test_objectives_are_over_metrics_that_there_are() -> None:
    known = exported()
    named = {name for each in shipped_slo_policy().objectives for name in each.metrics}
    assert {re.sub(r"_(total|bucket|count)$", "", name) for name in named} <= known


def test_panels_do_not_overlap_and_have_names_of_their_own() -> None:
    panels = json.loads(dashboard_text())["panels"]
    assert len({panel["id"] for panel in panels}) == len({panel["title"] for panel in panels}) == len(panels)
    taken: set[tuple[int, int]] = set()
    for panel in panels:
        place = panel["gridPos"]
        cells = {(place["x"] + x, place["y"] + y) for x in range(place["w"]) for y in range(place["h"])}
        assert not cells & taken, panel["title"]
        taken |= cells


def test_every_alert_that_the_help_of_a_metric_names_is_there() -> None:
    texts = [file.read_text(encoding="utf-8") for file in (ROOT / "adapters" / "telemetry").glob("*.py")]
    named = {name for text in texts for name in re.findall(r"Alert: (\w+)", text)}
    assert named <= {rule.get("alert") for rule in rules()}


def test_every_alert_of_the_service_has_a_runbook_and_a_test() -> None:
    page = (ROOT / "docs" / "operations.md").read_text(encoding="utf-8")
    heads = {re.sub(r"[^a-z -]", "", head.lower()).replace(" ", "-") for head in re.findall(r"(?m)^#+ (.+)$", page)}
    for name in ("service", "slo"):
        tested = (RULES / f"{name}.test.yml").read_text(encoding="utf-8")
        groups = yaml.safe_load((RULES / f"{name}.rules.yml").read_text(encoding="utf-8"))["groups"]
        for rule in (rule for group in groups for rule in group["rules"] if "alert" in rule):
            file, _, anchor = rule["annotations"]["runbook"].partition("#")
            assert (file, anchor in heads) == ("docs/operations.md", True), rule["alert"]
            assert f"alertname: {rule['alert']}" in tested, rule["alert"]
