"""Service level objectives over HTTP: `GET /internal/slo/status`."""

from __future__ import annotations

from litestar import Router, get

from api.http.parts import PartsHere
from api.http.schemas.slo import SloView, slo_view


@get(
    "/internal/slo/status",
    opt={"scope": "operate"},
    operation_id="slo_status",
    tags=["operations"],
    summary="Error budgets and how fast they burn",
    sync_to_thread=True,
)
def slo_status(parts: PartsHere) -> SloView:
    """Every objective with its burn rates and what of its budget is left, from what the home's servers counted.

    A rate is null where there were no events: nothing is known of how they would have gone.
    """
    keeper = parts.slo
    at = keeper.clock()
    return slo_view(keeper.policy, at, keeper.statuses(at))


ROUTER = Router("/", route_handlers=[slo_status])
