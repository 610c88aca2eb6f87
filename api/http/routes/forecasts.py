"""Over HTTP, forecasts: a route for each reading of `api.use_cases.data_reading_forecasts`."""

from __future__ import annotations

from litestar import Router

from api.http.readings import handler
from api.use_cases.data_reading_forecasts import READINGS

ROUTER = Router("/", route_handlers=[handler(reading) for reading in READINGS])
