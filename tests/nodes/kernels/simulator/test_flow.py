"""Made-up flow is consistent, comes from its seed alone, and holds the parts that were asked for."""

from __future__ import annotations

import numpy as np
import pytest

from nodes.kernels.simulator.events import EventKind, refused_faults
from nodes.kernels.simulator.flow import FlowTerms, order_flow
from nodes.vocabulary.errors import DataError
from tests.nodes.kernels.simulator.desk import BOOK


def test_flow_is_true_and_has_its_parts() -> None:
    flow = refused_faults(order_flow(BOOK, FlowTerms(4000, first_ns=5), 1))
    counts = np.bincount(flow.kind, minlength=5)
    assert flow.at_ns[0] == 5
    assert counts[EventKind.DELETE] / len(flow) == pytest.approx(0.42, abs=0.05)
    assert counts[EventKind.EXECUTE] > 200


def test_one_seed_makes_one_flow() -> None:
    first, again, other = (order_flow(BOOK, FlowTerms(300), seed) for seed in (1, 1, 2))
    assert first.price_e4.tolist() == again.price_e4.tolist() != other.price_e4.tolist()


def test_terms_without_limit_orders_are_refused() -> None:
    with pytest.raises(DataError, match=r"market_frac 0\.6 and cancel_frac 0\.44 leave no limit orders"):
        order_flow(BOOK, FlowTerms(10, market_frac=0.6), 1)
