"""Books, caps and objectives for tests: small by hand, or drawn."""

from __future__ import annotations

from typing import Any

import numpy as np
from hypothesis import strategies as st

from nodes.kernels.arrays import Array
from nodes.kernels.portfolio.caps import Book, Cap, Measure
from nodes.kernels.portfolio.mean_variance import Objective

NAN = float("nan")


def book(size: int = 3, **changes: Any) -> Book:
    """Shares of 100 USD each, nothing held, one million dollars."""
    given: dict[str, Any] = {
        "symbols": tuple("ABCDEFGHIJ"[:size]),
        "equity_usd": 1_000_000.0,
        "price_usd": np.full(size, 100.0),
        "held_shares": np.zeros(size, np.int64),
        "sectors": ("tech",) * size,
        "beta_frac": np.ones(size),
        "adv_shares": np.full(size, 1e6),
        "located_shares": np.zeros(size, np.int64),
        "borrow_fee_frac": np.full(size, 0.003),
        "target_frac": np.full(size, NAN),
    }
    return Book(**{**given, **changes})


def follows(target: Array, risk: Array | None = None, **costs: Array) -> Objective:
    """The wish for a target, each share by its own risk of 20 % a year."""
    size = len(target)
    matrix = 5.0 * 0.04 * np.eye(size) if risk is None else risk
    none = np.zeros(size)
    given = {"cost_frac": none, "impact_frac": none, "fee_frac": none, **costs}
    return Objective(reward_frac=matrix @ target, risk=matrix, **given)


@st.composite
def cases(draw: st.DrawFn) -> tuple[Book, tuple[Cap, ...], Objective]:
    """Any book, any caps and any wish: long and short, held or not, facts known or not, caps tight or loose."""
    size = draw(st.integers(0, 8))
    rng = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    missing = draw(st.floats(0.0, 0.4))
    equity = float(10.0 ** rng.uniform(4.0, 9.0))
    price = 10.0 ** rng.uniform(0.0, 3.5, size)
    held = np.rint(rng.normal(0.0, 0.3, size) * equity / price * rng.integers(0, 2, size)).astype(np.int64)
    target = rng.normal(0.1, 0.4, size)
    drawn = book(0)
    drawn = Book(
        symbols=tuple(f"S{place}" for place in range(size)),
        equity_usd=equity,
        price_usd=price,
        held_shares=held,
        sectors=tuple(None if rng.random() < missing else str(rng.choice(["x", "y"])) for _ in range(size)),
        beta_frac=rng.normal(1.0, 0.5, size),
        adv_shares=np.where(rng.random(size) < missing, NAN, 10.0 ** rng.uniform(2.0, 7.0, size)),
        located_shares=np.maximum(-held, 0) + rng.integers(0, 2, size) * rng.integers(0, 10_000, size),
        borrow_fee_frac=np.where(rng.random(size) < missing, NAN, rng.uniform(0.0, 0.3, size)),
        target_frac=target,
        lot_shares=int(rng.choice([1, 1, 1, 10, 100])),
    )
    loadings = rng.normal(0.0, 0.2, (size, 2))
    risk = 5.0 * (loadings @ loadings.T + np.diag(rng.uniform(0.01, 0.2, size)))
    costs = {
        name: rng.uniform(0.0, 0.01, size) * draw(st.booleans()) for name in ("cost_frac", "impact_frac", "fee_frac")
    }
    return drawn, draw(caps(rng)), follows(target, risk, **costs)


def caps(rng: np.random.Generator) -> st.SearchStrategy[tuple[Cap, ...]]:
    """Any choice of caps, at limits between hopeless and loose."""
    limits = {
        Cap("gross", Measure.GROSS, float(rng.uniform(0.1, 2.0))),
        Cap("net-most", Measure.NET, float(rng.uniform(0.0, 1.0))),
        Cap("net-least", Measure.NET, float(rng.uniform(-0.5, 0.3)), is_least=True),
        Cap("beta-most", Measure.BETA, float(rng.uniform(0.0, 1.0))),
        Cap("beta-least", Measure.BETA, float(rng.uniform(-0.5, 0.2)), is_least=True),
        Cap("turnover", Measure.TURNOVER, float(rng.uniform(0.05, 2.0))),
        Cap("name", Measure.NAME, float(rng.uniform(0.05, 0.6))),
        Cap("sector", Measure.SECTOR, float(rng.uniform(0.1, 1.0))),
        Cap("adv", Measure.PARTICIPATION, float(rng.uniform(0.001, 0.5))),
        Cap("locate", Measure.SHORT, 0.0),
        Cap("fee", Measure.FEE, float(rng.uniform(0.0, 0.3))),
        Cap("deviation", Measure.DEVIATION, float(rng.uniform(0.1, 1.0))),
    }
    ordered = sorted(limits, key=lambda cap: cap.rule)
    return st.lists(st.sampled_from(ordered), unique=True).map(tuple)
