"""Over HTTP, luck: a route for each question of `api.use_cases.significance`.

All are POST, because what is asked about comes in the body; none changes anything. An answer is computed in a thread,
so that nobody waits for it but who asked.
"""

from __future__ import annotations

from asyncio import to_thread
from typing import Any

import msgspec
from litestar import Request, Response, Router, post
from litestar.di import Provide
from litestar.handlers import HTTPRouteHandler

from api.http.bodies import decoded, require_json
from api.http.problems import RequestError
from api.http.reading_room import ReadingRoom, RoomHere, room_of
from api.use_cases import significance_events, significance_haircuts, significance_panels, significance_sharpe
from api.use_cases.model_reading import family_view
from api.use_cases.significance import Question
from nodes.vocabulary.errors import DataError

SCOPE = "research:run"
PREFIX = "/api/v1/significance/"
MAX_BODY_BYTES = 32 * 1_048_576
"""Longest body that is read here: 200 strategies over 2,500 sessions are some 10 MB."""
QUESTIONS = (
    *significance_panels.QUESTIONS,
    *significance_sharpe.QUESTIONS,
    *significance_haircuts.QUESTIONS,
    *significance_events.QUESTIONS,
)


def handler(question: Question) -> HTTPRouteHandler:
    """The route of a question."""
    decoder = msgspec.json.Decoder(question.asked)

    async def answered(request: Request[Any, Any, Any], room: RoomHere) -> Response[Any]:
        require_json(dict(request.scope["headers"]))
        return Response(await to_thread(_answer, question, decoder, await request.body(), room))

    told = Response[question.told]  # type: ignore[name-defined]  # known when it runs
    answered.__annotations__ = {"request": Request[Any, Any, Any], "room": RoomHere, "return": told}
    answered.__name__, answered.__doc__ = operation_id(question), question.text
    problems = ("invalid",) if question.counted is None else ("invalid", "not-found")
    return post(
        PREFIX + question.name,
        operation_id=operation_id(question),
        status_code=200,
        summary=question.summary,
        tags=["significance"],
        opt={"scope": SCOPE, "body": question.asked, "problems": problems},
        request_max_body_size=MAX_BODY_BYTES,
    )(answered)


def operation_id(question: Question) -> str:
    """The id of a question's operation."""
    return f"test_{question.name.replace('-', '_')}"


def _answer(
    question: Question, decoder: msgspec.json.Decoder[Any], content: bytes, room: ReadingRoom
) -> msgspec.Struct:
    """Raises RequestError for a sample from which nothing can be inferred: it is the client's, not the server's."""

    def ledger(family: str) -> int:
        with room.view() as reader:
            return family_view(reader, family).n_trials

    try:
        asked = decoded(content, decoder)
        return question.answer(asked if question.counted is None else question.counted(asked, ledger))
    except DataError as error:
        raise RequestError(str(error), reason="invalid") from error


ROUTER = Router(
    "/",
    route_handlers=[handler(question) for question in QUESTIONS],
    dependencies={"room": Provide(room_of, sync_to_thread=False)},
)
