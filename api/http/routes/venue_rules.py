"""Over HTTP, the rules of the market: a route for each reading of `api.use_cases.venue_rules`."""

from __future__ import annotations

from litestar import Router

from api.http.readings import handler
from api.use_cases.venue_rules import READINGS

ROUTER = Router("/", route_handlers=[handler(reading) for reading in READINGS])
