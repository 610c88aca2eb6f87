"""An attribution made by hand, for tests of how it is shown."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

from api.use_cases.attribution import AttributionReport, GainLineView
from api.use_cases.attribution_brinson import BrinsonSegmentView, BrinsonView
from api.use_cases.attribution_decay import AlphaDecay, DecayChangeView, DecayCoefficientView, DelayCostView
from api.use_cases.attribution_shortfall import ShortfallView


def made_attribution(n_orders: int = 2) -> AttributionReport:
    """100 USD from the market less 10 of spread, on 1,000 USD."""
    lines = (
        GainLineView("market", "market", Decimal(100), 0.1, {"AAPL": Decimal(60), "": Decimal(40)}),
        GainLineView("residue", "other", Decimal("0.000001"), 0.0, {"AAPL": Decimal("0.000001")}),
        GainLineView("spread", "costs", Decimal(-10), -0.01, {"AAPL": Decimal(-10)}),
    )
    segment = BrinsonSegmentView("<cash>", 0.01, None, 0.5, 0.0)
    return AttributionReport(
        account_id="demo",
        from_on=date(2008, 1, 2),
        to_on=date(2008, 1, 31),
        n_sessions=21,
        opening_usd=Decimal(1000),
        closing_usd=Decimal(1090),
        contributed_usd=Decimal(0),
        total_usd=Decimal(90),
        parts_usd=Decimal(90),
        unbooked_usd=Decimal(0),
        groups={"market": Decimal(100), "costs": Decimal(-10)},
        lines=lines,
        brinson=BrinsonView("brinson-fachler", "carino", 21, 0.1, 0.09, (segment,) if n_orders else ()),
        shortfall=_shortfall(n_orders),
        notes=("something to know",),
        terms="us-equities v1",
    )


def _shortfall(n_orders: int) -> ShortfallView:
    return ShortfallView(
        n_orders=n_orders,
        n_unpriced=0,
        paper_usd=Decimal(20_000),
        delay_usd=Decimal(5),
        realised_usd=Decimal(20),
        missed_usd=Decimal(1),
        fee_usd=Decimal(4),
        total_usd=Decimal(30),
        total_bps=15.0,
        spread_usd=Decimal(10),
        impact_usd=Decimal(5),
        latency_usd=Decimal(1),
        timing_usd=Decimal(4),
        worst=(),
    )


def made_decay() -> AlphaDecay:
    """A score that lost its half within five sessions, and fades faster of late."""
    one = DecayCoefficientView(1, 0, 0.05, 0.01, 0.09, 500)
    later = DecayCoefficientView(1, 5, 0.025, None, None, 0)
    return AlphaDecay(
        account_id="demo",
        score="score",
        from_on=date(2012, 1, 3),
        to_on=date(2012, 12, 31),
        n_sessions=500,
        confidence_frac=0.95,
        by_horizon=(one,),
        by_delay=(one, later),
        is_told=True,
        half_life_sessions=5.0,
        fitted_half_life_sessions=None,
        delay_costs=(DelayCostView(0, 0.0, 0.0, 0.0, 500), DelayCostView(5, 12.5, -1.0, 26.0, 495)),
        changes=(DecayChangeView("fading-rate", 0.1, 0.4, 0.1, 0.5, "changed"),),
        has_changed=True,
        terms="us-equities v1",
    )
