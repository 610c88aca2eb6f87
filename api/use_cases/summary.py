"""What a run came to, read back from its log: orders by verdict and reason, money, cost, and where to look closer."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from heapq import merge
from operator import attrgetter
from typing import Any

import numpy as np
import polars as pl

from adapters.lake.lake import Lake
from api.use_cases.desk import Desk
from api.use_cases.executions import standing_executions
from api.use_cases.fill_facts import fill_fee_usd
from governance.entries import EntryKind
from governance.ports import LogReader
from nodes.journal.account import AccountState, account_from_bytes, opened_account
from nodes.kernels.arrays import Array
from nodes.kernels.risk import max_drawdown
from nodes.vocabulary.errors import DataError
from policies.schema import Policy

_SESSIONS_A_YEAR = 252
_ZERO = Decimal(0)


@dataclass(frozen=True, slots=True)
class Tally:
    """How often something was said.

    Attributes:
        label: what was said: a verdict or the id of a rule.
        effect: what follows from it: the action of a verdict, the verdict of a rule.
        n_orders: of how many orders.
        decision_id: the newest such decision, to look closer.
    """

    label: str
    effect: str
    n_orders: int
    decision_id: bytes


@dataclass(frozen=True, slots=True)
class Fills:
    """What became of accepted orders.

    Attributes:
        n_fills: executions.
        n_expiries: orders that expired in part or whole.
        traded_usd: value traded, bought and sold together.
        fees_usd: commissions and fees.
        trading_cost_usd: what estimated spread and impact cost.
    """

    n_fills: int = 0
    n_expiries: int = 0
    traded_usd: Decimal = _ZERO
    fees_usd: Decimal = _ZERO
    trading_cost_usd: Decimal = _ZERO

    @property
    def cost_usd(self) -> Decimal:
        """Fees and trading cost together."""
        return self.fees_usd + self.trading_cost_usd


@dataclass(frozen=True)
class RunSummary:
    """A run of the main job.

    Attributes:
        origin: the log.
        policy: family and version of the policy that runs now.
        first_on: first session decided.
        last_on: last session decided.
        n_sessions: sessions decided.
        n_entries: entries in the log.
        n_decisions: decisions in it.
        verdicts: orders by verdict, gravest last.
        reasons: orders by the rule that was not content, most frequent first; an order may count for several.
        fills: what became of accepted orders.
        account: the account at the end.
        return_frac: gain of the account on what was paid in.
        index_return_frac: gain of the index over the same sessions, without its dividends.
        max_drawdown_frac: largest fall of closing equity from an earlier peak.
        index_drawdown_frac: the same of the index.
        turnover_frac: value bought or sold (half of both) a year, by average equity.
    """

    origin: str
    policy: str
    first_on: date
    last_on: date
    n_sessions: int
    n_entries: int
    n_decisions: int
    verdicts: tuple[Tally, ...]
    reasons: tuple[Tally, ...]
    fills: Fills
    account: AccountState
    return_frac: float
    index_return_frac: float
    max_drawdown_frac: float
    index_drawdown_frac: float
    turnover_frac: float


@dataclass
class _Counts:
    """Decisions being counted."""

    n_decisions: int = 0
    verdicts: Counter[tuple[str, str]] = field(default_factory=Counter)
    reasons: Counter[str] = field(default_factory=Counter)
    newest: dict[str, bytes] = field(default_factory=dict)

    def add(self, facts: Mapping[str, Any]) -> None:
        """Count one decision."""
        self.n_decisions += 1
        self.verdicts[facts["verdict"], facts["action"]] += 1
        self.newest[facts["verdict"]] = facts["decision_id"]
        for rule_id in facts["reasons"]:
            self.reasons[rule_id] += 1
            self.newest[f"rule {rule_id}"] = facts["decision_id"]


_GRAVITY = ("pass", "warn", "clip", "review", "deny")


def run_summary(reader: LogReader, desk: Desk) -> RunSummary:
    """The summary of a log's run. Raises DataError when no session was decided yet."""
    equity = _equity_curve(reader)
    counts = _Counts()
    for record in reader.of_kind(EntryKind.DECISION):
        counts.add(record.entry.facts)
    account = _account(reader, desk)
    policy = desk.active.generation.policy
    fills = _fills(reader)
    first_on, last_on = equity["session_on"][0], equity["session_on"][-1]
    index = _index_levels(desk.lake, first_on, last_on)
    return RunSummary(
        origin=desk.store.origin,
        policy=f"{policy.family} v{policy.version}",
        first_on=first_on,
        last_on=last_on,
        n_sessions=equity.height,
        n_entries=reader.head().size,
        n_decisions=counts.n_decisions,
        verdicts=_verdicts(counts),
        reasons=_reasons(counts, policy),
        fills=fills,
        account=account,
        return_frac=float(account.equity_usd / account.contributed_usd) - 1.0,
        index_return_frac=index[-1] / index[0] - 1.0,
        max_drawdown_frac=max_drawdown(_returns(equity["equity_usd"].to_list())),
        index_drawdown_frac=max_drawdown(_returns(index)),
        turnover_frac=_turnover_frac(fills.traded_usd, equity["equity_usd"].to_list()),
    )


def _equity_curve(reader: LogReader) -> pl.DataFrame:
    facts = [record.entry.facts for record in reader.of_kind(EntryKind.PLAN)]
    if not facts:
        message = "the log holds no session yet; run `assay run` first"
        raise DataError(message)
    rows = [(fact["session_on"], float(fact["equity_usd"])) for fact in facts]
    return pl.DataFrame(rows, schema={"session_on": pl.Date, "equity_usd": pl.Float64}, orient="row")


def _account(reader: LogReader, desk: Desk) -> AccountState:
    row = reader.account(desk.account_id)
    return opened_account(desk.account_id, desk.opening_cash_usd) if row is None else account_from_bytes(row.content)


def _fills(reader: LogReader) -> Fills:
    told = merge(*map(reader.of_kind, (EntryKind.FILL, EntryKind.CORRECTION)), key=attrgetter("sequence"))
    facts = [entry.facts for entry in standing_executions([record.entry for record in told])]
    return Fills(
        n_fills=len(facts),
        n_expiries=sum(1 for _ in reader.of_kind(EntryKind.EXPIRY)),
        traded_usd=sum((abs(fact["fill_shares"]) * fact["fill_price_usd"] for fact in facts), _ZERO),
        fees_usd=sum(map(fill_fee_usd, facts), _ZERO),
        trading_cost_usd=sum((fact.get("trading_cost_usd", _ZERO) for fact in facts), _ZERO),
    )


def _verdicts(counts: _Counts) -> tuple[Tally, ...]:
    ordered = sorted(counts.verdicts.items(), key=lambda item: _GRAVITY.index(item[0][0]))
    return tuple(Tally(verdict, action, count, counts.newest[verdict]) for (verdict, action), count in ordered)


def _reasons(counts: _Counts, policy: Policy) -> tuple[Tally, ...]:
    tallies = []
    for rule_id, count in sorted(counts.reasons.items(), key=lambda item: (-item[1], item[0])):
        rule = policy.rule(rule_id)
        effect = "" if rule is None else rule.then.verdict.label
        tallies.append(Tally(rule_id, effect, count, counts.newest[f"rule {rule_id}"]))
    return tuple(tallies)


def _index_levels(lake: Lake, first_on: date, last_on: date) -> list[float]:
    inside = lake.index_panel.filter(pl.col("session_on").is_between(first_on, last_on))
    if inside.is_empty():
        message = f"the index has no level from {first_on} to {last_on}; take an index that covers the run"
        raise DataError(message)
    return inside["close_usd"].to_list()


def _returns(levels: list[float]) -> Array:
    """The return from each level to the next."""
    path: Array = np.array(levels)
    steps: Array = path[1:] / path[:-1] - 1.0
    return steps


def _turnover_frac(traded_usd: Decimal, equities: list[float]) -> float:
    years = len(equities) / _SESSIONS_A_YEAR
    average = sum(equities) / len(equities)
    return float(traded_usd) / 2.0 / average / years
