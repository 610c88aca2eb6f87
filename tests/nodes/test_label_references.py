"""Published and peer-executed numbers on labels, samples and splits, recomputed; see `test_reference_cases`."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import numpy as np
import pytest
import yaml

from nodes.kernels.arrays import Index
from nodes.kernels.barriers import NEVER, Bars, Bets, barrier_labels, triple_barrier
from nodes.kernels.event_filters import cusum_events
from nodes.kernels.fractional import fixed_width_weights, fractional_weights
from nodes.kernels.spans import Spans, average_uniqueness, draw_chances, mean_uniqueness
from nodes.kernels.splits import combinatorial_purged
from tests.nodes.test_reference_cases import SHARED_CASES, Reference, near

DAYS = [(date(2024, 1, 1) + timedelta(days=n)).isoformat() for n in range(14)]
CLOSES = [100, 101, 102.5, 101, 99, 97.5, 98, 98.2, 98.1, 98.3, 98.2, 98.25, 100.5, 103.0]
INDICATORS = [[1.0, 0.0, 0.0], [1.0, 0.0, 0.0], [1.0, 1.0, 0.0], [0.0, 1.0, 0.0], [0.0, 0.0, 1.0], [0.0, 0.0, 1.0]]


def ordinals(days: list[str]) -> Index:
    return np.array([date.fromisoformat(day).toordinal() for day in days], np.int64)


def triple_barriers(inputs: dict[str, Any]) -> list[list[Any]]:
    """Closes alone, days as sessions; an event whose time is up after the sample has no vertical barrier."""
    close, day = np.array(inputs["close"], np.float64), ordinals(inputs["dates"])
    whole = np.array([0, len(close)])
    row = np.searchsorted(day, ordinals(inputs["events"])).astype(np.int64)
    vertical = day[row] + inputs["vertical_days"]
    width = np.full(len(row), float(inputs["target"]))
    bets = Bets(
        row,
        inputs["pt"] * width,
        inputs["sl"] * width,
        np.where(vertical > day[-1], NEVER, vertical),
        np.ones(len(row)),
    )
    exits = triple_barrier(Bars(close, close, close, close, np.ones(len(close)), day, whole), bets)
    found = zip(exits.session.tolist(), exits.return_frac.tolist(), barrier_labels(exits).tolist(), strict=True)
    return [[ordinal, value, label] for ordinal, value, label in found]


def dated(rows: list[list[Any]]) -> list[list[Any]]:
    return [[date.fromisoformat(day).toordinal(), *rest] for day, *rest in rows]


def cusum(inputs: dict[str, Any]) -> list[str]:
    steps = np.diff(np.log(np.array(inputs["close"])), prepend=np.nan)
    limit = np.full(len(steps), inputs["threshold"])
    events = np.flatnonzero(cusum_events(steps, limit, np.array([0, len(steps)])))
    return [DAYS[row] for row in events.tolist()]


def spans_of(inputs: dict[str, Any]) -> tuple[Spans, Index]:
    matrix = np.array(inputs["indicator_matrix"])
    first = matrix.argmax(axis=0)
    return Spans(first, first + matrix.sum(axis=0).astype(np.int64) - 1), np.arange(len(matrix))


def uniqueness(inputs: dict[str, Any]) -> dict[str, Any]:
    spans, times = spans_of(inputs)
    return {"per_label": average_uniqueness(spans, times).tolist(), "matrix": mean_uniqueness(spans, times)}


def sequential(inputs: dict[str, Any]) -> list[float]:
    spans, times = spans_of(inputs)
    return [float(chance) for chance in draw_chances(spans, times, np.array(inputs["already_drawn"]))]


def path_counts(inputs: dict[str, Any]) -> list[list[int]]:
    points = np.arange(200)
    found = [combinatorial_purged(Spans(points, points), n, k) for n, k in inputs["cases"]]
    return [[len(item.splits), len(item.paths)] for item in found]


CASES = {
    "label.triple_barrier_14": Reference(
        {
            "dates": DAYS,
            "close": CLOSES,
            "events": ["2024-01-01", "2024-01-03", "2024-01-07", "2024-01-10"],
            "target": 0.02,
            "pt": 1,
            "sl": 1,
            "vertical_days": 5,
        },
        [
            ["2024-01-03", 0.025, 1],
            ["2024-01-05", -0.034146, -1],
            ["2024-01-12", 0.002551, 0],
            ["2024-01-13", 0.02238, 1],
        ],
        1e-6,
        "mlfinlab 87c6efd5 labeling.get_events/get_bins and mlfinpy 0.1.2",
        triple_barriers,
    ),
    "filter.cusum_14": Reference(
        {"close": CLOSES, "threshold": 0.02},
        ["2024-01-03", "2024-01-05", "2024-01-13", "2024-01-14"],
        0,
        "mlfinlab cusum_filter (log returns); AFML snippet 2.4",
        cusum,
    ),
    "weights.uniqueness_afml": Reference(
        {"indicator_matrix": INDICATORS},
        {"per_label": [0.8333333333, 0.75, 1.0], "matrix": 0.8571428571},
        1e-9,
        "AFML section 4.5.3",
        uniqueness,
    ),
    "bootstrap.sequential_probs": Reference(
        {"indicator_matrix": INDICATORS, "already_drawn": [1]},
        [0.35714286, 0.21428571, 0.42857143],
        1e-8,
        "AFML section 4.5.3 (5/14, 3/14, 6/14)",
        sequential,
    ),
    "fracdiff.weights_d04": Reference(
        {"d": 0.4, "size": 6},
        [1, -0.4, -0.12, -0.064, -0.0416, -0.029952],
        1e-12,
        "AFML eq. 5.2 recursion",
        lambda inputs: fractional_weights(inputs["d"], inputs["size"]).tolist(),
    ),
    "fracdiff.ffd_length": Reference(
        {"cases": [[0.9, 0.001, 100], [0.4, 1e-5, 5000]]},
        [12, 1458],
        0,
        "mlfinlab 87c6efd5 test_fracdiff.py::test_get_weights_ffd",
        lambda inputs: [len(fixed_width_weights(*case)) for case in inputs["cases"]],
    ),
    "cpcv.counts": Reference(
        {"cases": [[6, 2], [10, 8]]},
        [[15, 5], [45, 36]],
        0,
        "Lopez de Prado, AFML ch.12: C(N,k) splits, k/N*C(N,k) paths",
        path_counts,
    ),
}


@pytest.mark.parametrize("case_id", CASES)
def test_published_numbers_of_labels_come_out(case_id: str) -> None:
    case = CASES[case_id]
    found, expected = case.found(case.inputs), case.expected
    if case_id == "filter.cusum_14":
        assert found == expected
    else:
        assert near(found, dated(expected) if case_id.startswith("label.") else expected, case.tolerance), found


@pytest.mark.shared_data
@pytest.mark.parametrize("case_id", CASES)
def test_these_cases_of_labels_are_those_of_the_shared_file(case_id: str) -> None:
    if not SHARED_CASES.is_file():
        pytest.skip("no shared data beside this checkout: the shared reference cases are not there")
    shared = {case["id"]: case for case in yaml.safe_load(SHARED_CASES.read_text(encoding="utf-8"))["cases"]}[case_id]
    case = CASES[case_id]
    assert (case.inputs, case.expected, case.tolerance) == (shared["inputs"], shared["expected"], shared["tolerance"])
