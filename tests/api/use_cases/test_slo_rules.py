"""The rules of Prometheus say what the objectives say."""

from __future__ import annotations

import yaml

from api.use_cases.slo_rules import prometheus_rules
from policies.slo import shipped_slo_policy
from tests.architecture.code import ROOT

FILE = ROOT / "deploy" / "prometheus" / "slo.rules.yml"


def test_the_committed_rules_are_those_of_the_shipped_objectives() -> None:
    """Make them again with `assay slo rules > deploy/prometheus/slo.rules.yml`."""
    assert FILE.read_text(encoding="utf-8") == prometheus_rules(shipped_slo_policy())


def test_every_objective_has_a_rate_for_every_stretch_and_every_window_an_alert() -> None:
    burn, alerts = yaml.safe_load(prometheus_rules(shipped_slo_policy()))["groups"]
    rates = {(rule["record"], rule["labels"]["objective"]) for rule in burn["rules"]}
    for objective in shipped_slo_policy().objectives:
        for span in ("5m", "30m", "1h", "6h", "3d"):
            assert (f"assay:slo_burn:ratio_{span}", objective.id) in rates
    assert [rule["labels"]["severity"] for rule in alerts["rules"]] == ["page", "page", "ticket"]
    burning = "assay:slo_burn:ratio_1h >= 14.4 and assay:slo_burn:ratio_5m >= 14.4"
    assert alerts["rules"][0]["expr"] == f"{burning} unless on (objective) assay:slo_few:bool_1h == 1"
    few = [rule for rule in burn["rules"] if rule["record"] == "assay:slo_few:bool_1h"]
    asked = {each.id: each.min_bad_count for each in shipped_slo_policy().objectives if each.min_bad_count > 1}
    assert {rule["labels"]["objective"]: rule["expr"].rpartition(" ")[2] for rule in few} == {
        name: f"{least - 0.5:g}" for name, least in asked.items()
    }
