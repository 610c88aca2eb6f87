"""What became of a symbol and why: its row of the newest day plan, what made its score, and its newest decision.

The parts of the score are computed again from the recorded features with the kernel that made it, so that they add up
to the recorded score; nothing else is computed.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import numpy as np
import polars as pl

from api.use_cases.finding import DecisionFilter, decisions_page
from api.use_cases.reading import size_as_of
from dataflows.engine.recorded import RecordedRun, recorded_run
from dataflows.us_equities import order_rows
from governance.entries import EntryKind
from governance.ports import LogReader
from governance.rows import Record
from nodes.kernels.arrays import array
from nodes.kernels.cross_section import z_scores
from nodes.vocabulary.errors import EdgeError

_MAX_PLANS = 512
_MAX_PAGES = 4
_BOUND = "max_feature_score"


@dataclass(frozen=True)
class ScorePart:
    """What one feature contributes to a score.

    Attributes:
        feature: the feature.
        value: of the symbol.
        z_score: how far from the mean of all symbols, in standard deviations, cut off as the policy says.
        weight: what the policy gives it.
        contribution: weight * z_score by the sum of absolute weights; the contributions add up to the score.
    """

    feature: str
    value: float
    z_score: float
    weight: float
    contribution: float


@dataclass(frozen=True)
class SymbolRow:
    """A symbol's row of a day plan.

    Attributes:
        plan: the plan's entry.
        run: its session run.
        symbol: of which share.
        fields: the fields that the session run gives to an order, None where unknown.
        parts: what made the score; empty where there is none.
        rank: its place by score among the symbols that have one, from 1; None without a score.
        n_ranked: how many have one.
    """

    plan: Record
    run: RecordedRun
    symbol: str
    fields: Mapping[str, Any]
    parts: tuple[ScorePart, ...]
    rank: int | None
    n_ranked: int


@dataclass(frozen=True)
class Explanation:
    """What became of a symbol.

    Attributes:
        symbol: of which share.
        account_id: for whom.
        row: its row of the newest day plan.
        decision: its newest decision; None when none is found.
        is_of_plan: whether that decision rests on that plan, and not on an earlier one.
    """

    symbol: str
    account_id: str
    row: SymbolRow
    decision: Record | None
    is_of_plan: bool


def explanation(reader: LogReader, symbol: str, account_id: str, at: datetime | None = None) -> Explanation:
    """What became of a symbol in an account, as of an instant or now.

    Raises EdgeError when the account has no day plan yet, or its plan no such symbol.
    """
    size = size_as_of(reader, at)
    plan = newest_plan(reader, account_id, size)
    row = symbol_row(reader, plan, symbol)
    decision = _newest_decision(reader, DecisionFilter(symbol=symbol, account_id=account_id), size)
    is_of_plan = decision is not None and plan.entry_id in decision.entry.cites
    return Explanation(symbol, account_id, row, decision, is_of_plan)


def newest_plan(reader: LogReader, account_id: str, size: int) -> Record:
    """The newest day plan of an account in a log of a size. Raises EdgeError when there is none."""
    for record in reader.newest(EntryKind.PLAN, _MAX_PLANS, size):
        if record.entry.facts["account_id"] == account_id:
            return record
    message = f"account {account_id!r} has no day plan in this log; name one that trades here, or run a session first"
    raise EdgeError(message, reason="not-found")


def symbol_row(reader: LogReader, plan: Record, symbol: str) -> SymbolRow:
    """A symbol's row of a day plan. Raises EdgeError when the plan has no such symbol."""
    facts = plan.entry.facts
    run = recorded_run(reader.body(facts["trace_ref"]), reader.body(facts["session_manifest_ref"]))
    rows = {str(name): row for name, row in order_rows(run.values).items()}
    if symbol not in rows:
        message = f"symbol {symbol[:20]!r} is not in the plan of {facts['session_on']}; use one of {', '.join(rows)}"
        raise EdgeError(message, reason="unknown-symbol")
    place, scores = list(rows).index(symbol), _scores(run.values)
    mine = scores[place] if scores else None
    ranked = [score for score in scores if score is not None]
    return SymbolRow(
        plan=plan,
        run=run,
        symbol=symbol,
        fields=rows[symbol],
        parts=tuple(_parts(run.values, place)) if mine is not None else (),
        rank=None if mine is None else 1 + sum(score > mine for score in ranked),
        n_ranked=len(ranked),
    )


def _newest_decision(reader: LogReader, wanted: DecisionFilter, size: int) -> Record | None:
    below: int | None = size
    for _ in range(_MAX_PAGES):
        if below is None:
            return None
        page = decisions_page(reader, wanted, 1, below)
        if page.records:
            return page.records[0]
        below = page.next_sequence
    return None


def _scores(values: Mapping[str, Any]) -> list[float | None]:
    scores = values.get("composite_score")
    return scores.to_list() if isinstance(scores, pl.Series) else []


def _parts(values: Mapping[str, Any], place: int) -> Iterator[ScorePart]:
    """What made the score of the symbol at a place, largest contribution first.

    As `nodes.kernels.cross_section.weighted_score` does it: symbols that lack a weighed feature are not compared.
    """
    features, weights, bound = values.get("signal_features"), values.get("signal_weights"), values.get(_BOUND)
    if not (isinstance(features, Mapping) and isinstance(weights, Mapping) and isinstance(bound, float)):
        return
    weighed = {name: weight for name, weight in weights.items() if weight != 0.0}
    latest = {name: array(_latest(features[name])) for name in weighed}
    complete = np.all([np.isfinite(column) for column in latest.values()], axis=0)
    scale = sum(abs(weight) for weight in weighed.values())
    parts = []
    for name, weight in weighed.items():
        z_score = float(z_scores(np.where(complete, latest[name], np.nan), bound)[place])
        parts.append(ScorePart(name, float(latest[name][place]), z_score, weight, weight * z_score / scale))
    yield from sorted(parts, key=lambda part: (-abs(part.contribution), part.feature))


def _latest(feature: Any) -> pl.Series:  # noqa: ANN401  # a column as a trace archives it
    latest: pl.Series = feature["latest"] if isinstance(feature, Mapping) else feature
    return latest


def adds_up(parts: tuple[ScorePart, ...], score: float) -> bool:
    """Whether the parts of a score make it, but for the last digits."""
    return math.isclose(math.fsum(part.contribution for part in parts), score, rel_tol=1e-9, abs_tol=1e-12)
