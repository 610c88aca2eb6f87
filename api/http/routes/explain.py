"""What became of a symbol and why: `GET /api/v1/explain/{symbol}`."""

from __future__ import annotations

from typing import Annotated

from litestar import Router, get
from litestar.di import Provide
from litestar.params import PathParameter, QueryParameter

from api.http.asked import AsOf, ViewAsked, asked_instant
from api.http.parts import PrincipalHere
from api.http.reading_room import RoomHere, room_of
from api.http.schemas.signal_words import View
from api.http.schemas.signals import story_view
from api.http.schemas.why_not import ExplanationView, explanation_view
from api.http.signal_room import SignalsHere, signals_of
from api.use_cases.explaining import explanation
from api.use_cases.why_not import why_not

SCOPE = "plan:read"


@get(
    "/api/v1/explain/{symbol:str}",
    operation_id="explain",
    summary="What became of a symbol, and why",
    tags=["plan"],
    opt={"scope": SCOPE, "problems": ("unknown-symbol",)},
    sync_to_thread=True,
)
def symbol_explanation(  # noqa: PLR0913, PLR0917  # one argument a parameter
    room: RoomHere,
    principal: PrincipalHere,
    symbol: Annotated[str, PathParameter(description="A share, e.g. AAPL.", pattern=r"^[A-Z][A-Z0-9.\-]{0,14}$")],
    signals: SignalsHere,
    account_id: Annotated[
        str | None, QueryParameter(description="For whom; the server's first account without it.", max_length=128)
    ] = None,
    as_of: AsOf = None,
    view: ViewAsked = "expert",
) -> ExplanationView:
    """Its row of the newest day plan, what made its score, its newest decision, every reason, and counterfactuals.

    Reasons are told for experts and for beginners from the same numbers; `signal` tells the pick in one view's words.
    """
    wanted = account_id or room.service.accounts[0]
    principal.require_account(wanted)
    with room.view() as reader:
        found = explanation(reader, symbol, wanted, asked_instant(as_of))
        counterfactual = None if found.decision is None else why_not(reader, found.decision, room.counterfactuals)
        told = signals.desk.told(reader, found.row.plan, is_now=as_of is None).answer
        changes = signals.desk.changes(reader, found.row.plan, symbol)
    return explanation_view(found, counterfactual, story_view(told, symbol, View(view), changes))


ROUTER = Router(
    "/",
    route_handlers=[symbol_explanation],
    dependencies={
        "room": Provide(room_of, sync_to_thread=False),
        "signals": Provide(signals_of, sync_to_thread=False),
    },
)
