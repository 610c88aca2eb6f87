"""One backtest as one HTML page: no other file, no network, no script; each number leads to its decisions."""

from __future__ import annotations

import math
from base64 import b64encode
from collections.abc import Iterable
from dataclasses import dataclass
from hashlib import sha256
from importlib.resources import files
from typing import Any

import polars as pl
from jinja2 import Environment, FunctionLoader, StrictUndefined
from markupsafe import Markup

from api.pages.backtest_figures import (
    capacity_drawing,
    costs_drawing,
    exposure_drawing,
    gap_drawings,
    growth_plots,
    parameters_drawing,
    sensitivity_drawing,
    turnover_drawing,
)
from api.pages.hallmark import hallmark
from api.use_cases.backtests import Backtest
from nodes.vocabulary.canonical import digest_text

_SECURITY = "default-src 'none'; img-src data:; style-src '{}'; base-uri 'none'; form-action 'none'"
_HEAD = ("yearly_return_frac", "max_drawdown_frac", "sharpe_ratio", "yearly_turnover_frac", "cost_bps", "fill_frac")
_COMPARED = ("yearly_return_frac", "max_drawdown_frac", "cost_usd", "cost_bps", "fill_frac", "mean_gross_frac")
_MOST_ORDERS = 40


@dataclass(frozen=True)
class Link:
    """An id that a number rests on, and where the page shows it."""

    place: str
    text: str


def backtest_page(found: Backtest) -> str:
    """The page of a backtest, complete."""
    style = _text("trace.css") + _text("research.css") + _text("backtest.css")
    values = found.values
    head = [figure for name in _HEAD for figure in found.figures if figure.name == name]
    return (
        _environment()
        .get_template("backtest.html.jinja")
        .render(
            style=Markup(style),  # noqa: S704  # our own file, named by its digest in the security policy
            security=_SECURITY.format(f"sha256-{b64encode(sha256(style.encode()).digest()).decode()}"),
            found=found,
            hallmark=hallmark(found.assumptions.digest.hex()),
            head=head,
            sentence=_sentence(found),
            growth=growth_plots(found),
            drawings=(exposure_drawing(found), turnover_drawing(found), costs_drawing(found)),
            study=(capacity_drawing(found), sensitivity_drawing(found), parameters_drawing(found)),
            gaps=gap_drawings(found),
            compared=_COMPARED,
            base=values,
            orders=_orders(found),
            closes=_closes(found),
            facts=_facts(found),
            digests=_digests(found),
            link=_link,
            number=number_text,
        )
    )


def number_text(name: str, value: float | None) -> str:
    """A figure as people write it, by the unit that its name ends in."""
    if value is None or math.isnan(value):
        return "unknown"
    if math.isinf(value):
        return "without end"
    if name.endswith("_frac"):
        return f"{value:.2%}"
    if name.endswith("_usd"):
        return f"{value:,.0f}"
    if name.startswith("n_") or name.endswith("_sessions"):
        return f"{value:,.0f}"
    return f"{value:.2f}"


def _sentence(found: Backtest) -> str:
    values, sessions = found.values, found.tables.sessions
    first, last = sessions["session_on"][0], sessions["session_on"][-1]
    grown = number_text("_frac", values.get("yearly_return_frac", values["return_frac"]))
    index = number_text("_frac", values.get("index_yearly_return_frac", math.nan))
    return (
        f"From {first} to {last} the account grew {grown} a year against {index} of the index, fell at most "
        f"{values['max_drawdown_frac']:.1%} from a peak, and paid {values['cost_usd']:,.0f} USD to trade and hold, "
        f"{number_text('_bps', values['cost_bps'])} basis points of what it traded."
    )


def _facts(found: Backtest) -> dict[str, str]:
    sessions = found.tables.sessions
    return {
        "Decided by": found.policy,
        "Market": found.assumptions.name,
        "Sessions": f"{sessions.height:,}, {sessions['session_on'][0]} to {sessions['session_on'][-1]}",
        "Log": found.origin,
        "Seed": str(found.assumptions.seed),
    }


def _digests(found: Backtest) -> dict[str, str]:
    return {"Policy": digest_text(found.policy_digest), "Assumptions": digest_text(found.assumptions.digest)}


def _link(identity: str) -> Link:
    return Link(f"#id-{identity[:16]}", identity[:8])


def _orders(found: Backtest) -> list[dict[str, Any]]:
    """Decisions that a number names, and those that cost most, by session."""
    orders = found.tables.orders
    named = _named(found)
    costly = orders.sort("realised_cost_usd", descending=True, nulls_last=True)["decision_id"].head(_MOST_ORDERS)
    shown = named | set(costly)
    return orders.filter(pl.col("decision_id").is_in(list(shown))).sort("session_on", "symbol").to_dicts()


def _closes(found: Backtest) -> list[dict[str, Any]]:
    """Sessions that a number names."""
    sessions = found.tables.sessions
    return sessions.filter(pl.col("plan_entry").is_in(list(_named(found)))).to_dicts()


def _named(found: Backtest) -> set[str]:
    ids: Iterable[str] = (identity for figure in found.figures for identity in figure.traced)
    return set(ids)


def _text(name: str) -> str:
    return files("api.pages").joinpath("templates", name).read_text(encoding="utf-8")


def _environment() -> Environment:
    return Environment(
        autoescape=True, loader=FunctionLoader(_text), undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True
    )
