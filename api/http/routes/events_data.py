"""Over HTTP, events: a route for each reading of `api.use_cases.data_reading_events`."""

from __future__ import annotations

from litestar import Router

from api.http.readings import handler
from api.use_cases.data_reading_events import READINGS

ROUTER = Router("/", route_handlers=[handler(reading) for reading in READINGS])
