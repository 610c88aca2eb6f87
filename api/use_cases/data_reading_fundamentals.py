"""What can be read of companies: numbers of statements, filings, estimates, ratings, ownership."""

from __future__ import annotations

from dataclasses import asdict
from datetime import date, timedelta
from typing import Annotated, Literal

import polars as pl

from adapters.lake.domains.corporate_actions import CORPORATE_ACTIONS, SPLIT
from adapters.lake.domains.estimates import EARNINGS_ACTUALS, ESTIMATES
from adapters.lake.domains.filings import FILINGS
from adapters.lake.domains.fundamentals import FUNDAMENTALS
from adapters.lake.domains.identity import IDENTITY
from adapters.lake.domains.ownership import INSIDER_HOLDINGS, OWNERSHIP_13F
from adapters.lake.domains.ratings import RATINGS
from adapters.lake.facts.domain import INSTANT
from adapters.lake.views.estimates import NO_SPLITS, actuals, consensus
from adapters.lake.views.fundamentals import (
    Question,
    first_print,
    periods,
    revisions,
    statement,
    trailing_sums,
    value_as_of,
)
from adapters.lake.views.ownership import holdings_of, insider_forms, insiders, institutional_holders
from adapters.lake.views.ratings import rating_consensus, rating_history, standing_ratings
from api.use_cases.data_reading import EndOn, Reading, Says, Standpoint, StartOn, Symbol, columns, within
from api.use_cases.data_reading_market import security_id
from nodes.vocabulary.errors import DataError

TAG = "fundamentals"
_PATH = "/fundamentals/{symbol}"
Concept = Annotated[
    str,
    Says("Taxonomy and name, e.g. us-gaap:Assets.", pattern=r"^[a-z][a-z0-9-]{0,31}:[A-Za-z][A-Za-z0-9]{0,199}$"),
]
PeriodEnd = Annotated[date, Says("Last day of the period, or the day of a balance.")]
PeriodStart = Annotated[date | None, Says("First day of the period, where several end on that day.")]
Unit = Annotated[str | None, Says("E.g. USD, where there are several.")]
Version = Annotated[
    Literal["as-of", "first-print", "revisions"],
    Says("The number as it stood, as it was first printed, or every statement of it, the first print first."),
]
Year = Annotated[int, Says("Fiscal year.", least=1900, most=2200)]
Quarter = Annotated[int, Says("Fiscal quarter.", least=1, most=4)]
LifeDays = Annotated[int, Says("How many days a view stands that is not renewed.", least=1, most=3650)]
View = Annotated[Literal["standing", "history"], Says("Each firm's newest, or every one there was.")]


def number(  # noqa: PLR0913, PLR0917  # one argument a parameter
    at: Standpoint,
    symbol: Symbol,
    concept: Concept,
    period_end_on: PeriodEnd,
    version: Version = "as-of",
    period_start_on: PeriodStart = None,
    unit: Unit = None,
) -> pl.DataFrame:
    """A number of a company's statements: as of an instant, its first print, or every revision of it.

    Each row names the filing that states the number, and since when it could be known.
    """
    question = Question(symbol, concept, period_end_on, period_start_on, unit)
    if version == "revisions":
        found = revisions(at.store, question, at.as_of)
    else:
        found = ((value_as_of if version == "as-of" else first_print)(at.store, question, at.as_of),)
    return pl.DataFrame([asdict(each) for each in found], schema=_NUMBER)


def number_periods(at: Standpoint, symbol: Symbol, concept: Concept) -> pl.DataFrame:
    """The periods for which a number was known, the newest first, and how often each was stated."""
    return periods(at.store, symbol, concept, at.as_of)


def financial_statement(
    at: Standpoint,
    symbol: Symbol,
    name: Annotated[Literal["income", "balance", "cash-flow"], Says("Which statement.")],
    period: Annotated[Literal["quarter", "annual"], Says("Of a quarter, or of a fiscal year.")] = "quarter",
) -> pl.DataFrame:
    """The newest statement that was known, each line with the filing that it stands by."""
    return statement(at.store, symbol, name, at.as_of, is_annual=period == "annual")


def trailing_year(
    at: Standpoint,
    symbol: Symbol,
    line: Annotated[Literal["sales", "cost_of_sales", "net_income", "operating_cash_flow"], Says("Which line.")],
) -> pl.DataFrame:
    """Trailing twelve months of a line, by period end, made of what was known."""
    return trailing_sums(at.store, symbol, line, at.as_of)


def filings(
    at: Standpoint,
    symbol: Symbol,
    form: Annotated[str | None, Says("Only this form, e.g. 10-K.")] = None,
    start_on: StartOn = None,
    end_on: EndOn = None,
) -> pl.DataFrame:
    """Filings with the SEC, the newest first, with acceptance and the instant from which each could be read."""
    own = (pl.col("symbol") == symbol) & within("filed_on", start_on, end_on)
    rows = at.store.as_of(FILINGS, at.as_of, where=own if form is None else own & (pl.col("form") == form))
    return rows.sort("known_at", "accession", descending=True).collect()


def estimates(
    at: Standpoint,
    symbol: Symbol,
    fiscal_year: Annotated[int | None, Says("Only of this fiscal year.", least=1900, most=2200)] = None,
    fiscal_quarter: Annotated[int | None, Says("Only of this quarter.", least=1, most=4)] = None,
) -> pl.DataFrame:
    """Estimates of analysts, the newest first: every one that was known, those that were replaced included."""
    own = pl.col("symbol") == symbol
    for name, value in (("fiscal_year", fiscal_year), ("fiscal_quarter", fiscal_quarter)):
        own = own if value is None else own & (pl.col(name) == value)
    facts = at.store.history(ESTIMATES, at.as_of, own).filter(~pl.col("is_retracted"))
    return facts.sort("known_at", "sequence", descending=True).collect()


def estimate_consensus(
    at: Standpoint, symbol: Symbol, fiscal_year: Year, fiscal_quarter: Quarter, life_days: LifeDays = 365
) -> pl.DataFrame:
    """The consensus of earnings a share for a quarter, from each analyst's newest estimate that stood.

    Estimates made before a split are brought to the shares of the instant, if the lake knows the split.
    """
    quarter = (symbol, fiscal_year, fiscal_quarter)
    found = consensus(at.store, quarter, at.as_of, _splits(at, symbol), timedelta(days=life_days))
    return pl.DataFrame([asdict(found)], schema=_CONSENSUS)


def surprises(
    at: Standpoint,
    symbol: Symbol,
    measure: Annotated[Literal["eps_usd", "revenue_usd"], Says("Of which number.")] = "eps_usd",
) -> pl.DataFrame:
    """Announced numbers against the consensus before them, the newest quarter first."""
    return actuals(at.store, symbol, at.as_of, measure)


def ratings(at: Standpoint, symbol: Symbol, view: View = "standing", life_days: LifeDays = 365) -> pl.DataFrame:
    """Ratings by analysts' firms: the newest of each that stood, or every one that was known."""
    if view == "history":
        return rating_history(at.store, symbol, at.as_of)
    return standing_ratings(at.store, symbol, at.as_of, timedelta(days=life_days))


def ratings_consensus(at: Standpoint, symbol: Symbol, life_days: LifeDays = 365) -> pl.DataFrame:
    """The consensus of ratings, made of each firm's newest one and nothing else."""
    found = rating_consensus(at.store, symbol, at.as_of, timedelta(days=life_days))
    return pl.DataFrame([asdict(found)], schema=_RATING_CONSENSUS)


def holders(at: Standpoint, symbol: Symbol) -> pl.DataFrame:
    """Institutions that hold a share, by their newest 13F that was public, the largest first."""
    return institutional_holders(at.store, symbol, at.as_of)


def holdings(
    at: Standpoint, filer: Annotated[str, Says("CIK of the institution.", pattern=r"^[A-Za-z0-9-]{1,32}$")]
) -> pl.DataFrame:
    """What an institution holds, by its newest 13F that was public, the largest first."""
    return holdings_of(at.store, filer, at.as_of)


def insider_positions(at: Standpoint, symbol: Symbol) -> pl.DataFrame:
    """What each insider of a company owns, by the newest form that was public."""
    return insiders(at.store, symbol, at.as_of)


def insider_filings(at: Standpoint, symbol: Symbol) -> pl.DataFrame:
    """Forms 3, 4 and 5 of a company's insiders, the newest first, from their filing on."""
    return insider_forms(at.store, symbol, at.as_of)


def _splits(at: Standpoint, symbol: str) -> pl.DataFrame:
    """The splits in force of a symbol's security; none where the lake does not know them."""
    if not {CORPORATE_ACTIONS.name, IDENTITY.name} <= set(at.store.domains()):
        return NO_SPLITS
    try:
        owner = security_id(at, symbol, None)
    except DataError:
        return NO_SPLITS
    own = (pl.col("security_id") == owner) & (pl.col("kind") == SPLIT)
    known = at.store.as_of(CORPORATE_ACTIONS, at.as_of, event_at=at.as_of, where=own)
    return known.select(pl.lit(symbol).alias("symbol"), "ex_on", "ratio").collect()


_S, _F, _I, _D, _B = pl.String(), pl.Float64(), pl.Int64(), pl.Date(), pl.Boolean()
_NUMBER = {
    "symbol": _S, "concept": _S, "unit": _S, "period_start_on": _D, "period_end_on": _D, "value": _F, "accession": _S,
    "form": _S, "filed_on": _D, "known_at": INSTANT, "kind": _S, "is_retracted": _B,
}  # fmt: skip
_PERIODS = {"unit": _S, "period_start_on": _D, "period_end_on": _D, "n_revisions": _I}
_LINES = {name: kind for name, kind in _NUMBER.items() if name not in {"symbol", "kind", "is_retracted"}}
_TRAILING = {"event_at": INSTANT, "known_at": INSTANT, "value": _F}
_CONSENSUS = {
    "symbol": _S, "fiscal_year": _I, "fiscal_quarter": _I, "n_estimates": _I, "mean_usd": _F, "spread_usd": _F,
}  # fmt: skip
_SURPRISES = {
    "fiscal_year": _I, "fiscal_quarter": _I, "value": _F, "consensus": _F, "surprise_frac": _F, "basis": _S,
    "event_at": INSTANT, "known_at": INSTANT,
}  # fmt: skip
_RATINGS = {"rated_on": _D, "firm": _S, "rating": _S, "score": _F, "known_at": INSTANT}
_RATING_CONSENSUS = {"symbol": _S, "n_buy": _I, "n_hold": _I, "n_sell": _I, "mean_score": _F}
_HOLDERS = {
    "filer": _S, "period_on": _D, "shares": _I, "value_usd": _F, "accession": _S, "filed_on": _D, "known_at": INSTANT,
}  # fmt: skip
_HOLDINGS = {
    "cusip": _S, "symbol": _S, "issuer": _S, "kind": _S, "put_call": _S, "shares": _I, "value_usd": _F,
    "period_on": _D, "filed_on": _D, "known_at": INSTANT,
}  # fmt: skip
_INSIDERS = {
    "insider_cik": _S, "shares_owned": _F, "form": _S, "period_on": _D, "filed_on": _D, "is_director": _B,
    "is_officer": _B, "is_ten_percent_owner": _B, "known_at": INSTANT,
}  # fmt: skip
_FORMS = {
    "filed_on": _D, "insider_cik": _S, "form": _S, "period_on": _D, "shares_owned": _F, "bought_shares": _F,
    "sold_shares": _F, "transaction_codes": _S, "accession": _S, "known_at": INSTANT,
}  # fmt: skip

READINGS: tuple[Reading, ...] = (
    Reading("number", f"{_PATH}/facts/{{concept}}", TAG, number, _NUMBER, (FUNDAMENTALS,)),
    Reading("number-periods", f"{_PATH}/facts/{{concept}}/periods", TAG, number_periods, _PERIODS, (FUNDAMENTALS,)),
    Reading("financial-statement", f"{_PATH}/statements/{{name}}", TAG, financial_statement, _LINES, (FUNDAMENTALS,)),
    Reading("trailing-year", f"{_PATH}/trailing/{{line}}", TAG, trailing_year, _TRAILING, (FUNDAMENTALS,)),
    Reading("filings", f"{_PATH}/filings", TAG, filings, columns(FILINGS), (FILINGS,)),
    Reading("estimates", f"{_PATH}/estimates", TAG, estimates, columns(ESTIMATES), (ESTIMATES,)),
    Reading(
        "estimate-consensus",
        f"{_PATH}/estimates/consensus",
        TAG,
        estimate_consensus,
        _CONSENSUS,
        (ESTIMATES,),
        (CORPORATE_ACTIONS, IDENTITY),
    ),
    Reading("surprises", f"{_PATH}/surprises", TAG, surprises, _SURPRISES, (EARNINGS_ACTUALS,)),
    Reading("ratings", f"{_PATH}/ratings", TAG, ratings, _RATINGS, (RATINGS,)),
    Reading("ratings-consensus", f"{_PATH}/ratings/consensus", TAG, ratings_consensus, _RATING_CONSENSUS, (RATINGS,)),
    Reading("holders", f"{_PATH}/holders", TAG, holders, _HOLDERS, (OWNERSHIP_13F,)),
    Reading("holdings", "/fundamentals/filers/{filer}/holdings", TAG, holdings, _HOLDINGS, (OWNERSHIP_13F,)),
    Reading("insiders", f"{_PATH}/insiders", TAG, insider_positions, _INSIDERS, (INSIDER_HOLDINGS,)),
    Reading("insider-filings", f"{_PATH}/insiders/filings", TAG, insider_filings, _FORMS, (INSIDER_HOLDINGS,)),
)
