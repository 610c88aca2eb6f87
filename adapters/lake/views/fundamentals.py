"""Fundamentals as somebody could have known them: a value as of an instant, its first print, its every revision.

Statements and trailing years are made of the same facts; nothing here sees a fact before it was known.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from itertools import pairwise

import polars as pl

from adapters.lake.domains.fundamentals import FUNDAMENTALS
from adapters.lake.facts.store import FactStore
from nodes.kernels.statements import FACT, LINES, trailing_years
from nodes.vocabulary.errors import DataError
from nodes.vocabulary.instants import instant_text

_CONCEPT = re.compile(r"([a-z][a-z0-9-]*):([A-Za-z][A-Za-z0-9]*)", re.ASCII)
_QUARTER_DAYS, _YEAR_DAYS = (80, 100), (350, 380)
# The newest word on a year's end is often that of the next quarter's report: the year is known by any word on it.
_IS_ANNUAL_REPORT = pl.col("form").str.contains("^(10-K|20-F|40-F)")
FLOWS = ("sales", "cost_of_sales", "net_income", "operating_cash_flow")
STATEMENTS: Mapping[str, tuple[str, ...]] = {
    "income": (
        *LINES["sales"], *LINES["cost_of_sales"], "GrossProfit", "ResearchAndDevelopmentExpense",
        "SellingGeneralAndAdministrativeExpense", "OperatingExpenses", "OperatingIncomeLoss",
        "IncomeTaxExpenseBenefit", *LINES["net_income"], "EarningsPerShareBasic", "EarningsPerShareDiluted",
        "WeightedAverageNumberOfDilutedSharesOutstanding",
    ),
    "balance": (
        "CashAndCashEquivalentsAtCarryingValue", "AccountsReceivableNetCurrent", "InventoryNet", "AssetsCurrent",
        "PropertyPlantAndEquipmentNet", "Assets", "AccountsPayableCurrent", "LiabilitiesCurrent",
        "LongTermDebtNoncurrent", "Liabilities", "RetainedEarningsAccumulatedDeficit", *LINES["equity"],
        "LiabilitiesAndStockholdersEquity",
    ),
    "cash-flow": (
        *LINES["operating_cash_flow"], "DepreciationDepletionAndAmortization", "ShareBasedCompensation",
        "PaymentsToAcquirePropertyPlantAndEquipment", "NetCashProvidedByUsedInInvestingActivities",
        "PaymentsForRepurchaseOfCommonStock", "PaymentsOfDividends", "NetCashProvidedByUsedInFinancingActivities",
    ),
}  # fmt: skip
"""Concepts of each statement in the order of the statement; a company states some of them."""


@dataclass(frozen=True)
class Question:
    """Which number is asked for.

    Attributes:
        symbol: of which company.
        concept: taxonomy and name, e.g. us-gaap:Assets.
        period_end_on: the day of a balance, the last day of a period.
        period_start_on: the first day of a period; None takes the only period that ends on that day.
        unit: e.g. USD; None takes the only one.
    """

    symbol: str
    concept: str
    period_end_on: date
    period_start_on: date | None = None
    unit: str | None = None


@dataclass(frozen=True)
class Stated:
    """A number as one filing stated it.

    Attributes:
        symbol: company.
        concept: taxonomy and name.
        unit: unit of the value.
        period_start_on: first day of the period; None for a balance.
        period_end_on: last day, or the day of the balance.
        value: the number.
        accession: the filing.
        form: its form.
        filed_on: its filing date.
        known_at: when it could first be known.
        kind: first-print, confirmed (the same number again) or restated (another one).
        is_retracted: whether the source took it back.
    """

    symbol: str
    concept: str
    unit: str
    period_start_on: date | None
    period_end_on: date
    value: float
    accession: str
    form: str
    filed_on: date
    known_at: datetime
    kind: str
    is_retracted: bool


def revisions(store: FactStore, question: Question, known_at: datetime) -> tuple[Stated, ...]:
    """Every statement of a number that was known at an instant, the first print first.

    Raises:
        DataError: none was known, or the question fits several numbers.
    """
    taxonomy, concept = _named(question.concept)
    end_on = pl.col("period_end_on") == question.period_end_on
    where = end_on & (pl.col("taxonomy") == taxonomy) & (pl.col("concept") == concept)
    facts = store.history(FUNDAMENTALS, known_at, where).filter(pl.col("symbol") == question.symbol).collect()
    if question.period_start_on is not None:
        facts = facts.filter(pl.col("period_start_on") == question.period_start_on)
    if question.unit is not None:
        facts = facts.filter(pl.col("unit") == question.unit)
    if facts.is_empty():
        asked = f"{question.symbol} {question.concept} of {question.period_end_on}"
        message = f"nothing was known of {asked} at {instant_text(known_at)}"
        raise DataError(f"{message}; ask for a later instant, or see which periods are known", reason="not-known")
    _refuse_several(facts, question)
    return _stated(facts)


def value_as_of(store: FactStore, question: Question, known_at: datetime) -> Stated:
    """The number as it stood at an instant. Raises DataError when none was known, or the last one was taken back."""
    newest = revisions(store, question, known_at)[-1]
    if newest.is_retracted:
        asked = f"{question.symbol} {question.concept} of {question.period_end_on}"
        message = f"{asked} was taken back by {newest.accession}; ask for its revisions"
        raise DataError(message, reason="not-known")
    return newest


def first_print(store: FactStore, question: Question, known_at: datetime) -> Stated:
    """The number as it was first stated. Raises DataError when none was known at the instant."""
    return revisions(store, question, known_at)[0]


def periods(store: FactStore, symbol: str, concept: str, known_at: datetime) -> pl.DataFrame:
    """The periods of a concept that were known: unit, period_start_on, period_end_on, n_revisions, newest first."""
    taxonomy, name = _named(concept)
    where = (pl.col("taxonomy") == taxonomy) & (pl.col("concept") == name)
    facts = store.history(FUNDAMENTALS, known_at, where).filter(pl.col("symbol") == symbol)
    key = ["unit", "period_start_on", "period_end_on"]
    counted = facts.group_by(key).agg(n_revisions=pl.len())
    return counted.sort("period_end_on", "period_start_on", "unit", descending=True, nulls_last=True).collect()


def statement(store: FactStore, symbol: str, name: str, known_at: datetime, *, is_annual: bool) -> pl.DataFrame:
    """The newest statement known at an instant, each line with the filing that it stands by.

    Args:
        store: the lake.
        symbol: company.
        name: income, balance or cash-flow.
        known_at: the instant.
        is_annual: whether a fiscal year is asked for, else a quarter (of cash flows: the year so far).

    Returns:
        concept, unit, period_start_on, period_end_on, value, accession, form, filed_on, known_at; empty when none was
        known.

    Raises:
        DataError: there is no such statement.
    """
    if name not in STATEMENTS:
        message = f"statement {name!r} does not exist; ask for {', '.join(STATEMENTS)}"
        raise DataError(message)
    concepts = STATEMENTS[name]
    where = (pl.col("taxonomy") == "us-gaap") & pl.col("concept").is_in(concepts)
    facts = store.as_of(FUNDAMENTALS, known_at, where=where).filter(pl.col("symbol") == symbol).collect()
    of_kind = facts.filter(_is_of_length(name, is_annual=is_annual))
    if name == "balance" and is_annual:
        ends = store.history(FUNDAMENTALS, known_at, where).filter(pl.col("symbol") == symbol, _IS_ANNUAL_REPORT)
        of_kind = of_kind.join(ends.select("period_end_on").unique().collect(), on="period_end_on", how="semi")
    newest = of_kind.filter(pl.col("period_end_on") == pl.col("period_end_on").max())
    order = pl.col("concept").replace_strict({concept: at for at, concept in enumerate(concepts)}, default=None)
    longest = newest.sort("concept", "unit", "period_start_on").unique(["concept", "unit"], keep="first")
    columns = (
        "concept",
        "unit",
        "period_start_on",
        "period_end_on",
        "value",
        "accession",
        "form",
        "filed_on",
        "known_at",
    )
    return longest.sort(order, "unit").select(columns)


def trailing_sums(store: FactStore, symbol: str, line: str, known_at: datetime) -> pl.DataFrame:
    """Trailing twelve months of a line, by period end, made of what was known: event_at, known_at, value.

    Args:
        store: the lake.
        symbol: company.
        line: one of `FLOWS`.
        known_at: the instant.

    Raises:
        DataError: there is no such line.
    """
    if line not in FLOWS:
        message = f"line {line!r} has no trailing sum; ask for one of {', '.join(FLOWS)}"
        raise DataError(message)
    where = pl.col("concept").is_in(LINES[line])
    facts = store.history(FUNDAMENTALS, known_at, where).filter(pl.col("symbol") == symbol).collect()
    sums = trailing_years(facts, line).select(FACT).sort("event_at", "known_at", "sequence")
    newest = sums.unique("event_at", keep="last", maintain_order=True)
    return newest.drop_nulls("value").select("event_at", "known_at", "value")


def _is_of_length(name: str, *, is_annual: bool) -> pl.Expr:
    days = (pl.col("period_end_on") - pl.col("period_start_on")).dt.total_days() + 1
    if name == "balance":
        return pl.col("period_start_on").is_null()
    if is_annual:
        return days.is_between(*_YEAR_DAYS)
    return days < _YEAR_DAYS[0] if name == "cash-flow" else days.is_between(*_QUARTER_DAYS)


def _named(concept: str) -> tuple[str, str]:
    found = _CONCEPT.fullmatch(concept)
    if found is None:
        message = f"{concept!r} names no concept; write its taxonomy and name, e.g. us-gaap:Assets"
        raise DataError(message)
    return found[1], found[2]


def _refuse_several(facts: pl.DataFrame, question: Question) -> None:
    several = facts.select("unit", "period_start_on").unique().sort("unit", "period_start_on")
    if several.height > 1:
        found = "; ".join(
            f"unit {unit}" + ("" if start_on is None else f" from {start_on}") for unit, start_on in several.rows()
        )
        message = f"{question.symbol} {question.concept} ending {question.period_end_on} are several numbers: {found}"
        raise DataError(f"{message}; say the first day of the period, or the unit", reason="several-periods")


def _stated(facts: pl.DataFrame) -> tuple[Stated, ...]:
    rows = facts.sort("known_at", "sequence").to_dicts()
    kinds = ["first-print"]
    kinds += ["confirmed" if row["value"] == before["value"] else "restated" for before, row in pairwise(rows)]
    return tuple(
        Stated(
            symbol=row["symbol"],
            concept=f"{row['taxonomy']}:{row['concept']}",
            unit=row["unit"],
            period_start_on=row["period_start_on"],
            period_end_on=row["period_end_on"],
            value=row["value"],
            accession=row["accession"],
            form=row["form"],
            filed_on=row["filed_on"],
            known_at=row["known_at"],
            kind=kind,
            is_retracted=row["is_retracted"],
        )
        for row, kind in zip(rows, kinds, strict=True)
    )
