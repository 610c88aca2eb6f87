"""A route that is planned and not sent: the order run of the policy in force, with nothing appended.

What it says is what a decision would say that is made now: the same plan, account, venues and quotes. Quotes may be
given; without them the books are estimated from the last bar, as for an order that is sent.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from api.use_cases.deciding import OrderRequest, order_snapshot
from api.use_cases.service import Service
from dataflows.engine.run import OrderRun
from nodes.journal.account import account_from_bytes
from nodes.kernels.routing.assessment import Assessment, assessed, cost_parts_bps, venue_costs
from nodes.kernels.routing.expected_cost import Order, RouteParams
from nodes.kernels.routing.venues import VenueBook, books_text, checked_book, distinct_books
from nodes.vocabulary.absent import Absent
from nodes.vocabulary.errors import EdgeError

_QUOTED = "venue_quotes"


@dataclass(frozen=True, slots=True)
class RouteQuestion:
    """An order whose route is asked for.

    Attributes:
        account_id: the account that would trade.
        principal: who asks.
        symbol: of which share.
        order_shares: how many; negative to sell.
        books: what venues show; () to estimate it from the last bar.
    """

    account_id: str
    principal: str
    symbol: str
    order_shares: int
    books: tuple[VenueBook, ...] = ()


@dataclass(frozen=True, slots=True)
class ChildOrder:
    """What one venue gets of an order.

    Attributes:
        venue: where it goes.
        shares: how many, always positive.
        limit_e4: worst price that it accepts, in 1/10,000 USD.
        how: auction, take or post.
    """

    venue: str
    shares: int
    limit_e4: int
    how: str


@dataclass(frozen=True, slots=True)
class VenueAnswer:
    """What a router says of one venue.

    Attributes:
        venue: its name.
        cost_bps: what the whole order would cost there; None where it shows nothing.
        parts: the same in parts, with the part of the order that is expected to be filled.
        reason: why it was chosen or not.
    """

    venue: str
    cost_bps: float | None
    parts: dict[str, float]
    reason: str


@dataclass(frozen=True)
class PlannedRoute:
    """What the router would do with an order, and whether the policy would let it out.

    Attributes:
        question: what was asked.
        run: the order run.
        children: what would go where; () when nothing would.
        route_cost_bps: what the split is expected to cost; None where no market is known.
        venues: what is said of each venue.
        is_quoted: whether venues were quoted; else their books are estimated.
    """

    question: RouteQuestion
    run: OrderRun
    children: tuple[ChildOrder, ...]
    route_cost_bps: float | None
    venues: tuple[VenueAnswer, ...]
    is_quoted: bool


def planned_route(service: Service, question: RouteQuestion) -> PlannedRoute:
    """The route of an order as it would be decided now; nothing is written.

    Raises:
        EdgeError: the account is not served or has no day plan, or the symbol is not in it.
        DataError: the quotes are none that venues could show.
    """
    service.require_account(question.account_id)
    quotes = books_text(checked_book(book) for book in distinct_books(question.books))
    desk = service.desk(question.account_id, question.principal)
    request, state = _request(service, question, quotes)
    run = desk.active.order.order(
        order_snapshot(desk, state, request), request.as_of, (request.session_trace,), desk.salt_key()
    )
    route, cost = run.values["route"], run.values["route_cost_bps"]
    return PlannedRoute(
        question=question,
        run=run,
        children=() if isinstance(route, Absent) else tuple(ChildOrder(*part) for part in route),
        route_cost_bps=None if isinstance(cost, Absent) else cost,
        venues=venue_answers(run.values),
        is_quoted=bool(quotes),
    )


def venue_answers(values: Any) -> tuple[VenueAnswer, ...]:  # noqa: ANN401  # the values of a run, live or read back
    """What an order run says of each venue, its parts computed again from what the run read; chosen ones come first."""
    said = values.get("route_reasons")
    found = assessment(values)
    if not isinstance(said, dict) or found is None:
        return ()
    costs = venue_costs(found)
    answers = [
        VenueAnswer(
            venue,
            values["venue_costs_bps"].get(venue),
            cost_parts_bps(found, costs[venue]) if venue in costs else {},
            reason,
        )
        for venue, reason in said.items()
    ]
    return tuple(sorted(answers, key=_place))


def _place(answer: VenueAnswer) -> tuple[bool, float, str]:
    return not answer.reason.startswith("chosen"), answer.cost_bps or 0.0, answer.venue


def assessment(values: Any) -> Assessment | None:  # noqa: ANN401
    """What the router made of an order run: a function of values that its trace holds. None where it made nothing."""
    books, terms, asked = (values.get(name) for name in ("venue_books", "venue_terms", "routed_order"))
    if not (isinstance(books, str) and isinstance(terms, str) and isinstance(asked, tuple)):
        return None
    direction, shares, limit_e4, adv_shares, *params = asked
    order = Order(direction, shares, limit_e4, adv_shares, may_post=True)
    return assessed(books, terms, order, RouteParams(*params))


def _request(service: Service, question: RouteQuestion, quotes: str) -> tuple[OrderRequest, Any]:
    with service.store.reader() as reader:
        row = reader.account(question.account_id)
    state = None if row is None else account_from_bytes(row.content)
    if state is None or state.plan_trace is None:
        message = f"account {question.account_id!r} has no day plan; advance the session first"
        raise EdgeError(message, reason="session-closed")
    plan = service.day_plans.known(question.account_id, state.plan_trace)
    if plan is None:
        service.day_plans.read(service.store, [question.account_id])
        plan = service.day_plans.known(question.account_id, state.plan_trace)
    found = None if plan is None else plan.rows.get(question.symbol)
    if plan is None or found is None:
        message = (
            f"{question.symbol!r} is not in the day plan of account {question.account_id!r}; name one of its symbols"
        )
        raise EdgeError(message, reason="unknown-symbol")
    fields = {**found.fields, "proposed_order_shares": question.order_shares}
    return OrderRequest(plan.session_on, plan.as_of, fields, plan.trace, plan.entry_id, quotes=quotes), state
