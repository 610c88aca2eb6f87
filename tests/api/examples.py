"""Hand-made views with the shape of a real decision: small enough to read, rich enough to draw."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from typing import Any

from api.views.decision import DecisionView, DigestView, NodeView, Operand, RuleView
from api.views.shown import Shown, shown
from nodes.vocabulary.absent import Absent
from nodes.vocabulary.canonical import digest, digest_text

SYMBOLS = ("AAPL", "FB", "GOOG", "IBM", "MSFT")
HOSTILE = "<script>alert('x')</script>\"&"


def digest_of(text: str) -> str:
    return digest_text(digest("example", text.encode()))


def node(place: str, unit: str, value: Any, reads: str = "", **more: Any) -> NodeView:
    """A node at `run.band.name`; `reads` names nodes of the same run, or run.name of another."""
    run, band, name = place.split(".")
    kind = more.pop("kind", "node" if reads else "input")
    return NodeView(
        **{
            "key": f"{run}.{name}",
            "name": name,
            "run": run,
            "kind": kind,
            "band": band,
            "unit": unit,
            "value": value if isinstance(value, Shown) else shown(value, unit),
            "reads": tuple(key if "." in key else f"{run}.{key}" for key in reads.split()),
            "code_digest": digest_of(name) if kind == "node" else "",
            "module": f"nodes.{band}.example" if kind == "node" else "",
            "words": f"The {name.replace('_', ' ')} of this run.",
            **more,
        }
    )


def panel(text: str) -> Shown:
    return Shown(text, f"{text}: symbol, session_on, close_usd")


def session_nodes() -> tuple[NodeView, ...]:
    row = Shown("5 values", "5 values of Float64", parts=tuple((symbol, "20.00 %") for symbol in SYMBOLS))
    returns = "total_return_frac"
    return (
        node("session.data.panel", "Panel", panel("2,960 rows, 8 columns")),
        node("session.data.index_panel", "Panel", panel("592 rows, 2 columns")),
        node("session.data.equity_usd", "Usd", Decimal("1000000.00")),
        node("session.features.total_return_frac", "FracColumn", panel("2,960 values, last 1.2 %"), "panel"),
        node("session.features.momentum_frac", "FracColumn", panel("2,960 values, last 14.2 %"), returns),
        node("session.features.volatility_frac", "FracColumn", panel("2,960 values, last 1.9 %"), returns),
        node("session.features.beta", "ScoreColumn", panel("2,960 values, last 1.1"), f"{returns} index_panel"),
        node("session.features.adv_shares", "SharesColumn", panel("2,960 values, last 24 m"), "panel"),
        node("session.signals.composite_score", "ScoreRow", row, "momentum_frac volatility_frac beta"),
        node("session.portfolio.covariance", "FracMatrix", panel("5 by 5 numbers"), returns),
        node("session.portfolio.target_weight_frac", "FracRow", row, "composite_score covariance equity_usd"),
    )


def order_nodes() -> tuple[NodeView, ...]:
    unknown = Absent("estimated_spread_bps", "fewer than 20 bars")
    of_session = {"kind": "input", "words": "Of the session run."}
    holds = shown("holds")
    return (
        node("order.order.symbol", "Symbol", "AAPL"),
        node("order.order.proposed_order_shares", "Shares", 5001),
        node("order.order.adv_shares", "Shares", 100_000, "session.adv_shares", **of_session),
        node("order.order.target_weight_frac", "Frac", 0.2, "session.target_weight_frac", **of_session),
        node("order.order.close_price_usd", "UsdPerShare", Decimal("64.56")),
        node("order.order.estimated_spread_bps", "Bps", unknown),
        node("order.policy.max_participation_frac", "Frac", 0.05, kind="limit"),
        node("order.policy.min_price_usd", "UsdPerShare", Decimal(5), kind="limit"),
        node("order.guardrails.liquidity_cap_shares", "Shares", 5000, "adv_shares max_participation_frac"),
        node(
            "order.guardrails.order_shares", "Shares", 5000, "proposed_order_shares liquidity_cap_shares", kind="size"
        ),
        node(
            "order.guardrails.participation_frac",
            "Frac",
            0.05,
            "order_shares adv_shares",
            formula="order_shares / adv_shares",
            missing="absent when either input is",
            source="Almgren et al. (2005), section 2",
            proposed=shown(0.05001, "Frac"),
        ),
        node("order.rules.liquidity_holds", "Flag", holds, "participation_frac max_participation_frac", kind="rule"),
        node("order.rules.minimum_price_holds", "Flag", holds, "close_price_usd min_price_usd", kind="rule"),
        node("order.rules.spread_holds", "Flag", shown(unknown), "estimated_spread_bps", kind="rule"),
        node("order.routing.route", "Text", "at the open", "order_shares liquidity_holds minimum_price_holds"),
    )


def rules() -> tuple[RuleView, ...]:
    limit = shown(0.05, "Frac")
    return (
        RuleView(
            rule_id="liquidity",
            key="order.liquidity_holds",
            require="participation_frac <= max_participation_frac",
            then="clip to liquidity_cap_shares",
            proposed="fails",
            final="holds",
            effect="clip",
            because="Order is 5.0% of a day's volume; the limit is 5.0%",
            plain="This order is too big for how much of this stock trades in a day.",
            source="desk risk manual 4.2",
            operands=(
                Operand("participation_frac", shown(0.05001, "Frac"), shown(0.05, "Frac")),
                Operand("max_participation_frac", limit, limit),
            ),
        ),
        RuleView(
            rule_id="minimum-price",
            key="order.minimum_price_holds",
            require="close_price_usd >= min_price_usd",
            then="deny",
            proposed="holds",
            final="holds",
            effect="pass",
            because="Price is $64.56; the floor is $5.00",
            plain="This stock is too cheap to trade safely.",
        ),
        RuleView(
            rule_id="spread",
            key="order.spread_holds",
            require="estimated_spread_bps <= max_spread_bps",
            then="warn",
            proposed="unknown",
            final="unknown",
            effect="warn",
            because="Estimated spread is absent; the limit is 50.0 bps",
            plain="We cannot tell what it costs to trade this stock today.",
        ),
    )


def decision_view(**changes: Any) -> DecisionView:
    view = DecisionView(
        decision_id=digest_of("decision").removeprefix("sha256:"),
        origin="research/demo",
        sequence=41,
        symbol="AAPL",
        proposed_shares=5001,
        order_shares=5000,
        verdict="clip",
        action="act",
        as_of="2005-01-04T21:00:00Z",
        decided_at="2026-11-23T14:30:00Z",
        policy="us-equities v1",
        dataflow="us-equities.order",
        rules=rules(),
        nodes=session_nodes() + order_nodes(),
        digests=(
            DigestView("trace", digest_of("trace"), "everything on this page, node by node"),
            DigestView("policy", digest_of("policy"), "every number and rule that was applied"),
        ),
        environment=(("Python", "3.11.2"), ("polars", "2.1.0")),
        later=(("2005-01-05T14:30:00Z", "filled 5,000 at $64.80"),),
    )
    return replace(view, **changes)
