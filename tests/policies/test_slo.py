"""Service level objectives as a document (OPS-04, MON-02)."""

from __future__ import annotations

import pytest

from nodes.vocabulary.errors import PolicyError
from policies.slo import SHIPPED, Objective, parsed_slo_policy, selector, shipped_slo_policy

TEXT = SHIPPED.read_text(encoding="utf-8")


def test_the_shipped_objectives_read() -> None:
    found = shipped_slo_policy()
    assert [window.severity for window in found.windows] == ["page", "page", "ticket"]
    assert found.period_s == 2_592_000
    assert {"orders-answered", "feeds-fresh", "log-readable"} <= {each.id for each in found.objectives}


def test_a_selector_chooses_as_prometheus_does() -> None:
    found = selector('requests_total{route="/x", status=~"5..|429"}')
    assert found.chooses("requests_total", {"route": "/x", "status": "503", "method": "GET"})
    assert found.chooses("requests_total", {"route": "/x", "status": "429"})
    assert not found.chooses("requests_total", {"route": "/x", "status": "5034"}), "patterns fit as a whole"
    assert not found.chooses("requests_total", {"status": "503"}), "a label that is not there is empty"
    assert not found.chooses("requests", {"route": "/x", "status": "503"})
    assert selector("up").chooses("up", {"any": "label"})


def test_a_gauge_is_bad_beyond_its_bound_and_not_at_it() -> None:
    most = Objective(id="a", about="a", good_frac=0.9, gauge="age", most=60.0)
    least = Objective(id="a", about="a", good_frac=0.9, gauge="up", least=1.0)
    assert [most.is_bad(value) for value in (60.0, 60.1, float("nan"))] == [False, True, True]
    assert [least.is_bad(value) for value in (1.0, 0.0, float("nan"))] == [False, True, True]
    assert most.metrics == {"age"}


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("id: orders-answered", "id: requests-answered", "'requests-answered' names two"),
        ("id: medium", "id: fast", "'fast' names two"),
        ("long_s: 3600, short_s: 300", "long_s: 300, short_s: 3600", "grow in this order"),
        ("short_s: 300", "short_s: 60", ""),
        ("sample_s: 30", "sample_s: 400", "grow in this order"),
        ("long_s: 259200", "long_s: 2592001", "grow in this order"),
        ("good_frac: 0.9999", "good_frac: 1.0", "1"),
        ("    most: 60.0\n", "", "not one indicator"),
        ("    most: 60.0\n", "    most: 60.0\n    least: 1.0\n", "not one indicator"),
        ("    gauge: assay_log_up\n", "    gauge: assay_log_up\n    total: [a]\n", "not one indicator"),
        ("    bad: ['assay_append_failures_total']\n", "", "not one indicator"),
        ('status=~"5.."}', 'status=~"5("}', "is no pattern"),
        ('status=~"5.."}', 'status!="5"}', "is no selector"),
        ("sample_s: 30", "sample_s: 30\nmood: good", "mood"),
        ("    by: source\n", "    by: source\n    mood: good\n", "mood"),
    ],
)
def test_what_cannot_be_is_a_fault_with_its_place(old: str, new: str, said: str) -> None:
    assert old in TEXT
    text = TEXT.replace(old, new, 1)
    if not said:
        parsed_slo_policy(text.encode(), "v1.yaml")
        return
    with pytest.raises(PolicyError, match=r"v1\.yaml") as caught:
        parsed_slo_policy(text.encode(), "v1.yaml")
    assert said in str(caught.value)
