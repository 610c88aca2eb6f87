"""Published numbers on attribution and shortfall, recomputed; see `tests.nodes.test_reference_cases` for how."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import numpy as np
import pytest
import yaml

from nodes.kernels.attribution.brinson import Allocation, Segments, brinson, geometric
from nodes.kernels.attribution.linking import Linking, linked
from nodes.kernels.attribution.shortfall import Execution, OrderPrices, Shortfall, shortfall
from tests.nodes.test_reference_cases import SHARED_CASES, Reference, near

BACON = {
    "w_p": [0.4, 0.3, 0.3],
    "r_p": [0.2, -0.05, 0.06],
    "w_b": [0.4, 0.2, 0.4],
    "r_b": [0.1, -0.04, 0.08],
    "names": ["UK", "Japan", "US"],
}
WAGNER = {
    "decision": 40.0,
    "qty": 1000,
    "filled": 700,
    "fill_price": 40.05,
    "prev_close": 40.04,
    "cancel_close": 40.08,
    "commission": 17,
}


def segments(inputs: dict[str, Any]) -> Segments:
    return Segments(*(np.array(inputs[name]) for name in ("w_p", "r_p", "w_b", "r_b")))


def bhb(inputs: dict[str, Any]) -> dict[str, Any]:
    effects = brinson(segments(inputs), Allocation.BHB)
    parts = {name: getattr(effects, name).tolist() for name in ("allocation", "selection", "interaction")}
    return parts | {"totals": list(effects.totals)}


def geometrically(inputs: dict[str, Any]) -> dict[str, Any]:
    return dict(zip(("allocation", "selection", "excess"), geometric(segments(inputs)).totals, strict=True))


def wagner(inputs: dict[str, Any]) -> Shortfall:
    price = {name: Decimal(str(inputs[name])) for name in inputs}
    prices = OrderPrices(price["decision"], price["prev_close"], price["cancel_close"])
    return shortfall(inputs["qty"], prices, [Execution(inputs["filled"], price["fill_price"], price["commission"])])


def wagner_parts(inputs: dict[str, Any]) -> dict[str, Any]:
    found = wagner(inputs)
    parts = {"explicit": found.fee_usd, "realised": found.realised_usd, "delay": found.delay_usd}
    parts |= {"missed": found.missed_usd, "total": found.total_usd}
    return {name: found.frac(amount) for name, amount in parts.items()}


CASES = {
    "attribution.brinson_bhb": Reference(
        BACON,
        {
            "allocation": [0, -0.004, -0.008],
            "selection": [0.04, -0.002, -0.008],
            "interaction": [0, -0.001, 0.002],
            "totals": [-0.012, 0.03, 0.001, 0.019],
        },
        1e-12,
        "Bacon (2008), chapter 5",
        bhb,
    ),
    "attribution.geometric": Reference(
        BACON,
        {"allocation": -0.0112782, "selection": 0.0294677, "excess": 0.0178571},
        5e-8,
        "Bacon (2008), chapter 5",
        geometrically,
    ),
    "is.wagner_buy": Reference(
        WAGNER,
        {"explicit": 0.000425, "realised": 0.000175, "delay": 0.0007, "missed": 0.0006, "total": 0.0019},
        1e-12,
        "CFA level III, after Wagner and Edwards (1993)",
        wagner_parts,
    ),
    "is.cash_identity": Reference(
        {"same_as": "is.wagner_buy"},
        76.0,
        1e-9,
        "Perold (1988), J. Portfolio Management 14(3)",
        lambda _inputs: float(wagner(WAGNER).total_usd),
    ),
}


@pytest.mark.parametrize("case_id", CASES)
def test_published_numbers_of_attribution_come_out(case_id: str) -> None:
    """JRN-02."""
    case = CASES[case_id]
    found = case.found(case.inputs)
    assert near(found, case.expected, case.tolerance), found


@pytest.mark.shared_data
@pytest.mark.parametrize("case_id", CASES)
def test_these_cases_of_attribution_are_those_of_the_shared_file(case_id: str) -> None:
    if not SHARED_CASES.is_file():
        pytest.skip("no shared data beside this checkout: the shared reference cases are not there")
    shared = {case["id"]: case for case in yaml.safe_load(SHARED_CASES.read_text(encoding="utf-8"))["cases"]}[case_id]
    case = CASES[case_id]
    assert (case.inputs, case.expected, case.tolerance) == (shared["inputs"], shared["expected"], shared["tolerance"])


QUARTERS = (
    ([0.4, 0.3, 0.3], [0.2, -0.05, 0.06], [0.4, 0.2, 0.4], [0.1, -0.04, 0.08]),
    ([0.7, 0.2, 0.1], [-0.05, 0.03, -0.05], [0.4, 0.3, 0.3], [-0.07, 0.04, -0.1]),
    ([0.3, 0.5, 0.2], [-0.2, 0.08, -0.15], [0.5, 0.4, 0.1], [-0.25, 0.05, -0.2]),
    ([0.3, 0.5, 0.2], [0.1, -0.07, 0.25], [0.4, 0.4, 0.2], [0.05, -0.05, 0.1]),
)
"""Weights and returns of portfolio and benchmark in the UK, Japan and the US: Bacon (2008), table 8.1."""
YEARS = {
    Linking.CARINO: ([0.0165, -0.006, 0.0015], [0.0804, 0.0018, 0.0385]),
    Linking.MENCHERO: ([0.0156, -0.0078, 0.0014], [0.0838, 0.0005, 0.0391]),
    Linking.GRAP: ([0.0167, -0.0055, 0.0011], [0.0785, 0.0016, 0.0402]),
}
"""Allocation and selection of the year: Bacon (2008), tables 8.2, 8.3 and 8.4, to four digits."""


@pytest.mark.parametrize("method", Linking)
def test_four_quarters_link_to_the_published_year(method: Linking) -> None:
    """JRN-02."""
    quarters = [Segments(*map(np.array, quarter)) for quarter in QUARTERS]
    effects = [brinson(each, Allocation.FACHLER).with_interaction_in_selection for each in quarters]
    made = np.array([each.return_frac for each in quarters])
    benchmark = np.array([each.benchmark_return_frac for each in quarters])

    parts = [[each.allocation for each in effects], [each.selection for each in effects]]
    found = [linked(np.array(part), made, benchmark, method).tolist() for part in parts]
    assert near(found, list(YEARS[method]), 1e-4), found
