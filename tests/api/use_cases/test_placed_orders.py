"""Orders that went out, and how they fared, from the log alone."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from adapters.lake.lake import Lake
from api.use_cases.market import advanced_session
from api.use_cases.ordering import OrderCommand, OrderOutcome, submitted_order
from api.use_cases.placed_orders import orders_page, placed_order
from api.use_cases.service import Service
from nodes.vocabulary.errors import EdgeError
from tests.api.http.serving import paper_settings, served


@pytest.fixture(scope="module")
def service(tmp_path_factory: pytest.TempPathFactory, lake: Lake) -> Iterator[Service]:
    folder: Path = tmp_path_factory.mktemp("orders")
    with served(paper_settings(folder / "home", accounts=("one", "two")), lake) as home:
        yield home.service


def _ordered(service: Service, account_id: str, symbol: str, order_shares: int) -> OrderOutcome:
    command = OrderCommand(account_id, "ann", f"{symbol}{order_shares}", symbol, order_shares, "my-name")
    return submitted_order(service, command).result(30)


def test_an_order_is_followed_from_acceptance_to_its_fill(service: Service) -> None:
    cl_ord_id = _ordered(service, "one", "AAPL", 10).cl_ord_id
    assert cl_ord_id is not None
    with service.store.reader() as reader:
        placed = placed_order(reader, cl_ord_id)
    assert placed.is_open
    assert (placed.principal, placed.client_order_id, placed.filled_shares) == ("ann", "my-name", 0)
    advanced_session(service, "ann")
    with service.store.reader() as reader:
        filled = placed_order(reader, cl_ord_id)
    assert (filled.status, filled.filled_shares, filled.is_open) == ("filled", 10, False)
    assert filled.filled_price_usd is not None
    assert filled.changed_at > placed.changed_at


def test_an_order_that_is_not_there_is_not_found(service: Service) -> None:
    with service.store.reader() as reader, pytest.raises(EdgeError, match="no order is called 'NONE'") as caught:
        placed_order(reader, "NONE")
    assert caught.value.reason == "not-found"


@pytest.mark.parametrize("name", ["A\x00B", "\ud800", "A\nB"])
def test_a_name_that_no_order_can_have_is_not_asked_of_the_database(service: Service, name: str) -> None:
    """PostgreSQL refuses NUL in a text, and neither database can look for half a character."""
    with service.store.reader() as reader, pytest.raises(EdgeError, match="no order is called") as caught:
        placed_order(reader, name)
    assert caught.value.reason == "not-found"


def test_a_denied_order_went_nowhere(service: Service) -> None:
    assert _ordered(service, "two", "AAPL", 1).cl_ord_id is None
    with service.store.reader() as reader:
        assert orders_page(reader, "two", 10, reader.head().size).orders == ()


def test_a_page_holds_the_orders_of_one_account(service: Service) -> None:
    _ordered(service, "two", "GOOG", 10)
    with service.store.reader() as reader:
        page = orders_page(reader, "two", 10, reader.head().size)
    assert [order.answer.symbol for order in page.orders] == ["GOOG"]
