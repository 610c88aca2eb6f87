"""`assay labels` says how the labels of the bundled bars turn out."""

from __future__ import annotations

from api.cli import labels
from dataflows.label_report import LabelReport
from tests.api.cli.invoking import json_answer

REPORT = LabelReport(
    n_rows=1000,
    n_events=20,
    outcomes={"upper": 12, "open": 8},
    n_gaps=3,
    n_ambiguous=1,
    mean_uniqueness_frac=0.25,
    variance_plain={"calm": 0.01, "turbulent": None},
    variance_scaled={"calm": 1.0, "turbulent": 1.2},
    ratio_plain=None,
    ratio_scaled=1.2,
    least_orders={"A": 0.4, "B": None},
)


def test_the_bundled_bars_have_labels_of_every_kind() -> None:
    """LBL-03: variance ratio across regimes reported."""
    found = json_answer("labels")
    assert found["n_events"] == sum(found["outcomes"].values()) > 1000
    assert min(found["outcomes"][name] for name in ("upper", "lower", "time")) > 100
    assert 0.0 < found["mean_uniqueness_frac"] < 1.0
    assert abs(found["ratio_scaled"] - 1.0) < abs(found["ratio_plain"] - 1.0)


def test_what_is_not_known_is_said_to_be_so() -> None:
    said = labels.facts(REPORT)
    assert said["outcomes"] == "upper 12, open 8"
    assert said["variance of returns"] == "calm 0.01, turbulent not known; turbulent over calm not known"
    assert said["least order"] == "A 0.4, B not known"
