"""Caps of portfolios: the policy that says them, turned into bounds that an optimiser keeps and rules that judge.

One text does both. A rule compares one measure with one limit; that comparison bounds the optimiser, and the same rule
judges the whole shares that came out. An allocation that its own policy denies is never told.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, fields, replace
from typing import Any

from dataflows.engine.dataflow import Dataflow, Kind
from nodes.kernels.arrays import Index
from nodes.kernels.portfolio.caps import Book, Cap, Measure, measures
from nodes.vocabulary.errors import EdgeError, Fault, PolicyError
from nodes.vocabulary.units import Frac, Shares
from policies.grammar import Comparison, Expression, Name, rule_tree
from policies.parse import ParsedPolicy
from policies.schema import Rule

_BY_NAME: Mapping[str, Measure] = {measure.value: measure for measure in Measure}
_TWO_SIDED = frozenset({Measure.NET, Measure.BETA})


@dataclass(frozen=True)
class PortfolioSnapshot:
    """What rules know of a portfolio. None where it is not known: the rule is then unknown, and denies.

    Attributes:
        gross_frac: long and short holdings together.
        net_frac: long less short holdings.
        net_beta_frac: move of the book for one of the index.
        turnover_frac: buys and sales together.
        largest_weight_frac: the largest holding, long or short.
        largest_sector_frac: long and short holdings of the largest sector; a share without sector counts in each.
        largest_participation_frac: the largest order, of an average day's volume.
        unlocated_short_shares: the most shares of one name that are short and that nobody has agreed to lend.
        dearest_borrow_fee_frac: the highest yearly fee of what is short.
    """

    gross_frac: Frac
    net_frac: Frac
    net_beta_frac: Frac
    turnover_frac: Frac
    largest_weight_frac: Frac
    largest_sector_frac: Frac
    largest_participation_frac: Frac
    unlocated_short_shares: Shares
    dearest_borrow_fee_frac: Frac


PORTFOLIO = Dataflow("portfolio", Kind.GATE, (), PortfolioSnapshot, ())


def portfolio_snapshot(book: Book, shares: Index) -> PortfolioSnapshot:
    """What rules know of whole shares."""
    found = {measure.value: value for measure, value in measures(book, shares).items()}
    known: dict[str, Any] = {
        each.name: found[each.name] if math.isfinite(found[each.name]) else None for each in fields(PortfolioSnapshot)
    }
    short = known["unlocated_short_shares"]
    return PortfolioSnapshot(**{**known, "unlocated_short_shares": None if short is None else int(short)})


def caps_of(parsed: ParsedPolicy) -> tuple[Cap, ...]:
    """The caps that a policy says. Raises PolicyError with every rule that an optimiser cannot keep."""
    found = [_cap(rule) for rule in parsed.policy.rules]
    faults = [
        _fault(parsed, place, rule)
        for place, (rule, cap) in enumerate(zip(parsed.policy.rules, found, strict=True))
        if cap is None
    ]
    if faults:
        raise PolicyError(faults)
    return tuple(cap for cap in found if cap is not None)


def tightened(caps: tuple[Cap, ...], limits: Mapping[str, float]) -> tuple[Cap, ...]:
    """The caps with tighter limits of some rules. Raises EdgeError for an unknown rule or a limit that is looser."""
    known = {cap.rule: cap for cap in caps}
    for rule, limit in limits.items():
        if rule not in known:
            message = f"limit of rule {rule!r} was given; the policy has {', '.join(known)}, name one of these"
            raise EdgeError(message, reason="invalid")
        cap = known[rule]
        if limit < cap.limit if cap.is_least else limit > cap.limit:
            message = f"limit {limit:g} of rule {rule!r} is looser than the policy's {cap.limit:g}"
            raise EdgeError(f"{message}; give a tighter one, or have the policy changed", reason="invalid")
    return tuple(replace(cap, limit=float(limits.get(cap.rule, cap.limit))) for cap in caps)


def _cap(rule: Rule) -> Cap | None:
    tree = rule_tree(rule.require)
    bound = _bound(tree, rule.limits)
    if bound is None:
        return None
    measure, limit, is_least = bound
    return None if is_least and measure not in _TWO_SIDED else Cap(rule.id, measure, limit, is_least)


def _bound(tree: Expression, limits: Mapping[str, Any]) -> tuple[Measure, float, bool] | None:
    """Measure, limit and whether it is the least, of `measure <= limit` and `measure >= limit`."""
    match tree:
        case Comparison("<=" | ">=" as op, Name(name), Name(limit)) if name in _BY_NAME and limit in limits:
            return _BY_NAME[name], float(limits[limit]), op == ">="
        case _:
            return None


def _fault(parsed: ParsedPolicy, place: int, rule: Rule) -> Fault:
    what = f"rule {rule.id} requires {rule.require!r}, which no optimiser can keep"
    known = ", ".join(_BY_NAME)
    mend = f"compare one of {known} with a limit of the rule by <=; net_frac and net_beta_frac also by >="
    return parsed.marks.fault(("rules", place, "require"), what, mend)
