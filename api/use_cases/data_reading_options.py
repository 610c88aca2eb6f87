"""What can be read of listed options: chains, volatilities with Greeks, quotes that cannot be, surfaces."""

from __future__ import annotations

from dataclasses import fields
from datetime import date
from typing import Annotated

import polars as pl

from adapters.lake.domains.identity import IDENTITY
from adapters.lake.domains.options import OPTION_OPEN_INTEREST, OPTION_QUOTES, OPTION_VENDOR_GREEKS
from adapters.lake.facts.domain import Domain
from adapters.lake.views.option_values import Slice
from adapters.lake.views.options import Pricing, chain, iv_table, surface
from api.use_cases.data_reading import Reading, Says, Standpoint, Symbol, columns, within
from api.use_cases.data_reading_market import TAG, security_id
from nodes.kernels.options.arbitrage import ArbitrageFlags
from nodes.kernels.options.pricing import Greeks
from nodes.vocabulary.errors import DataError

_PATH = "/market-data/options/{symbol}"
Expiry = Annotated[date | None, Says("Only options that expire on this day.")]
RateFrac = Annotated[float, Says("Continuous interest rate a year, e.g. 0.02.", least=-1, most=1)]
SpotUsd = Annotated[
    float | None, Says("Price of the underlying; without it, what its own calls and puts agree on.", least=0)
]
MaxAgeS = Annotated[int, Says("Oldest quote that counts, in seconds.", least=1, most=31_536_000)]


def option_chain(at: Standpoint, symbol: Symbol, expiry_on: Expiry = None, max_age_s: MaxAgeS = 86_400) -> pl.DataFrame:
    """The option chain: the newest quote of each contract that had not expired.

    A missing side is null, and leaves no middle.
    """
    return chain(at.store, _underlying(at, symbol), at.as_of, expiry_on, max_age_s)


def implied_volatilities(
    at: Standpoint, symbol: Symbol, rate_frac: RateFrac = 0.0, spot_usd: SpotUsd = None, expiry_on: Expiry = None
) -> pl.DataFrame:
    """The chain with implied volatilities and Greeks, and what is wrong with each quote.

    Volatilities stand on the forward that calls and puts of an expiry agree on. Where there is none, `unsolved` says
    why. `is_flagged` is set for a quote that breaks parity or pays without risk: see the flags beside it.
    """
    found = _priced(at, symbol, Pricing(rate_frac, spot_usd), expiry_on)
    return pl.DataFrame(schema=_PRICED) if found is None else found


def option_flags(
    at: Standpoint, symbol: Symbol, rate_frac: RateFrac = 0.0, spot_usd: SpotUsd = None, expiry_on: Expiry = None
) -> pl.DataFrame:
    """The quotes that break put-call parity or another bound without arbitrage, each with the bounds it breaks."""
    found = _priced(at, symbol, Pricing(rate_frac, spot_usd), expiry_on)
    return pl.DataFrame(schema=_FLAGGED) if found is None else found.filter("is_flagged")


def volatility_surface(
    at: Standpoint, symbol: Symbol, rate_frac: RateFrac = 0.0, spot_usd: SpotUsd = None
) -> pl.DataFrame:
    """The volatility surface: a row an expiry, with the parameters of its slice (raw SVI) and how well it fits.

    Total variance at log-moneyness k is level + slope * (tilt * (k - centre) + sqrt((k - centre)^2 + width^2)).
    Expiries with fewer than five usable volatilities have no slice. `calendar_gap` is of the surface as a whole: below
    zero, total variance shrinks with time somewhere.
    """
    try:
        found = surface(at.store, _underlying(at, symbol), at.as_of, Pricing(rate_frac, spot_usd))
    except DataError as error:
        raise DataError(str(error), reason="not-known") from error
    rows = [] if found is None else [_slice(each) | {"calendar_gap": found.check.calendar_gap} for each in found.slices]
    return pl.DataFrame(rows, schema=_SURFACE)


def open_interest(at: Standpoint, symbol: Symbol, expiry_on: Expiry = None) -> pl.DataFrame:
    """Open interest of each contract, by day, from the next morning's report on."""
    return _of_underlying(at, symbol, expiry_on, OPTION_OPEN_INTEREST)


def vendor_greeks(at: Standpoint, symbol: Symbol, expiry_on: Expiry = None) -> pl.DataFrame:
    """A vendor's volatilities and Greeks as he states them, each with what we found of it: agrees, wrong, unchecked."""
    return _of_underlying(at, symbol, expiry_on, OPTION_VENDOR_GREEKS)


def _of_underlying(at: Standpoint, symbol: str, expiry_on: date | None, domain: Domain) -> pl.DataFrame:
    own = (pl.col("underlying_id") == _underlying(at, symbol)) & within("expiry_on", expiry_on, expiry_on)
    rows = at.store.as_of(domain, at.as_of, where=own)
    return rows.sort("event_at", "expiry_on", "strike_usd", "right").collect()


def _underlying(at: Standpoint, symbol: str) -> str:
    """The security of a ticker; the ticker itself where the lake knows no identities."""
    if IDENTITY.name not in at.store.domains():
        return symbol
    return security_id(at, symbol, None)


def _priced(at: Standpoint, symbol: str, pricing: Pricing, expiry_on: date | None) -> pl.DataFrame | None:
    try:
        found = iv_table(at.store, _underlying(at, symbol), at.as_of, pricing, expiry_on)
    except DataError as error:
        raise DataError(str(error), reason="not-known") from error
    return None if found.is_empty() else found


def _slice(each: Slice) -> dict[str, object]:
    fit, smile = each.fit, each.fit.smile
    return {
        "expiry_on": each.expiry_on,
        "years": smile.years,
        "forward_usd": each.forward_usd,
        "n_points": each.n_points,
        **{name: getattr(smile, name) for name in _SMILE},
        **{name: getattr(fit, name) for name in _FIT},
        "has_no_butterfly": bool(fit.has_no_butterfly),
    }


_F = pl.Float64()
_SMILE = ("level", "slope", "tilt", "centre", "width")
_FIT = ("rmse_frac", "worst_frac", "least_density", "low_k", "high_k")
_CHAIN = {
    **OPTION_QUOTES.keys,
    **OPTION_QUOTES.values,
    "age_s": _F,
    "middle_usd": _F,
    "open_interest": pl.Int64(),
    "years": _F,
}
_FLAG = {f"is_{field.name}": pl.Boolean() for field in fields(ArbitrageFlags)}
_PRICED = {
    **_CHAIN,
    "forward_usd": _F,
    "is_out": pl.Boolean(),
    "implied_volatility_frac": _F,
    "unsolved": pl.String(),
    **{field.name: _F for field in fields(Greeks)},
    **_FLAG,
    "is_flagged": pl.Boolean(),
}
_FLAGGED = {**_CHAIN, **_FLAG}
_SURFACE = {
    "expiry_on": pl.Date(),
    "years": _F,
    "forward_usd": _F,
    "n_points": pl.Int64(),
    **dict.fromkeys((*_SMILE, *_FIT), _F),
    "has_no_butterfly": pl.Boolean(),
    "calendar_gap": _F,
}
_QUOTED, _ALSO = (OPTION_QUOTES,), (OPTION_OPEN_INTEREST, IDENTITY)

READINGS: tuple[Reading, ...] = (
    Reading("option-chain", f"{_PATH}/chain", TAG, option_chain, _CHAIN, _QUOTED, _ALSO),
    Reading("implied-volatilities", f"{_PATH}/volatilities", TAG, implied_volatilities, _PRICED, _QUOTED, _ALSO),
    Reading("option-flags", f"{_PATH}/flags", TAG, option_flags, _FLAGGED, _QUOTED, _ALSO),
    Reading("volatility-surface", f"{_PATH}/surface", TAG, volatility_surface, _SURFACE, _QUOTED, _ALSO),
    Reading(
        "open-interest",
        f"{_PATH}/open-interest",
        TAG,
        open_interest,
        columns(OPTION_OPEN_INTEREST),
        (OPTION_OPEN_INTEREST,),
        (IDENTITY,),
    ),
    Reading(
        "vendor-greeks",
        f"{_PATH}/vendor-greeks",
        TAG,
        vendor_greeks,
        columns(OPTION_VENDOR_GREEKS),
        (OPTION_VENDOR_GREEKS,),
        (IDENTITY,),
    ),
)
