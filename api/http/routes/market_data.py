"""Over HTTP, market data: a route for each reading of `api.use_cases.data_reading_market` and `..._options`."""

from __future__ import annotations

from litestar import Router

from api.http.readings import handler
from api.use_cases.data_reading_market import READINGS as MARKET
from api.use_cases.data_reading_options import READINGS as OPTIONS

ROUTER = Router("/", route_handlers=[handler(reading) for reading in (*MARKET, *OPTIONS)])
